import { afterAll, beforeAll, expect, test } from 'vitest'
import { pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

/** A namespace with a quota whose status is as its controller would have made it. */
async function room(name: string, hard: Record<string, string>): Promise<string> {
  await server.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const path = `/api/v1/namespaces/${name}`
  const { body } = await server.call('POST', `${path}/resourcequotas`, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard } })
  const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']))
  const answer = await server.call('PUT', `${path}/resourcequotas/q/status`, { ...body, status: { hard, used } })
  expect(answer.status).toBe(200)
  return path
}
const used = async (path: string) => (await server.call('GET', `${path}/resourcequotas/q`)).body.status.used

test('a hundred writers at once get what there is, and no more', async () => {
  const path = await room('many', { pods: '30', 'requests.cpu': '20' })
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => server.call('POST', `${path}/pods`, pod(`p${i}`, { spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: i % 2 ? '500m' : '1' } } }] } }))))
  const made = answers.filter(({ status }) => status === 201)
  const cpu = made.reduce((sum, { body }) => sum + (body.spec.containers[0].resources.requests.cpu === '1' ? 1000 : 500), 0)
  expect(cpu).toBeLessThanOrEqual(20_000)
  expect(made.length).toBeLessThanOrEqual(30)
  expect(cpu > 19_000 || made.length === 30).toBe(true)
  const status = await used(path)
  expect([status.pods, status['requests.cpu']]).toEqual([String(made.length), cpu % 1000 ? `${cpu}m` : String(cpu / 1000)])
  expect(answers.find(({ status: code }) => code !== 201)!.body).toMatchObject({ code: 403, reason: 'Forbidden', message: expect.stringMatching(/^pods "p\d+" is forbidden: exceeded quota: q, requested: /) })
})

test('a dry run takes nothing, and is told what it would not get', async () => {
  const path = await room('dry', { configmaps: '1' })
  const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  expect((await server.call('POST', `${path}/configmaps?dryRun=All`, configMap('a'))).status).toBe(201)
  expect(await used(path)).toEqual({ configmaps: '0' })
  expect((await server.call('POST', `${path}/configmaps`, configMap('a'))).status).toBe(201)
  expect((await server.call('POST', `${path}/configmaps?dryRun=All`, configMap('b'))).body.message).toBe('configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1')
})

test('counts of any kind, and services that change', async () => {
  const path = await room('counts', { 'count/deployments.apps': '0', 'services.nodeports': '1' })
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } } } }
  expect((await server.call('POST', path.replace('/api/v1', '/apis/apps/v1') + '/deployments', deployment)).body.message).toBe('deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0')
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81 }] } }
  expect((await server.call('POST', `${path}/services`, service)).status).toBe(201)
  const patch = (spec: object) => server.call('PATCH', `${path}/services/s`, { spec }, { headers: { 'content-type': 'application/merge-patch+json' } })
  expect((await patch({ type: 'NodePort' })).body.message).toBe('services "s" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1')
  expect((await patch({ type: 'NodePort', ports: [{ name: 'a', port: 80 }] })).status).toBe(200)
  expect(await used(path)).toEqual({ 'count/deployments.apps': '0', 'services.nodeports': '1' })
})
