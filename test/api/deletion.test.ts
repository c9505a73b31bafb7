import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import type { Cluster } from '../../cli/embed/start-cluster.ts'
import { kubectls } from '../lab/kubectls.ts'
import { runner } from './kubectl-room.ts'

/* Deletion with dependents, finalizers and preconditions: a whole control plane, for the garbage collector has a part in it. */

let cluster: Cluster
let home: string
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false })
  home = await mkdtemp(join(tmpdir(), 'k8ts-deletion-'))
  await writeFile(join(home, 'config'), cluster.kubeconfig)
})
afterAll(async () => {
  await cluster.stop()
  await rm(home, { recursive: true, force: true })
})

const deployment = (name: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: "web:1"}]}
`
const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const space = `deletion-${kubectl.version}`
  const run: ReturnType<typeof runner>['run'] = (line, input) => runner(kubectl, space, home).run(line, input)
  const refused: typeof run = (line, input) => runner(kubectl, space, home).refused(line, input)
  const names = async (what: string, label: string) => (await run(`get ${what} -l app=${label} -o name`)).split('\n').filter(Boolean)
  const eventually = <T>(what: () => Promise<T>) => expect.poll(async () => { await cluster.clock.advance('200ms'); return what() }, { timeout: 30_000 })
  const made = async (name: string) => {
    await run('apply -f -', deployment(name))
    await eventually(async () => (await names('pods', name)).length).toBe(2)
  }

  test('in the background, in the foreground, and leaving orphans', async () => {
    await run(`create namespace ${space}`)
    await eventually(() => run('get serviceaccounts -o name')).toContain('serviceaccount/default')
    await made('back')
    expect(await run('delete deployment back --cascade=background')).toMatch(/^deployment.apps "back" deleted/)
    await eventually(async () => [...await names('replicasets', 'back'), ...await names('pods', 'back')]).toEqual([])

    await made('fore')
    const deleting = run('delete deployment fore --cascade=foreground')
    await eventually(async () => [...await names('replicasets', 'fore'), ...await names('pods', 'fore')]).toEqual([])
    await eventually(() => run('get deployment fore --ignore-not-found -o name')).toBe('')
    expect(await deleting).toMatch(/^deployment.apps "fore" deleted/)

    await made('lone')
    const orphaning = run('delete deployment lone --cascade=orphan')
    await eventually(() => run('get deployment lone --ignore-not-found -o name')).toBe('')
    expect(await orphaning).toMatch(/^deployment.apps "lone" deleted/)
    await eventually(() => run('get replicasets -l app=lone -o jsonpath={.items[*].metadata.ownerReferences}')).toBe('')
    expect([(await names('replicasets', 'lone')).length, (await names('pods', 'lone')).length]).toEqual([1, 2])
  })

  test('a finalizer holds an object; what is new is refused meanwhile', async () => {
    await run('create -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","finalizers":["example.com/hold"]}}')
    await run('delete configmap held --wait=false')
    expect(await run('get configmap held -o jsonpath={.metadata.deletionTimestamp}')).toMatch(/^\d{4}-/)
    expect(await refused(['patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}'])).toContain('no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}')
    expect(await refused('create -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held"}}')).toContain('object is being deleted: configmaps "held" already exists')
    await run(['patch', 'configmap', 'held', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'])
    expect(await refused('get configmap held')).toContain('not found')
  })

  test('generateName, collections, a manifest at a time, force', async () => {
    const made = await run('create -f - -o name', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"gen-","labels":{"kind":"gen"}}}')
    expect(made).toMatch(/^configmap\/gen-[a-z0-9]{5}$/)
    expect(await refused('apply -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"gen-"}}')).toContain('cannot use generate name with apply')
    await run('create configmap other')
    expect(await run('delete configmap -l kind=gen')).toMatch(new RegExp(`^${made.replace('/', ' "')}" deleted`))
    expect(await run('get configmaps -l kind=gen -o name')).toBe('')
    await run('run forced --image=x:1')
    expect(await run('delete pod forced --force --grace-period=0')).toMatch(/pod "forced" force deleted/)
    const raw = (await run(`delete --raw /api/v1/namespaces/${space}/configmaps/other`).catch((error: Error) => error.message))
    expect(raw).toMatch(/"status":"Success"|unknown flag: --raw/)
    expect(await run('replace --force -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"again"},"data":{"a":"b"}}')).toContain('configmap/again replaced')
  })

  test('apply --prune takes away what is in the manifest no more', async () => {
    const config = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: pruned}}\n`
    await run('apply -f -', `${config('p1')}---\n${config('p2')}`)
    expect(await run('apply --prune -l set=pruned -f -', config('p1'))).toMatch(/configmap\/p1 unchanged[^]*configmap\/p2 pruned/)
    expect(await run('get configmaps -l set=pruned -o name')).toBe('configmap/p1')
  })

  test('a namespace goes with all that is in it', async () => {
    const deleting = run(`delete namespace ${space}`)
    await eventually(() => run(`get namespace ${space} --ignore-not-found -o name`)).toBe('')
    expect(await deleting).toMatch(/^namespace "[^"]*" deleted/)
  })
})

describe('client-node', () => {
  test('says how, and of which object', async () => {
    const config = new KubeConfig()
    config.loadFromString(cluster.kubeconfig)
    const core = config.makeApiClient(CoreV1Api), apps = config.makeApiClient(AppsV1Api)
    const namespace = 'default', name = 'cn'
    await cluster.apply(deployment(name))
    await cluster.eventually(async () => expect((await core.listNamespacedPod({ namespace, labelSelector: 'app=cn' })).items).toHaveLength(2))
    const { metadata } = await apps.readNamespacedDeployment({ namespace, name })
    await expect(apps.deleteNamespacedDeployment({ namespace, name, body: { preconditions: { uid: 'other' } } })).rejects.toMatchObject({ code: 409 })
    await expect(apps.deleteNamespacedDeployment({ namespace, name, body: { preconditions: { resourceVersion: '1' } } })).rejects.toMatchObject({ code: 409 })
    await apps.deleteNamespacedDeployment({ namespace, name, body: { propagationPolicy: 'Foreground', preconditions: { uid: metadata!.uid! } } })
    await cluster.eventually(async () => expect((await core.listNamespacedPod({ namespace, labelSelector: 'app=cn' })).items).toEqual([]))
    await cluster.eventually(async () => await expect(apps.readNamespacedDeployment({ namespace, name })).rejects.toMatchObject({ code: 404 }))
  })
})
