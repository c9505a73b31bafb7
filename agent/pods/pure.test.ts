import { describe, expect, test } from 'vitest'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { goSeconds, nextBackoff, restartAt } from './backoff.ts'
import { containerConfig } from './container-config.ts'
import { dnsConfig } from './dns.ts'
import { environment } from './env.ts'
import type { EnvSources } from './env.ts'
import { expand } from './expand.ts'
import { fieldValue, resourceValue } from './downward.ts'
import { hostnameOf, hostsFile } from './hostname.ts'
import { normalizeImage } from './image-reference.ts'
import { authsFor } from './pull-secrets.ts'
import { containerResources, podCgroup, podCgroupLimits, podRequests, qosClass } from './qos.ts'
import { sandboxConfig } from './sandbox-config.ts'
import { checkUser, containerSecurity } from './security.ts'
import { serviceEnvironment } from './service-env.ts'

const pod = (spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1', ...metadata }, spec: { containers: [{ name: 'c' }], ...spec },
})
const noSources: EnvSources = { configMap: () => undefined, secret: () => undefined, services: new Map(), facts: { podIPs: ['10.0.0.9', 'fd00::9'], hostIPs: ['192.0.2.1'], allocatable: { cpu: '2', memory: '4Gi' } } }

test.each([
  ['$(A)', 'x'], ['$$(A)', '$(A)'], ['$$$(A)', '$x'], ['$(NOPE)', '$(NOPE)'], ['a$', 'a$'], ['$(A', '$(A'], ['$A', '$A'], ['$(A)$(A)', 'xx'], ['', ''],
])('%s expands to %s', (text, expected) => {
  expect(expand(text, (name) => (name === 'A' ? 'x' : undefined))).toBe(expected)
})

test.each([
  ['nginx', 'docker.io/library/nginx:latest'], ['nginx:1.25', 'docker.io/library/nginx:1.25'], ['me/app', 'docker.io/me/app:latest'], ['reg:5000/a/b:c', 'reg:5000/a/b:c'],
  ['quay.io/x/y', 'quay.io/x/y:latest'], ['localhost/x', 'localhost/x:latest'], [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
  ['Upper/x', 'Upper/x:latest'], ['x/Upper', undefined], ['a b', undefined], ['', undefined], ['x:', undefined], ['nginx@sha256:short', undefined],
])('image %s is %s', (image, expected) => {
  expect(normalizeImage(image)).toBe(expected)
})

test.each([
  [{ backoff: 0, createdAt: 0, finishedAt: 5_000 }, 5_000, 10], [{ backoff: 10, createdAt: 0, finishedAt: 5_000 }, 15_000, 20],
  [{ backoff: 300, createdAt: 0, finishedAt: 0 }, 300_000, 300], [{ backoff: 160, createdAt: 0, finishedAt: 600_001 }, 600_001, 10],
])('after %o the next may start at %i and carries %i s', (life, at, next) => {
  expect([restartAt(life), nextBackoff(life)]).toEqual([at, next])
})

test.each([[10, '10s'], [40, '40s'], [80, '1m20s'], [300, '5m0s']])('%i seconds are written %s', (seconds, text) => { expect(goSeconds(seconds)).toBe(text) })

describe('environment', () => {
  test('takes values from everywhere, the later ones seeing the earlier', () => {
    const sources: EnvSources = {
      ...noSources, services: new Map([['DB_SERVICE_HOST', '10.96.0.5'], ['A', 'hidden']]),
      configMap: (name) => (name === 'cm' ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' } } : undefined),
      secret: (name) => (name === 'se' ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { s: Buffer.from('hush').toString('base64') } } : undefined),
    }
    const container = {
      name: 'c', envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 'none', optional: true } }],
      env: [
        { name: 'A', value: 'own' }, { name: 'B', value: '$(A)/$(DB_SERVICE_HOST)/$(P_k)' }, { name: 'S', valueFrom: { secretKeyRef: { name: 'se', key: 's' } } },
        { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'O', valueFrom: { configMapKeyRef: { name: 'cm', key: 'none', optional: true } } },
      ],
    }
    expect(Object.fromEntries(environment(pod(), container, sources))).toEqual({ P_k: 'v', A: 'own', B: 'own/10.96.0.5/v', S: 'hush', N: 'web', DB_SERVICE_HOST: '10.96.0.5' })
  })

  test.each([
    [{ valueFrom: { configMapKeyRef: { name: 'no', key: 'k' } } }, 'configmap "no" not found'], [{ valueFrom: { secretKeyRef: { name: 'no', key: 'k' } } }, 'secret "no" not found'],
    [{ valueFrom: { fieldRef: { fieldPath: 'spec.nope' } } }, 'unsupported fieldPath: spec.nope'],
  ])('%o is refused: %s', (variable, message) => {
    expect(() => environment(pod(), { name: 'c', env: [{ name: 'X', ...variable }] }, noSources)).toThrow(message)
  })
})

