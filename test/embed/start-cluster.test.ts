import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { loadKubeconfig } from '../../api/client/kubeconfig.ts'
import { createClient } from '../../api/client/create-client.ts'
import { httpsTransport } from '../../api/client/https.ts'
import { isForbidden } from '../../api/errors.ts'
import { validatingAdmissionPolicyBindings } from '../../api/kinds/admissionregistration-v1/validating-policies.ts'
import { deployments } from '../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../api/kinds/apps-v1/replica-set.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import type { Cluster, ClusterOptions } from '../../cli/embed/start-cluster.ts'
import { systemClock } from '../../host/clock.ts'

const run = promisify(execFile)
let cluster: Cluster | undefined
const start = async (options?: ClusterOptions): Promise<Cluster> => cluster = await startCluster(options)
afterEach(async () => {
  await cluster?.stop()
  cluster = undefined
})

const pod = (name: string, more = '') => `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: { containers: [{ name: c, image: web, ${more} }] } }`
const web = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web, resources: { requests: { cpu: "1" } } }] }
`
const podsOf = async (those: Cluster) => (await those.client.list(pods, { namespace: 'default' })).items
const phaseOf = async (those: Cluster, name: string) => (await those.client.get(pods, { namespace: 'default', name })).status?.phase

describe('an embedded cluster', () => {
  test('begins with the namespaces of every cluster and no node', async () => {
    const { client } = await start()
    expect((await client.list(namespaces)).items.map((item) => item.metadata.name).toSorted()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    expect((await client.list(nodes)).items).toEqual([])
  })

  test('leaves nothing behind: no timer, no socket, no file', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').toSorted()
    const ended = await startCluster()
    await ended.addNode()
    await ended.apply(web(2))
    await ended.clock.advance('1m')
    const options = await loadKubeconfig(ended.kubeconfigPath)
    const transport = httpsTransport({ ...options, clock: systemClock })
    await createClient(transport).list(pods)
    transport.close()
    await ended.stop()
    await ended.stop()
    expect(existsSync(ended.kubeconfigPath)).toBe(false)
    await expect.poll(() => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').toSorted()).toEqual(before)
  })

  test('stock kubectl talks to it', async ({ skip }) => {
    const { kubeconfigPath, addNode, apply, eventually } = await start()
    await addNode({ name: 'n1' })
    await apply(pod('web-0'))
    await eventually(async () => expect(await phaseOf(cluster!, 'web-0')).toBe('Running'))
    const kubectl = async (...args: string[]) => (await run('kubectl', ['--kubeconfig', kubeconfigPath, ...args])).stdout
    if (!await run('kubectl', ['version', '--client']).then(() => true, () => false)) skip('there is no kubectl on this machine')
    expect(await kubectl('get', 'pods')).toMatch(/web-0 +1\/1 +Running +0/)
    expect(await kubectl('get', 'nodes')).toMatch(/n1 +Ready/)
    expect(await kubectl('create', 'configmap', 'made', '--from-literal=a=b')).toContain('configmap/made created')
  })

  test('asks as whom it is told to', async () => {
    const { clientFor } = await start({ controllers: 'none', scheduler: false })
    await expect(clientFor({ name: 'nobody', groups: ['system:authenticated'] }).list(configMaps)).rejects.toSatisfy(isForbidden)
  })

  test('begins at the time it is given', async () => {
    const { client, clock } = await start({ start: '2031-05-06T07:08:09Z', controllers: 'none', scheduler: false })
    await clock.advance('1h')
    const made = await client.create(configMaps, { metadata: { namespace: 'default', name: 'a' } })
    expect(made.metadata.creationTimestamp).toBe('2031-05-06T08:08:09Z')
  })
})

describe('its parts', () => {
  test('controllers are taken away and brought back by name', async () => {
    const { client, clock, controllers, apply } = await start({ scheduler: false })
    await controllers.stop('replicaset')
    await apply(web(2))
    await clock.advance('1m')
    expect([(await client.list(replicaSets)).items.length, (await podsOf(cluster!)).length]).toEqual([1, 0])
    controllers.start('replicaset')
    await clock.settle()
    expect(await podsOf(cluster!)).toHaveLength(2)
    expect(controllers.running).toContain('replicaset-controller')
  })

  test('a cluster may begin with a choice of them', async () => {
    const { client, clock, controllers, apply } = await start({ controllers: ['deployment'], scheduler: false })
    await apply(web(2))
    await clock.advance('1m')
    expect([controllers.running, (await client.list(replicaSets)).items.length, (await podsOf(cluster!)).length]).toEqual([['deployment-controller'], 1, 0])
    expect(() => controllers.start('deploymnt' as never)).toThrow('There is no controller "deploymnt"')
  })

  test('the scheduler is a switch', async () => {
    const { clock, scheduler, addNode, apply } = await start({ scheduler: false })
    await addNode()
    await apply(pod('a'))
    await clock.advance('1m')
    expect((await podsOf(cluster!))[0]?.spec.nodeName).toBeUndefined()
    await scheduler.start()
    await cluster!.eventually(async () => expect(await phaseOf(cluster!, 'a')).toBe('Running'))
    await scheduler.stop()
    await apply(pod('b'))
    await clock.advance('1m')
    expect([scheduler.running, (await cluster!.client.get(pods, { namespace: 'default', name: 'b' })).spec.nodeName]).toEqual([false, undefined])
  })

  test('nodes have the capacity, labels and taints they are given', async () => {
    const { client, addNode } = await start()
    await addNode({ name: 'small', capacity: { cpu: '500m', memory: '1Gi', pods: 5 }, labels: { disk: 'ssd' }, taints: [{ key: 'only', value: 'mine', effect: 'NoSchedule' }] })
    const node = await client.get(nodes, { name: 'small' })
    expect(node.status?.capacity).toMatchObject({ cpu: '500m', memory: '1Gi', pods: '5' })
    expect(node.metadata.labels).toMatchObject({ disk: 'ssd', 'kubernetes.io/hostname': 'small' })
    expect(node.spec?.taints).toEqual([{ key: 'only', value: 'mine', effect: 'NoSchedule' }])
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
  })

  test('a node that is refused at first tries again as cluster time passes', async () => {
    const said: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => { said.push(line) } })
    const { apply, addNode, client } = await start({ log })
    await apply(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: no-nodes }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: [v1], resources: [nodes], operations: [CREATE] }] }
  validations: [{ expression: 'false' }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: no-nodes }
spec: { policyName: no-nodes, validationActions: [Deny] }
`)
    const adding = addNode({ name: 'n1' })
    await Promise.race([adding, expect.poll(() => said.join(), { timeout: 20_000 }).toContain('Register node: will try again')])
    await client.delete(validatingAdmissionPolicyBindings, { name: 'no-nodes' })
    expect((await adding).name).toBe('n1')
  })

  test('pods go where there is room; what finds none waits until a node comes', async () => {
    const { addNode, apply, eventually } = await start()
    await addNode({ name: 'n1', capacity: { cpu: 2 } })
    await apply(web(3))
    const bound = async () => (await podsOf(cluster!)).filter(({ spec }) => spec.nodeName).length
    await eventually(async () => expect(await bound()).toBe(2))
    await eventually(async () => expect((await podsOf(cluster!)).find(({ spec }) => !spec.nodeName)?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringContaining('0/1 nodes are available: 1 Insufficient cpu') })))
    await addNode({ name: 'n2', capacity: { cpu: 2 } })
    await eventually(async () => expect(await bound()).toBe(3))
  })

  test('containers do what the test says', async () => {
    const { client, clock, addNode, apply, eventually } = await start()
    const { runtime } = await addNode()
    await apply(pod('web-0'))
    await eventually(async () => expect(await phaseOf(cluster!, 'web-0')).toBe('Running'))
    runtime.exit({ pod: 'web-0' }, 1)
    await eventually(async () => {
      const [status] = (await client.get(pods, { namespace: 'default', name: 'web-0' })).status?.containerStatuses ?? []
      expect([status?.restartCount, status?.lastState?.terminated?.exitCode, status?.ready]).toEqual([1, 1, true])
    })
    await client.delete(pods, { namespace: 'default', name: 'web-0' })
    await clock.advance('1m')
    expect([await podsOf(cluster!), runtime.containers()]).toEqual([[], []])
  })

  test('a node that falls silent is noticed and one that comes back is Ready again', async () => {
    const { client, clock, addNode } = await start()
    const node = await addNode({ name: 'n1' })
    const ready = async () => (await client.get(nodes, { name: 'n1' })).status?.conditions?.find(({ type }) => type === 'Ready')?.status
    await node.stop()
    await clock.advance('2m')
    expect(await ready()).toBe('Unknown')
    await node.start()
    expect(await ready()).toBe('True')
  })

  test('a Deployment rolls over, and back', async () => {
    const { client, addNode, apply, eventually } = await start()
    for (let i = 0; i < 2; i++) await addNode()
    await apply(web(3))
    const images = async () => (await podsOf(cluster!)).filter(({ status, metadata }) => status?.phase === 'Running' && !metadata.deletionTimestamp).map(({ spec }) => spec.containers[0]!.image)
    await eventually(async () => expect(await images()).toEqual(['web', 'web', 'web']))
    for (const image of ['web:2', 'web']) {
      await client.patch(deployments, { namespace: 'default', name: 'web' }, { type: 'strategic', patch: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })
      await eventually(async () => expect(await images()).toEqual([image, image, image]))
    }
    expect((await client.list(replicaSets)).items).toHaveLength(2)
  })
})

test('the README shows the example that is tested', () => {
  const at = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
  expect(at('../../cli/embed/README.md')).toContain(`\`\`\`ts\n${at('example.test.ts')}\`\`\``)
})
