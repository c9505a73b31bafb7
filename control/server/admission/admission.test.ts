import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admissionChain, admissionProblems } from './chain.ts'
import { admissionPlugins } from './plugins.ts'
import { pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ disableAdmissionPlugins: [] })
  await create('/api/v1/namespaces/default/serviceaccounts', account('default'))
})
afterAll(() => server.close())

const pods = '/api/v1/namespaces/default/pods'
const account = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name }, ...more })
const create = (path: string, object: unknown, on = server) => on.call('POST', path, object)
const merge = (path: string, patch: unknown, on = server) => on.call('PATCH', path, patch, { headers: { 'content-type': 'application/merge-patch+json' } })
const room = async (name: string, labels: object = {}, on = server) => {
  expect((await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, on)).status).toBe(201)
  if (on === server) await create(`/api/v1/namespaces/${name}/serviceaccounts`, account('default'))
  return `/api/v1/namespaces/${name}`
}
const of = (group: string, kind: string, name: string, more: object = {}, metadata: object = {}) => ({ apiVersion: `${group}/v1`, kind, metadata: { name, ...metadata }, ...more })

describe('the chain', () => {
  test('has each plugin once, and the rule of its order kept by the ends', () => {
    const names = admissionPlugins.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.indexOf('NamespaceLifecycle')).toBeLessThan(names.indexOf('LimitRanger'))
    expect(names.slice(-2)).toEqual(['ResourceQuota', 'AlwaysDeny'])
  })
  test('is switched by name', () => {
    const on = (switches: object) => admissionChain(admissionPlugins, switches).map(({ name }) => name)
    expect(on({})).toContain('PodSecurity')
    expect(on({})).not.toContain('AlwaysPullImages')
    expect(on({ enableAdmissionPlugins: ['AlwaysPullImages'], disableAdmissionPlugins: ['PodSecurity'] })).toEqual(expect.arrayContaining(['AlwaysPullImages']))
    expect(on({ disableAdmissionPlugins: ['PodSecurity'] })).not.toContain('PodSecurity')
  })
  test('says which names are wrong', () => {
    expect(admissionProblems(admissionPlugins, { enableAdmissionPlugins: ['Nope', 'AlwaysDeny'], disableAdmissionPlugins: ['AlwaysDeny', 'No'] })).toEqual([
      'enable-admission-plugins plugin "Nope" is unknown', 'disable-admission-plugins plugin "No" is unknown', '[AlwaysDeny] in enable-admission-plugins and disable-admission-plugins overlapped',
    ])
    expect(() => admissionChain(admissionPlugins, { enableAdmissionPlugins: ['Nope'] })).toThrow(RangeError)
  })
})