test('the downward API tells fields and resources', () => {
  const labelled = pod({ nodeName: 'n1', serviceAccountName: 'sa' }, { labels: { b: '2', a: 'x"y' }, annotations: { n: 'v' } })
  const field = (path: string) => fieldValue(labelled, path, noSources.facts)
  expect(['metadata.labels', "metadata.labels['b']", "metadata.annotations['n']", "metadata.labels['none']", 'spec.nodeName', 'spec.serviceAccountName', 'status.podIPs', 'status.hostIP', 'metadata.uid', 'status.nope'].map(field))
    .toEqual(['a="x\\"y"\nb="2"', '2', 'v', '', 'n1', 'sa', '10.0.0.9,fd00::9', '192.0.2.1', 'u1', undefined])
  const container = { name: 'c', resources: { requests: { cpu: '250m' }, limits: { memory: '100Mi' } } }
  const resource = (name: string, divisor?: string) => resourceValue(container, { resource: name, ...(divisor && { divisor }) }, noSources.facts)
  expect([resource('requests.cpu'), resource('requests.cpu', '1m'), resource('limits.cpu'), resource('limits.memory'), resource('limits.memory', '1Mi'), resource('requests.memory'), resource('cpu')]).toEqual(['1', '250', '2', '104857600', '100', '104857600', undefined])
})

