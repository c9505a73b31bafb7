import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kubectls } from '../lab/kubectls.ts'
import { openRoom } from './kubectl-room.ts'
import type { KubectlRoom } from './kubectl-room.ts'

/* What admission adds to objects and refuses of them, as a person at a kubectl sees it: the plugins that `control/server/admission/kubectl.test.ts` leaves out. */

let room: KubectlRoom
beforeAll(async () => { room = await openRoom({ enableAdmissionPlugins: ['AlwaysPullImages', 'DenyServiceExternalIPs'] }) })
afterAll(() => room.close())

const cluster = `---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: usual}, value: 7, globalDefault: true}
---
{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: slow}, handler: slow, overhead: {podFixed: {cpu: 100m}}, scheduling: {nodeSelector: {slow: "yes"}}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: disk, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}, provisioner: example.com/disk}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: door, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}, spec: {controller: example.com/door}}
`

const found = kubectls()
if (found.length === 0) test.skip('stock kubectl: this machine has none on its PATH', () => {})

describe.each(found)('kubectl ($version)', (kubectl) => {
  const space = `admission-${kubectl.version}`
  const run = (line: string | readonly string[], input?: string) => room.kubectl(kubectl, space).run(line, input)
  const refused = (line: string | readonly string[], input?: string) => room.kubectl(kubectl, space).refused(line, input)

  test('defaults that the cluster has', async () => {
    await run(`create namespace ${space}`)
    await run('apply -f -', cluster)
    await run('create -f -', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"runtimeClassName":"slow","initContainers":[{"name":"i","image":"i:1"}],"containers":[{"name":"c","image":"i:1"}]}}')
    const { spec } = JSON.parse(await run('get pod p -o json'))
    expect(spec).toMatchObject({ priority: 7, priorityClassName: 'usual', preemptionPolicy: 'PreemptLowerPriority', overhead: { cpu: '100m' }, nodeSelector: { slow: 'yes' } })
    expect(spec.tolerations.map(({ key, tolerationSeconds }: { key: string; tolerationSeconds: number }) => [key, tolerationSeconds])).toEqual([['node.kubernetes.io/not-ready', 300], ['node.kubernetes.io/unreachable', 300]])
    expect([...spec.initContainers, ...spec.containers].map(({ imagePullPolicy }) => imagePullPolicy)).toEqual(['Always', 'Always'])
    await run('create -f -', '{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}')
    expect(await run('get pvc d -o jsonpath={.spec.storageClassName}/{.metadata.finalizers}')).toMatch(/^disk\/\[.*kubernetes.io\/pvc-protection/)
    await run('create -f -', '{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"in"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}')
    expect(await run('get ingress in -o jsonpath={.spec.ingressClassName}')).toBe('door')
    await run('create -f -', `{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-${kubectl.version}"}}`)
    expect(await run(`get node node-${kubectl.version} -o jsonpath={.spec.taints[0].key}`)).toBe('node.kubernetes.io/not-ready')
  })

  test('refusals', async () => {
    const pod = (spec: string) => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"no"},"spec":{${spec},"containers":[{"name":"c","image":"i"}]}}`
    expect(await refused('create -f -', pod('"priorityClassName":"none"'))).toContain('pods "no" is forbidden: no PriorityClass with name none was found')
    expect(await refused('create -f -', pod('"runtimeClassName":"none"'))).toContain('pods "no" is forbidden: pod rejected: RuntimeClass "none" not found')
    expect(await refused('create -f -', pod('"priority":9'))).toContain('the integer value of priority (9) must not be provided in pod spec')
    expect(await refused('create -f -', '{"apiVersion":"v1","kind":"Service","metadata":{"name":"no"},"spec":{"externalIPs":["192.0.2.1"],"ports":[{"port":80}]}}')).toContain('Use of external IPs is denied by admission control')
    expect(await refused('-n nowhere create configmap c')).toMatch(/namespaces "nowhere" not found$/)
    expect(await refused('delete namespace default')).toContain('namespaces "default" is forbidden: this namespace may not be deleted')
    expect(await refused('create configmap c --as=system:node:n1 --as-group=system:nodes')).toContain('User "system:node:n1" cannot create resource "configmaps"')
    expect(await refused(`label node node-${kubectl.version} a=b --as=system:node:n1 --as-group=system:nodes`)).toMatch(/node "n1" is not allowed to modify node|cannot (get|patch) resource "nodes"/)
  })
})

test('client-node is told the same', async () => {
  const config = new KubeConfig()
  config.loadFromString(room.config)
  const core = config.makeApiClient(CoreV1Api)
  await expect(core.createNamespacedService({ namespace: 'default', body: { metadata: { name: 'no' }, spec: { externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] } } })).rejects.toMatchObject({ code: 403, body: expect.stringContaining('Use of external IPs is denied by admission control') })
  expect((await core.createNamespacedPod({ namespace: 'default', body: { metadata: { name: 'pulled' }, spec: { containers: [{ name: 'c', image: 'i:1', imagePullPolicy: 'Never' }] } } })).spec!.containers[0]!.imagePullPolicy).toBe('Always')
})