describe('ServiceAccount', () => {
  const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
  const containers = (...names: string[]) => names.map((name) => ({ name, image: 'x' }))

  test('gives every container the token of its pod, unless something is mounted there', async () => {
    const own = { name: 'own', image: 'x', volumeMounts: [{ name: 'v', mountPath }] }
    const { body } = await create(pods, pod('tokens', { spec: { initContainers: containers('i'), containers: [...containers('c'), own], volumes: [{ name: 'v', emptyDir: {} }] } }))
    const [, volume] = body.spec.volumes
    expect(volume).toEqual({
      name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/),
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    })
    const mount = { name: volume.name, readOnly: true, mountPath }
    expect([body.spec.initContainers[0].volumeMounts, body.spec.containers[0].volumeMounts, body.spec.containers[1].volumeMounts]).toEqual([[mount], [mount], [{ name: 'v', mountPath }]])
    expect(body.spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' })
  })

  test.each<[string, object, object, boolean]>([
    ['the pod', {}, { automountServiceAccountToken: false }, false], ['the account', { automountServiceAccountToken: false }, {}, false],
    ['the pod against its account', { automountServiceAccountToken: false }, { automountServiceAccountToken: true }, true],
  ])('%s may say no', async (who, ofAccount, ofPod, mounted) => {
    const name = who.replaceAll(' ', '-')
    await create('/api/v1/namespaces/default/serviceaccounts', account(name, { ...ofAccount, imagePullSecrets: [{ name: 'pull' }] }))
    const { body } = await create(pods, pod(name, { spec: { ...ofPod, serviceAccountName: name } }))
    expect(Boolean(body.spec.volumes)).toBe(mounted)
    expect(body.spec.imagePullSecrets).toEqual([{ name: 'pull' }])
  })

  test('wants an account that is there', async () => {
    expect((await create(pods, pod('x', { spec: { serviceAccountName: 'bob' } }))).body).toMatchObject({ code: 403, message: 'pods "x" is forbidden: error looking up service account default/bob: serviceaccount "bob" not found' })
  })

  test('waits a moment for the account that a new namespace gets', async () => {
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'newborn' } })
    const early = create('/api/v1/namespaces/newborn/pods', pod('early'))
    await create('/api/v1/namespaces/newborn/serviceaccounts', account('default'))
    expect((await early).status).toBe(201)
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'barren' } })
    expect((await create('/api/v1/namespaces/barren/pods', pod('p'))).body).toMatchObject({ code: 403, message: 'pods "p" is forbidden: error looking up service account barren/default: serviceaccount "default" not found' })
  })

  const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } }
  test.each<[string, object, string]>([
    ['an account', { serviceAccountName: 'default' }, 'a mirror pod may not reference service accounts'],
    ['a secret', { volumes: [{ name: 's', secret: { secretName: 's' } }] }, 'a mirror pod may not reference secrets'],
    ['a secret in an init container', { initContainers: [{ name: 'i', image: 'x', envFrom: [{ secretRef: { name: 's' } }] }] }, 'a mirror pod may not reference secrets'],
    ['a token', { volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }, 'a mirror pod may not use ServiceAccountToken volume projections'],
  ])('refuses a mirror pod %s', async (_, spec, why) => {
    expect((await create(pods, pod('m', { ...mirror, spec: { nodeName: 'n', ...spec } }))).body.message).toBe(`pods "m" is forbidden: ${why}`)
  })

  test('keeps pods to the secrets of their account, where it says so', async () => {
    await create('/api/v1/namespaces/default/serviceaccounts', { ...account('strict'), metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'mine' }] })
    const asks = async (spec: object) => (await create(`${pods}?dryRun=All`, pod('s', { spec: { serviceAccountName: 'strict', ...spec } }))).body.message
    expect(await asks({ volumes: [{ name: 'v', secret: { secretName: 'mine' } }] })).toBeUndefined()
    expect(await asks({ volumes: [{ name: 'v', secret: { secretName: 'other' } }] })).toBe('pods "s" is forbidden: volume with secret.secretName="other" is not allowed because service account strict does not reference that secret')
    const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: 'other', key: 'k' } } }]
    expect(await asks({ initContainers: [{ name: 'i', image: 'x', env }] })).toBe('pods "s" is forbidden: init container i with envVar E referencing secret.secretName="other" is not allowed because service account strict does not reference that secret')
    expect(await asks({ imagePullSecrets: [{ name: 'p' }] })).toBe('pods "s" is forbidden: imagePullSecrets[0].name="p" is not allowed because service account strict does not reference that imagePullSecret')
  })
})