describe('DNS', () => {
  const facts = { clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local', resolvConf: 'nameserver 192.0.2.53\nsearch lan example\noptions timeout:1\n# x\n' }
  const own = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local']
  test.each([
    ['ClusterFirst', false, { servers: ['10.96.0.10'], searches: [...own, 'lan', 'example'], options: ['ndots:5'] }],
    ['ClusterFirst', true, { servers: ['192.0.2.53'], searches: ['lan', 'example'], options: ['timeout:1'] }],
    ['ClusterFirstWithHostNet', true, { servers: ['10.96.0.10'], searches: [...own, 'lan', 'example'], options: ['ndots:5'] }],
    ['Default', false, { servers: ['192.0.2.53'], searches: ['lan', 'example'], options: ['timeout:1'] }],
    ['None', false, { servers: [], searches: [], options: [] }],
  ])('policy %s (on the host network: %s)', (dnsPolicy, hostNetwork, expected) => {
    expect(dnsConfig(pod({ dnsPolicy, hostNetwork }), facts)).toEqual(expected)
  })
  test('dnsConfig adds and overrides', () => {
    expect(dnsConfig(pod({ dnsPolicy: 'ClusterFirst', dnsConfig: { nameservers: ['1.1.1.1', '10.96.0.10'], searches: ['more'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] } }), facts))
      .toEqual({ servers: ['10.96.0.10', '1.1.1.1'], searches: [...own, 'lan', 'example', 'more'], options: ['ndots:2', 'edns0'] })
  })
  test('without a cluster DNS the machine answers', () => {
    expect(dnsConfig(pod(), { ...facts, clusterDNS: [] }).servers).toEqual(['192.0.2.53'])
  })
})

test('host names and the hosts file', () => {
  expect(hostnameOf(pod({}, { name: `${'x'.repeat(62)}-tail` }), 'cluster.local').hostname).toBe('x'.repeat(62))
  const set = pod({ hostname: 'a', subdomain: 'sub', hostAliases: [{ ip: '192.0.2.9', hostnames: ['x', 'y'] }] })
  expect(hostnameOf(set, 'cluster.local')).toEqual({ hostname: 'a', domain: 'sub.shop.svc.cluster.local' })
  expect(hostsFile(set, ['10.0.0.9'], 'cluster.local', '')).toContain('10.0.0.9\ta.sub.shop.svc.cluster.local\ta\n\n# Entries added by HostAliases.\n192.0.2.9\tx\ty\n')
  expect(hostsFile(pod({ hostNetwork: true }), [], 'cluster.local', '127.0.0.1\tlocalhost\n')).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n')
})

describe('resources', () => {
  const with_ = (resources: object) => pod({ containers: [{ name: 'c', resources }] })
  test.each([
    [{}, 'BestEffort', { cpuShares: 2, oomScoreAdj: 1000 }],
    [{ requests: { cpu: '100m' } }, 'Burstable', { cpuShares: 102, oomScoreAdj: 999 }],
    [{ requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '200m', memory: '2Gi' } }, 'Burstable', { cpuShares: 102, cpuPeriod: 100_000, cpuQuota: 20_000, memoryLimitInBytes: 2 * 1024 ** 3, oomScoreAdj: 750 }],
    [{ limits: { cpu: '2', memory: '1Gi' } }, 'Guaranteed', { cpuShares: 2048, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitInBytes: 1024 ** 3, oomScoreAdj: -997 }],
  ])('%o is %s', (resources, qos, expected) => {
    const of = with_(resources)
    expect(qosClass(of)).toBe(qos)
    expect(containerResources(of, of.spec.containers[0]!, 4 * 1024 ** 3)).toEqual(expected)
  })
  test.each([[1, undefined], [2, { 'memory.oom.group': '1' }]] as const)('with cgroups of version %i, out of memory means for the kernel: %o', (cgroupVersion, unified) => {
    const of = with_({ limits: { memory: '1Gi' } })
    const inputs = { attempt: 0, backoff: 0, imageRef: 'sha256:1', environment: new Map(), mounts: [], memoryCapacity: 4 * 1024 ** 3, cgroupVersion, seccompRoot: '/sec' }
    expect(containerConfig(of, { kind: 'app', spec: of.spec.containers[0]!, sidecar: false }, inputs).linux?.resources?.unified).toEqual(unified)
  })
  test('of a pod: the containers together, or an init container if that is more', () => {
    const of = pod({ initContainers: [{ name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } }, { name: 'i', resources: { requests: { cpu: '400m' } } }], containers: [{ name: 'a', resources: { requests: { cpu: '100m' } } }, { name: 'b', resources: { requests: { cpu: '200m' } } }], overhead: { cpu: '10m' } })
    expect(podRequests(of, 'cpu')).toBe(460)
    expect(podCgroupLimits(of)).toEqual({ cpuShares: 471 })
    expect(podCgroup('/', { uid: 'u1', qos: 'Burstable' })).toBe('/kubepods/burstable/podu1')
    expect(podCgroup('/root', { uid: 'u1', qos: 'Guaranteed' })).toBe('/root/kubepods/podu1')
  })
})

test('a container is held to its own security context over the pod\'s', () => {
  const of = pod({ securityContext: { runAsUser: 1, runAsNonRoot: true, fsGroup: 5, supplementalGroups: [6], seccompProfile: { type: 'RuntimeDefault' } } })
  const own = { name: 'c', securityContext: { runAsUser: 2, capabilities: { add: ['NET_ADMIN'] }, allowPrivilegeEscalation: false } }
  expect(containerSecurity(of, own, '/sec')).toMatchObject({ runAsUser: { value: 2 }, supplementalGroups: [5, 6], noNewPrivs: true, seccomp: { profileType: 'RuntimeDefault' }, capabilities: { addCapabilities: ['NET_ADMIN'] }, privileged: false })
  expect(() => checkUser(of, { name: 'c', securityContext: { runAsUser: 0 } }, { uid: null, username: '' })).toThrow('container\'s runAsUser breaks non-root policy (pod: "web_shop(u1)", container: c)')
  const image = (username: string, uid: number | null) => () => checkUser(pod({ securityContext: { runAsNonRoot: true } }), { name: 'c' }, { uid: uid === null ? null : { value: uid }, username })
  expect(image('', null)).toThrow('container has runAsNonRoot and image will run as root (pod: "web_shop(u1)", container: c)')
  expect(image('me', null)).toThrow('image has non-numeric user (me), cannot verify user is non-root')
  expect(image('', 7)).not.toThrow()
})

