import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configMap, pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const patchType = { json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json' }

const patch = (path: string, type: keyof typeof patchType, body: unknown) => server.call('PATCH', path, body, { headers: { 'content-type': patchType[type] } })
const get = async (path: string) => structuredClone((await server.call('GET', path)).body)
const made = async (name: string, data: object = {}) => structuredClone((await server.call('POST', configMaps, configMap(name, data))).body)
const deployment = (name: string, more: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } }, ...more },
})

describe('update', () => {
  test('replaces, and keeps what is not the client’s to change', async () => {
    const object = await made('u1', { a: '1' })
    const { body, status } = await server.call('PUT', `${configMaps}/u1`, { ...object, data: { b: '2' }, metadata: { ...object.metadata, creationTimestamp: '2001-01-01T00:00:00Z' } })
    expect(status).toBe(200)
    expect(body).toMatchObject({ data: { b: '2' }, metadata: { uid: object.metadata.uid, creationTimestamp: object.metadata.creationTimestamp } })
    expect(body.data.a).toBeUndefined()
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(object.metadata.resourceVersion))
  })

  test('without a change writes nothing', async () => {
    const object = await made('u2', { a: '1' })
    expect((await server.call('PUT', `${configMaps}/u2`, object)).body.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })

  test('of an older version is refused; without a version it overwrites', async () => {
    const old = await made('u3')
    await patch(`${configMaps}/u3`, 'merge', { data: { x: 'y' } })
    const refused = await server.call('PUT', `${configMaps}/u3`, { ...old, data: { z: 'z' } })
    expect(refused.body).toMatchObject({ code: 409, reason: 'Conflict', message: 'Operation cannot be fulfilled on configmaps "u3": the object has been modified; please apply your changes to the latest version and try again' })
    expect((await server.call('PUT', `${configMaps}/u3`, configMap('u3', { z: 'z' }))).status).toBe(200)
  })

  test.each([
    ['another name', configMap('other'), 400, 'the name of the object (other) does not match the name on the URL (u4)'],
    ['another namespace', configMap('u4', {}, { namespace: 'other' }), 400, 'the namespace of the object (other) does not match the namespace on the request (default)'],
    ['no name', configMap(''), 400, 'the name of the object (u4 based on URL) was undeterminable: name must be provided'],
    ['another uid', configMap('u4', {}, { uid: 'abc' }), 409, /Precondition failed: UID in precondition: abc, UID in object meta: /],
    ['a version that is no number', configMap('u4', {}, { resourceVersion: 'new' }), 409, /object has been modified/],
  ])('with %s is refused', async (_, body, code, message) => {
    await server.call('POST', configMaps, configMap('u4'))
    expect((await server.call('PUT', `${configMaps}/u4`, body)).body).toMatchObject({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) })
  })

  test('of what is not there is 404, save for kinds that are created by it', async () => {
    expect((await server.call('PUT', `${deployments}/none`, deployment('none'))).body).toMatchObject({ code: 404, message: 'deployments.apps "none" not found' })
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} }
    expect((await server.call('PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease)).status).toBe(201)
    expect((await server.call('PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease)).body.message).toBe('leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update')
  })

  test('raises the generation only when the spec changes, and never touches the status', async () => {
    await server.call('POST', deployments, deployment('gen'))
    const first = await get(`${deployments}/gen`)
    expect(first.metadata.generation).toBe(1)
    const relabelled = (await patch(`${deployments}/gen`, 'merge', { metadata: { labels: { a: 'b' } }, status: { replicas: 7 } })).body
    expect([relabelled.metadata.generation, relabelled.status.replicas]).toEqual([1, undefined])
    expect((await patch(`${deployments}/gen`, 'merge', { spec: { replicas: 3 } })).body.metadata.generation).toBe(2)
  })

  test('with dryRun=All changes nothing', async () => {
    await made('u5', { a: '1' })
    expect((await server.call('PUT', `${configMaps}/u5?dryRun=All`, configMap('u5', { a: '2' }))).body.data).toEqual({ a: '2' })
    expect((await get(`${configMaps}/u5`)).data).toEqual({ a: '1' })
  })

  test('many writers at once all get through', async () => {
    await made('race')
    await Promise.all(Array.from({ length: 20 }, (_, i) => patch(`${configMaps}/race`, 'merge', { data: { [`k${i}`]: 'v' } })))
    expect(Object.keys((await get(`${configMaps}/race`)).data)).toHaveLength(20)
  })
})

describe('patch', () => {
  test('in the three classic kinds', async () => {
    await server.call('POST', deployments, deployment('p1'))
    await patch(`${deployments}/p1`, 'strategic', { spec: { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } } })
    expect((await get(`${deployments}/p1`)).spec.template.spec.containers.map((c: { name: string }) => c.name).sort()).toEqual(['c', 'side'])
    await patch(`${deployments}/p1`, 'merge', { spec: { template: { spec: { containers: [{ name: 'only', image: 'o:1' }] } } } })
    await patch(`${deployments}/p1`, 'json', [{ op: 'replace', path: '/spec/replicas', value: 4 }, { op: 'test', path: '/metadata/name', value: 'p1' }])
    expect(await get(`${deployments}/p1`)).toMatchObject({ spec: { replicas: 4, template: { spec: { containers: [{ name: 'only' }] } } } })
  })

  test.each<[string, keyof typeof patchType, unknown, number, RegExp]>([
    ['JSON that is none', 'merge', '{', 400, /./],
    ['a failing test', 'json', [{ op: 'test', path: '/data/a', value: 'no' }], 422, /./],
    ['a path that is not there', 'json', [{ op: 'remove', path: '/data/none' }], 422, /./],
    ['another name', 'merge', { metadata: { name: 'other' } }, 400, /does not match the name on the URL/],
    ['an old version', 'merge', { metadata: { resourceVersion: '1' } }, 409, /object has been modified/],
    ['a wrong type', 'merge', { data: 'text' }, 422, /cannot unmarshal string/],
    ['what validation refuses', 'merge', { metadata: { labels: { 'a b': 'c' } } }, 422, /metadata.labels: Invalid value: "a b"/],
  ])('with %s is refused', async (_, type, body, code, message) => {
    await server.call('POST', configMaps, configMap('p2', { a: '1' }))
    expect((await patch(`${configMaps}/p2`, type, body)).body).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('of what is not there is 404', async () => {
    expect((await patch(`${configMaps}/none`, 'merge', {})).body).toMatchObject({ code: 404, message: 'configmaps "none" not found' })
  })
})

describe('status and scale', () => {
  test('a status write changes the status alone', async () => {
    await server.call('POST', deployments, deployment('s1'))
    const object = await get(`${deployments}/s1`)
    const { body } = await server.call('PUT', `${deployments}/s1/status`, { ...object, spec: { ...object.spec, replicas: 9 }, status: { replicas: 2, observedGeneration: 1 } })
    expect(body).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 2, observedGeneration: 1 }, metadata: { generation: 1 } })
    expect((await patch(`${deployments}/s1/status`, 'merge', { status: { readyReplicas: 2 }, spec: { paused: true } })).body).toMatchObject({ status: { replicas: 2, readyReplicas: 2 } })
    expect((await get(`${deployments}/s1`)).spec.paused).toBeUndefined()
    expect((await server.call('GET', `${deployments}/s1/status`)).body.kind).toBe('Deployment')
  })

  test('scale is the number of replicas under one form', async () => {
    await server.call('POST', deployments, deployment('s2'))
    const scale = await get(`${deployments}/s2/scale`)
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 's2', namespace: 'default' }, spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=s2' } })
    expect((await server.call('PUT', `${deployments}/s2/scale`, { ...scale, spec: { replicas: 5 } })).body.spec.replicas).toBe(5)
    expect((await patch(`${deployments}/s2/scale`, 'merge', { spec: { replicas: 0 } })).body.spec.replicas).toBe(0)
    expect(await get(`${deployments}/s2`)).toMatchObject({ spec: { replicas: 0 }, metadata: { generation: 3 } })
    expect((await server.call('PUT', `${deployments}/s2/scale`, { ...scale, spec: { replicas: 1 } })).body).toMatchObject({ code: 409 })
    expect((await patch(`${deployments}/s2/scale`, 'merge', { spec: { replicas: -1 } })).body).toMatchObject({ code: 422, message: 'Scale.autoscaling "s2" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0' })
    expect((await server.call('GET', `${deployments}/none/scale`)).status).toBe(404)
  })

  test('ephemeral containers are added by a view of their own', async () => {
    const path = '/api/v1/namespaces/default/pods/e1'
    await server.call('POST', '/api/v1/namespaces/default/pods', pod('e1'))
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'tools:1' }], nodeName: 'elsewhere' } }
    expect((await patch(`${path}/ephemeralcontainers`, 'strategic', body)).body.spec).toMatchObject({ ephemeralContainers: [{ name: 'debug' }] })
    expect((await get(path)).spec.nodeName).toBeUndefined()
    expect((await patch(path, 'merge', { spec: { ephemeralContainers: null } })).body).toMatchObject({ code: 422 })
  })

  test('methods a resource does not have are 405', async () => {
    expect((await server.call('POST', `${configMaps}/a/b`, {})).status).toBe(404)
    expect((await server.call('DELETE', `${deployments}/s2/scale`)).body).toMatchObject({ code: 405, reason: 'MethodNotAllowed' })
    expect((await server.call('DELETE', '/api/v1/namespaces')).body).toMatchObject({ code: 405 })
    expect((await server.call('POST', '/version', {})).body).toMatchObject({ code: 405 })
  })
})