describe('NamespaceLifecycle', () => {
  test('wants a namespace for what is new, and lets the old be', async () => {
    expect((await create('/api/v1/namespaces/none/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } })).body).toMatchObject({ code: 404, message: 'namespaces "none" not found' })
    expect((await server.call('DELETE', '/api/v1/namespaces/none/configmaps/c')).body).toMatchObject({ code: 404, message: 'configmaps "c" not found' })
    expect((await server.call('DELETE', '/api/v1/namespaces/kube-system')).body.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted')
  })
})

describe('Priority', () => {
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
  const classed = (name: string, more: object) => of('scheduling.k8s.io', 'PriorityClass', name, more)
  test('has the classes of the system from the start, for ever', async () => {
    expect((await server.call('GET', classes)).body.items.map(({ metadata, value }: any) => [metadata.name, value])).toEqual([['system-cluster-critical', 2000000000], ['system-node-critical', 2000001000]])
    expect((await server.call('DELETE', `${classes}/system-node-critical`)).body.message).toBe('priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted')
  })
  test('turns names into numbers', async () => {
    await create(classes, classed('calm', { value: -5, preemptionPolicy: 'Never' }))
    expect((await create(pods, pod('calm', { spec: { priorityClassName: 'calm' } }))).body.spec).toMatchObject({ priority: -5, preemptionPolicy: 'Never' })
    expect((await create(pods, pod('x', { spec: { priorityClassName: 'nope' } }))).body.message).toBe('pods "x" is forbidden: no PriorityClass with name nope was found')
    expect((await create(pods, pod('x', { spec: { priorityClassName: 'calm', priority: 7 } }))).body.message).toBe('pods "x" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed -5 from the given PriorityClass name')
    expect((await create(pods, pod('x', { spec: { priorityClassName: 'calm', preemptionPolicy: 'PreemptLowerPriority' } }))).body.message).toBe('pods "x" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name')
  })
  test('has one default', async () => {
    await create(classes, classed('usual', { value: 10, globalDefault: true }))
    expect((await create(pods, pod('plain'))).body.spec).toMatchObject({ priority: 10, priorityClassName: 'usual', preemptionPolicy: 'PreemptLowerPriority' })
    expect((await create(classes, classed('other', { value: 1, globalDefault: true }))).body.message).toBe('priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist')
    expect((await merge(`${classes}/usual`, { description: 'x' })).status).toBe(200)
    await server.call('DELETE', `${classes}/usual`)
  })
})

describe('LimitRanger', () => {
  const limits = async (namespace: string, ...items: object[]) => {
    const path = await room(namespace)
    const { status } = await create(`${path}/limitranges`, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits: items } })
    expect(status).toBe(201)
    return path
  }
  test('fills in, and says so', async () => {
    const path = await limits('defaults', { type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '100m', memory: '1Gi' } })
    const { body } = await create(`${path}/pods`, pod('p', { spec: { initContainers: [{ name: 'i', image: 'x' }], containers: [{ name: 'c', image: 'x', resources: { limits: { cpu: '2' } } }] } }))
    expect(body.metadata.annotations['kubernetes.io/limit-ranger']).toBe('LimitRanger plugin set: memory request for container c; memory limit for container c; cpu, memory request for init container i; cpu, memory limit for init container i')
    expect(body.spec.containers[0].resources.limits).toEqual({ cpu: '2', memory: '1Gi' })
    expect(body.spec.initContainers[0].resources).toEqual({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '1Gi' } })
  })
  test('refuses in the original’s words', async () => {
    const path = await limits('bounds', { type: 'Container', max: { cpu: '1' }, min: { cpu: '100m' }, maxLimitRequestRatio: { cpu: '2' } }, { type: 'Pod', max: { cpu: '1500m' } })
    const asks = async (...resources: object[]) => (await create(`${path}/pods?dryRun=All`, pod('p', { spec: { containers: resources.map((each, i) => ({ name: `c${i}`, image: 'x', resources: each })) } }))).body.message
    const cpu = (request: string, limit: string) => ({ requests: { cpu: request }, limits: { cpu: limit } })
    expect(await asks(cpu('500m', '1'))).toBeUndefined()
    expect(await asks(cpu('1', '2'))).toBe('pods "p" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1500m, but limit is 2]')
    expect(await asks(cpu('50m', '100m'))).toBe('pods "p" is forbidden: minimum cpu usage per Container is 100m, but request is 50m')
    expect(await asks(cpu('100m', '1'))).toBe('pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000')
    expect(await asks(cpu('1', '1'), cpu('1', '1'))).toBe('pods "p" is forbidden: maximum cpu usage per Pod is 1500m, but limit is 2')
  })
  test('looks at claims', async () => {
    const path = await limits('claims', { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } })
    const claim = (storage: string) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } })
    expect((await create(`${path}/persistentvolumeclaims`, claim('3Gi'))).body.message).toBe('persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi')
    expect((await create(`${path}/persistentvolumeclaims`, claim('1Gi'))).body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  })
})