test('services show in the environment', () => {
  const service = (name: string, namespace: string, clusterIP: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }] } })
  const all = [service('my-db', 'shop', '10.96.0.5'), service('none', 'shop', 'None'), service('other', 'else', '10.96.0.6'), service('kubernetes', 'default', '10.96.0.1')]
  const found = serviceEnvironment(all, 'shop', true)
  expect(Object.fromEntries([...found].filter(([name]) => name.startsWith('MY_DB')))).toEqual({
    MY_DB_SERVICE_HOST: '10.96.0.5', MY_DB_SERVICE_PORT: '80', MY_DB_SERVICE_PORT_HTTP: '80', MY_DB_PORT: 'tcp://10.96.0.5:80',
    MY_DB_PORT_80_TCP: 'tcp://10.96.0.5:80', MY_DB_PORT_80_TCP_PROTO: 'tcp', MY_DB_PORT_80_TCP_PORT: '80', MY_DB_PORT_80_TCP_ADDR: '10.96.0.5',
    MY_DB_PORT_53_UDP: 'udp://10.96.0.5:53', MY_DB_PORT_53_UDP_PROTO: 'udp', MY_DB_PORT_53_UDP_PORT: '53', MY_DB_PORT_53_UDP_ADDR: '10.96.0.5',
  })
  expect(found.has('KUBERNETES_SERVICE_HOST')).toBe(true)
  expect([...found.keys()].some((name) => /^(NONE|OTHER)_/.test(name))).toBe(false)
  expect([...serviceEnvironment(all, 'shop', false).keys()].every((name) => name.startsWith('KUBERNETES_'))).toBe(true)
})

test('pull secrets are chosen by registry and path', () => {
  const secret = (data: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: data })).toString('base64') } })
  const auth = Buffer.from('me:pass:word').toString('base64')
  expect(authsFor('docker.io/library/nginx:1', [secret({ 'https://index.docker.io/v1/': { auth } })])).toMatchObject([{ username: 'me', password: 'pass:word' }])
  expect(authsFor('reg:5000/a/b:1', [secret({ 'reg:5000/a': { username: 'u', password: 'p' }, 'reg:5000/other': { auth }, reg: { auth } })])).toMatchObject([{ username: 'u', password: 'p' }])
  expect(authsFor('x/y', [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { '.dockerconfigjson': 'AAAA' } }])).toEqual([])
})

test('a sandbox has the pod\'s name, network, ports and place', () => {
  const facts = { clusterDNS: [], clusterDomain: 'cluster.local', resolvConf: '', podLogsDir: '/logs', cgroupRoot: '/', seccompRoot: '/sec' }
  const of = pod({ shareProcessNamespace: true, hostIPC: true, securityContext: { sysctls: [{ name: 'net.x', value: '1' }] }, containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }] }] }, { labels: { app: 'a' } })
  expect(sandboxConfig(of, 2, facts)).toMatchObject({
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', attempt: 2 }, hostname: 'web', logDirectory: '/logs/shop_web_u1', portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: 8080, hostIp: '' }],
    labels: { app: 'a', 'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.uid': 'u1' },
    linux: { cgroupParent: '/kubepods/besteffort/podu1', sysctls: { 'net.x': '1' }, securityContext: { namespaceOptions: { network: 'POD', pid: 'POD', ipc: 'NODE' } } },
  })
  expect(sandboxConfig(pod({ hostNetwork: true }), 0, facts)).toMatchObject({ hostname: '', portMappings: [], linux: { securityContext: { namespaceOptions: { network: 'NODE' } } } })
})