describe('PodSecurity', () => {
  const enforce = 'pod-security.kubernetes.io/enforce'
  const wire = { wire: true }
  test('refuses pods, warns of workloads and of the pods there are', async () => {
    const path = await room('secure')
    await create(`${path}/pods`, pod('old', { spec: { hostNetwork: true } }))
    const labelled = await server.call('PATCH', path, { metadata: { labels: { [enforce]: 'baseline' } } }, { ...wire, headers: { 'content-type': 'application/merge-patch+json' } })
    expect([labelled.status, labelled.headers['warning']]).toEqual([200, '299 - "existing pods in namespace \\"secure\\" violate the new PodSecurity enforce level \\"baseline:latest\\"", 299 - "old: host namespaces"'])
    const privileged = { securityContext: { privileged: true } }
    expect((await create(`${path}/pods`, pod('p', { spec: { containers: [{ name: 'c', image: 'x', ...privileged }] } }))).body).toMatchObject({ code: 403, message: 'pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)' })
    const deployment = of('apps', 'Deployment', 'd', { spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x', ...privileged }] } } } })
    const warned = await server.call('POST', '/apis/apps/v1/namespaces/secure/deployments', deployment, wire)
    expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "would violate PodSecurity \\"baseline:latest\\": privileged (container \\"c\\" must not set securityContext.privileged=true)"'])
    expect((await merge(`${path}/pods/old`, { metadata: { labels: { a: 'b' } } })).status).toBe(200)
    const repaint = await server.call('PATCH', `${path}/pods/old`, { spec: { containers: [{ name: 'c', image: 'y' }] } }, { headers: { 'content-type': 'application/strategic-merge-patch+json' } })
    expect(repaint.body.message).toBe('pods "old" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)')
  })
  test('refuses labels nobody understands', async () => {
    const { body } = await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'odd', labels: { [enforce]: 'strict' } } })
    expect(body).toMatchObject({ code: 422, message: `Namespace "odd" is invalid: metadata.labels[${enforce}]: Invalid value: "strict": must be one of privileged, baseline, restricted` })
  })
})

describe('classes', () => {
  test('RuntimeClass brings its overhead and where it runs', async () => {
    await create('/apis/node.k8s.io/v1/runtimeclasses', of('node.k8s.io', 'RuntimeClass', 'vm', { handler: 'vm', overhead: { podFixed: { cpu: '250m' } }, scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] } }))
    const { body } = await create(pods, pod('vm', { spec: { runtimeClassName: 'vm', tolerations: [{ key: 'vm', operator: 'Equal', value: 'x' }] } }))
    expect(body.spec).toMatchObject({ overhead: { cpu: '250m' }, nodeSelector: { vm: 'yes' } })
    expect(body.spec.tolerations.filter(({ key }: any) => key === 'vm')).toEqual([{ key: 'vm', operator: 'Exists' }])
    const asks = async (spec: object) => (await create(pods, pod('x', { spec }))).body.message
    expect(await asks({ runtimeClassName: 'no' })).toBe('pods "x" is forbidden: pod rejected: RuntimeClass "no" not found')
    expect(await asks({ runtimeClassName: 'vm', nodeSelector: { vm: 'no' } })).toBe('pods "x" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no')
    expect(await asks({ runtimeClassName: 'vm', overhead: { cpu: '1' } })).toBe('pods "x" is forbidden: pod rejected: Pod\'s Overhead doesn\'t match RuntimeClass\'s defined Overhead')
    expect(await asks({ overhead: { cpu: '1' } })).toBe('pods "x" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  })
  const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
  const claim = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
  test('DefaultStorageClass and the growth of claims', async () => {
    await create('/apis/storage.k8s.io/v1/storageclasses', of('storage.k8s.io', 'StorageClass', 'fast', { provisioner: 'p', allowVolumeExpansion: true }, { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }))
    const { body } = await create(claims, claim('a'))
    expect(body.spec.storageClassName).toBe('fast')
    expect((await create(claims, claim('b', { storageClassName: '' }))).body.spec.storageClassName).toBe('')
    const grow = async (name: string) => (await merge(`${claims}/${name}`, { spec: { resources: { requests: { storage: '2Gi' } } } })).body.message
    await merge(`${claims}/a/status`, { status: { phase: 'Bound' } })
    await merge(`${claims}/b/status`, { status: { phase: 'Bound' } })
    expect(await grow('a')).toBeUndefined()
    expect(await grow('b')).toBe('persistentvolumeclaims "b" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
  })
  test('DefaultIngressClass', async () => {
    await create('/apis/networking.k8s.io/v1/ingressclasses', of('networking.k8s.io', 'IngressClass', 'edge', { spec: { controller: 'x.io/y' } }, { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } }))
    const ingress = (name: string, annotations: object = {}) => of('networking.k8s.io', 'Ingress', name, { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }, { annotations })
    const path = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'
    expect((await create(path, ingress('a'))).body.spec.ingressClassName).toBe('edge')
    expect((await create(path, ingress('b', { 'kubernetes.io/ingress.class': 'old' }))).body.spec.ingressClassName).toBeUndefined()
  })
})

describe('nodes and certificates', () => {
  test('PodTopologyLabels come with the node, by binding or from the start', async () => {
    const labels = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1', other: 'x' }
    await create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels } })
    const shown = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' }
    await create(pods, pod('bound', { labels: { app: 'a' } }))
    expect((await create(`${pods}/bound/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound' }, target: { kind: 'Node', name: 'n1' } })).status).toBe(201)
    expect((await server.call('GET', `${pods}/bound`)).body.metadata.labels).toEqual({ app: 'a', ...shown })
    expect((await create(pods, pod('placed', { spec: { nodeName: 'n1' } }))).body.metadata.labels).toEqual(shown)
  })
  test('CertificateSubjectRestriction: nobody becomes a master by asking', async () => {
    await import('reflect-metadata')
    const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509')
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const request = async (name: string) => Buffer.from((await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } })).toString('pem')).toString('base64')
    const ask = async (name: string) => create('/apis/certificates.k8s.io/v1/certificatesigningrequests', of('certificates.k8s.io', 'CertificateSigningRequest', 'r', { spec: { request: await request(name), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] } }))
    expect((await ask('CN=me,O=system:masters')).body.message).toBe('certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed')
    expect((await ask('CN=me,O=friends')).status).toBe(201)
  })
})

describe('plugins that are asked for', () => {
  let strict: TestServer
  beforeAll(async () => {
    strict = await startTestServer({ enableAdmissionPlugins: ['AlwaysPullImages', 'DenyServiceExternalIPs', 'NamespaceAutoProvision', 'LimitPodHardAntiAffinityTopology', 'ExtendedResourceToleration'] })
  })
  afterAll(() => strict.close())
  test('AlwaysPullImages, of every kind of container', async () => {
    const { body } = await create(pods, pod('p', { spec: { initContainers: [{ name: 'i', image: 'x:1' }] } }), strict)
    expect([body.spec.containers[0].imagePullPolicy, body.spec.initContainers[0].imagePullPolicy]).toEqual(['Always', 'Always'])
  })
  test('DenyServiceExternalIPs', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], externalIPs: ['203.0.113.1'] } }
    expect((await create('/api/v1/namespaces/default/services', service, strict)).body.message).toBe('services "s" is forbidden: Use of external IPs is denied by admission control')
  })
  test('NamespaceAutoProvision', async () => {
    expect((await create('/api/v1/namespaces/fresh/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }, strict)).status).toBe(201)
    expect((await strict.call('GET', '/api/v1/namespaces/fresh')).status).toBe(200)
  })
  test('LimitPodHardAntiAffinityTopology', async () => {
    const term = { labelSelector: {}, topologyKey: 'zone' }
    expect((await create(pods, pod('x', { spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } } }), strict)).body.message).toBe('pods "x" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed')
  })
  test('ExtendedResourceToleration', async () => {
    const resources = { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }
    const { body } = await create(pods, pod('gpu', { spec: { containers: [{ name: 'c', image: 'x', resources }] } }), strict)
    expect(body.spec.tolerations).toContainEqual({ key: 'example.com/gpu', operator: 'Exists' })
  })
})
