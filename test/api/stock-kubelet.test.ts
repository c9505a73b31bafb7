import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isNotFound } from '../../api/errors.ts'
import { certificateSigningRequests } from '../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { configMaps } from '../../api/kinds/core-v1/config-map.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { secrets } from '../../api/kinds/core-v1/secret.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import type { Cluster } from '../../cli/embed/start-cluster.ts'
import { createRequest, generateKey } from '../../control/pki/certificate.ts'
import { componentClient } from './component-client.ts'
import type { Answer, ComponentClient, Form, Identity } from './component-client.ts'

/*
 * What a stock kubelet asks for with its default settings, from its first certificate to the end of its pods, in the order and the words of the
 * original: identity system:node:n1, the Node authorizer, RBAC and NodeRestriction on, protobuf preferred. And the same in JSON.
 */

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe.each<Form>(['protobuf', 'json'])('a stock kubelet, speaking %s', (form) => {
  const name = 'n1'
  const clients: ComponentClient[] = []
  let cluster: Cluster
  let ca: string
  let kubelet: ComponentClient
  let uid: string
  /** The runtime's part of the test: pods bound to the node, as the scheduler would. */
  const bound = (pod: string, spec: object = {}) => cluster.client.create(pods, { metadata: { name: pod, namespace: 'default' }, spec: { nodeName: name, containers: [{ name: 'c', image: 'i' }], ...spec } })
  const as = (identity: Identity): ComponentClient => {
    const client = componentClient(cluster.url, ca, identity, form, 'kubelet/v1.36.0 (linux/amd64) kubernetes/0000000')
    clients.push(client)
    return client
  }
  const ok = (answer: Answer, status = 200): any => {
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status, type: form === 'protobuf' ? 'application/vnd.kubernetes.protobuf' : 'application/json' })
    return answer.body
  }
  const forbidden = (answer: Answer): string => ok(answer, 403).message
  /** How client-go fills a cache since 1.35: a watch that begins with what there is. */
  const reflector = async (path: string) => {
    const { status, next, stop } = await kubelet.watch(`${path}${path.includes('?') ? '&' : '?'}allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeout=9m17s&timeoutSeconds=557&watch=true`)
    expect(status).toBe(200)
    const there: any[] = []
    await next(({ type, object }) => {
      if (type === 'ADDED') there.push(object)
      return type === 'BOOKMARK' && object.metadata.annotations['k8s.io/initial-events-end'] === 'true'
    })
    return { there, next, stop }
  }
  const names = (objects: any[]): string[] => objects.map(({ metadata }) => metadata.name)

  beforeAll(async () => {
    cluster = await startCluster()
    ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(cluster.kubeconfig)![1]!, 'base64').toString()
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await cluster.stop()
  })

  async function certified(asker: ComponentClient, signerName: string, usages: string[], request: string, approve = false): Promise<{ certificate: string; csr: string }> {
    const made = ok(await asker.ask('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', {
      apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { generateName: 'csr-' }, spec: { request: base64(request), signerName, usages },
    }), 201)
    const csr = made.metadata.name as string
    const listed = ok(await asker.ask('GET', `/apis/certificates.k8s.io/v1/certificatesigningrequests?fieldSelector=metadata.name%3D${csr}&limit=500&resourceVersion=0`))
    expect(names(listed.items)).toEqual([csr])
    const watch = await asker.watch(`/apis/certificates.k8s.io/v1/certificatesigningrequests?allowWatchBookmarks=true&fieldSelector=metadata.name%3D${csr}&resourceVersion=${made.metadata.resourceVersion}&watch=true`)
    if (approve) {
      const there = await cluster.client.get(certificateSigningRequests, { name: csr })
      await cluster.client.update(certificateSigningRequests, { ...there, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] } }, { subresource: 'approval' })
    }
    const { object } = await watch.next(({ object }) => object.status?.certificate)
    watch.stop()
    return { certificate: Buffer.from(object.status.certificate, 'base64').toString(), csr }
  }

  test('gets its certificate with a bootstrap token, and renews it', async () => {
    await cluster.client.create(secrets, {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token',
      stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' },
    })
    const signer = 'kubernetes.io/kube-apiserver-client-kubelet'
    const subject = { commonName: `system:node:${name}`, organizations: ['system:nodes'] }
    const first = (await generateKey()).pem
    const { certificate } = await certified(as({ token: 'abcdef.0123456789abcdef' }), signer, ['digital signature', 'client auth'], await createRequest(first, subject))
    const key = (await generateKey()).pem
    const renewed = await certified(as({ key: first, certificate }), signer, ['digital signature', 'client auth'], await createRequest(key, subject))
    expect(await cluster.client.get(certificateSigningRequests, { name: renewed.csr })).toMatchObject({ status: { conditions: [{ type: 'Approved', reason: 'AutoApproved' }] } })
    kubelet = as({ key, certificate: renewed.certificate })
  })

  test('registers its node and tells how it is', async () => {
    const addresses = [{ type: 'InternalIP', address: '192.0.2.1' }, { type: 'Hostname', address: name }]
    const conditions = (time: string) => ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({ type, status: 'False', reason: 'KubeletHas', message: 'm', lastHeartbeatTime: time, lastTransitionTime: time }))
    expect(ok(await kubelet.ask('GET', `/api/v1/nodes/${name}?resourceVersion=0`), 404)).toMatchObject({ kind: 'Status', reason: 'NotFound' })
    const register = (labels: object) => kubelet.ask('POST', '/api/v1/nodes', {
      apiVersion: 'v1', kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/os': 'linux', ...labels }, annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
      spec: { taints: [{ key: 'node.example.com/new', effect: 'NoSchedule' }] },
      status: { addresses, capacity: { cpu: '2', memory: '4Gi', pods: '110' }, allocatable: { cpu: '2', memory: '4Gi', pods: '110' }, conditions: conditions('2026-01-01T00:00:00Z'), daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } },
    })
    expect(forbidden(await register({ 'node-role.kubernetes.io/edge': '' }))).toContain('is not allowed to set the following labels: node-role.kubernetes.io/edge')
    const node = ok(await register({}), 201)
    uid = node.metadata.uid
    expect(ok(await kubelet.ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } }), 409)).toMatchObject({ reason: 'AlreadyExists' })
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: '2026-01-01T00:00:10Z', lastTransitionTime: '2026-01-01T00:00:10Z' }
    const patched = ok(await kubelet.patch(`/api/v1/nodes/${name}/status`, {
      metadata: { annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'false' } },
      status: {
        '$setElementOrder/conditions': [...conditions(''), ready].map(({ type }) => ({ type })),
        conditions: [{ type: 'MemoryPressure', lastHeartbeatTime: '2026-01-01T00:00:10Z' }, ready], nodeInfo: { kubeletVersion: 'v1.36.0' }, images: [{ names: ['i:1'], sizeBytes: 1 }],
      },
    }))
    expect(patched).toMatchObject({ metadata: { annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'false' } }, status: { nodeInfo: { kubeletVersion: 'v1.36.0' }, images: [{ names: ['i:1'] }] } })
    expect(patched.status.conditions.map(({ type, lastHeartbeatTime }: any) => [type, lastHeartbeatTime])).toEqual([
      ['MemoryPressure', '2026-01-01T00:00:10Z'], ['DiskPressure', '2026-01-01T00:00:00Z'], ['PIDPressure', '2026-01-01T00:00:00Z'], ['Ready', '2026-01-01T00:00:10Z'],
    ])
    // The node lifecycle controller hears of it.
    await cluster.eventually(async () => (await cluster.client.get(nodes, { name })).spec!.taints!.every(({ key }) => key !== 'node.kubernetes.io/not-ready'))
  })

  test('keeps its lease, and nobody else’s', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    const lease = (holder: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: holder, namespace: 'kube-node-lease', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] }, spec: { holderIdentity: holder, leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000001Z' } })
    ok(await kubelet.ask('GET', `${path}/${name}`), 404)
    const made = ok(await kubelet.ask('POST', path, lease(name)), 201)
    const renewed = ok(await kubelet.ask('PUT', `${path}/${name}`, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...made, spec: { ...made.spec, renewTime: '2026-01-01T00:00:10.123456Z' } }))
    expect(renewed.spec).toMatchObject({ holderIdentity: name, renewTime: '2026-01-01T00:00:10.123456Z' })
    expect(forbidden(await kubelet.ask('POST', path, lease('n2')))).toContain('can only access node lease with the same name as the requesting node')
    expect(forbidden(await kubelet.ask('GET', `${path}/n2`))).toContain('can only access node lease with the same name as the requesting node')
  })

  test('fills its caches: its node, its pods, services, drivers, runtime classes', async () => {
    const node = await reflector(`/api/v1/nodes?fieldSelector=metadata.name%3D${name}`)
    expect(names(node.there)).toEqual([name])
    expect(names((await reflector('/api/v1/services')).there)).toEqual(['kubernetes'])
    for (const path of ['/apis/storage.k8s.io/v1/csidrivers', '/apis/node.k8s.io/v1/runtimeclasses']) expect((await reflector(path)).there).toEqual([])
    // And as kubelets before 1.35 do: a list, then a watch.
    const listed = ok(await kubelet.ask('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${name}&limit=500&resourceVersion=0`))
    expect(listed.items ?? []).toEqual([])
    const watch = await kubelet.watch(`/api/v1/pods?allowWatchBookmarks=true&fieldSelector=spec.nodeName%3D${name}&resourceVersion=${listed.metadata.resourceVersion}&timeoutSeconds=400&watch=true`)
    await cluster.client.create(pods, { metadata: { name: 'elsewhere', namespace: 'default' }, spec: { nodeName: 'n2', containers: [{ name: 'c', image: 'i' }] } })
    await bound('seen')
    expect((await watch.next(() => true)).object.metadata.name).toBe('seen')
    watch.stop()
    expect(forbidden(await kubelet.ask('GET', '/api/v1/pods'))).toContain(`can only list/watch pods with spec.nodeName field selector`)
  })

  test('knows the drivers of its node, and clears away its devices', async () => {
    const path = '/apis/storage.k8s.io/v1/csinodes'
    ok(await kubelet.ask('GET', `${path}/${name}`), 404)
    const made = ok(await kubelet.ask('POST', path, { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] }, spec: { drivers: [] } }), 201)
    ok(await kubelet.ask('PUT', `${path}/${name}`, { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', ...made, spec: { drivers: [{ name: 'd.example.com', nodeID: name, topologyKeys: [] }] } }))
    ok(await kubelet.ask('DELETE', `/apis/resource.k8s.io/v1/resourceslices?fieldSelector=spec.nodeName%3D${name}`, { apiVersion: 'v1', kind: 'DeleteOptions' }))
    expect(forbidden(await kubelet.ask('DELETE', '/apis/resource.k8s.io/v1/resourceslices', { apiVersion: 'v1', kind: 'DeleteOptions' }))).toContain('can only list/watch/deletecollection resourceslices with nodeName field selector')
  })

  test('reads what its pods mention, by name, and nothing else', async () => {
    for (const which of ['mine', 'other']) {
      await cluster.client.create(secrets, { metadata: { name: which, namespace: 'default' }, stringData: { a: which } })
      await cluster.client.create(configMaps, { metadata: { name: which, namespace: 'default' }, data: { a: which } })
    }
    await bound('reader', { containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'mine' } }], env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'mine', key: 'a' } } }] }] })
    for (const kind of ['secrets', 'configmaps']) {
      const path = `/api/v1/namespaces/default/${kind}`
      expect((ok(await kubelet.ask('GET', `${path}/mine`))).data.a).toBe(kind === 'secrets' ? base64('mine') : 'mine')
      const cache = await reflector(`${path}?fieldSelector=metadata.name%3Dmine`)
      expect(names(cache.there)).toEqual(['mine'])
      await cluster.client.patch(kind === 'secrets' ? secrets : configMaps, { namespace: 'default', name: 'mine' }, { type: 'merge', patch: { metadata: { labels: { changed: 'yes' } } } })
      expect((await cache.next(({ type }) => type === 'MODIFIED')).object.metadata.labels).toEqual({ changed: 'yes' })
      cache.stop()
      expect(forbidden(await kubelet.ask('GET', `${path}/other`))).toContain(`no relationship found between node 'n1' and this object`)
      expect((await kubelet.watch(`${path}?fieldSelector=metadata.name%3Dother&watch=true`)).status).toBe(403)
      forbidden(await kubelet.ask('GET', path))
    }
  })

  test('gets tokens for its pods, bound to them', async () => {
    const pod = await cluster.client.get(pods, { namespace: 'default', name: 'reader' })
    const request = (boundTo: { name: string; uid: string }) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [], expirationSeconds: 3607, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...boundTo } } })
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
    const { token } = ok(await kubelet.ask('POST', path, request({ name: 'reader', uid: pod.metadata.uid! })), 201).status
    ok(await kubelet.ask('GET', '/api/v1/namespaces/default/serviceaccounts/default'))
    const review = ok(await kubelet.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }), 201)
    expect(review.status).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:default', extra: { 'authentication.kubernetes.io/pod-name': ['reader'], 'authentication.kubernetes.io/node-name': [name] } } })
    expect(forbidden(await kubelet.ask('POST', path, request({ name: 'elsewhere', uid: (await cluster.client.get(pods, { namespace: 'default', name: 'elsewhere' })).metadata.uid! })))).toMatch(/node requested token bound to a pod scheduled on a different node|no relationship found/)
    expect((await as({ token }).ask('GET', '/api/v1/namespaces/default/pods')).body.message).toContain('User "system:serviceaccount:default:default" cannot list resource "pods"')
  })

  test('asks who knocks at its port, and what they may', async () => {
    const review = (user: string, groups: string[]) => kubelet.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, groups, resourceAttributes: { verb: 'create', version: 'v1', resource: 'nodes', subresource: 'proxy', name } },
    })
    expect(ok(await review('kube-apiserver-kubelet-client', ['system:authenticated']), 201).status).toMatchObject({ allowed: true })
    expect(ok(await review('jane', ['system:authenticated']), 201).status.allowed ?? false).toBe(false)
    // The bundle of authorities for its port, and how it is itself.
    forbidden(await kubelet.ask('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'))
  })

  test('gets a serving certificate once somebody approves', async () => {
    const key = (await generateKey()).pem
    const request = await createRequest(key, { commonName: `system:node:${name}`, organizations: ['system:nodes'], ips: ['192.0.2.1'], dnsNames: [name] })
    const { certificate, csr } = await certified(kubelet, 'kubernetes.io/kubelet-serving', ['digital signature', 'server auth'], request, true)
    expect(certificate).toContain('BEGIN CERTIFICATE')
    expect((await cluster.client.get(certificateSigningRequests, { name: csr })).spec.username).toBe(`system:node:${name}`)
  })

  test('tells how its pods are, and removes them in the end', async () => {
    const pod = await bound('living')
    const path = '/api/v1/namespaces/default/pods/living'
    expect(ok(await kubelet.ask('GET', path)).metadata.uid).toBe(pod.metadata.uid)
    const condition = (type: string, status: string) => ({ type, status, lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 })
    const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
    const first = ok(await kubelet.patch(`${path}/status`, {
      metadata: { uid: pod.metadata.uid },
      status: {
        '$setElementOrder/conditions': types.map((type) => ({ type })), conditions: types.map((type) => condition(type, type === 'Ready' ? 'False' : 'True')),
        containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, started: false, state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} }],
        hostIP: '192.0.2.1', hostIPs: [{ ip: '192.0.2.1' }], observedGeneration: 1, startTime: '2026-01-01T00:00:00Z', phase: 'Pending',
      },
    }))
    expect(first.status.conditions.map(({ type }: any) => type)).toEqual(types)
    const second = ok(await kubelet.patch(`${path}/status`, {
      metadata: { uid: pod.metadata.uid },
      status: {
        '$setElementOrder/conditions': types.map((type) => ({ type })), conditions: [{ type: 'Ready', status: 'True' }],
        '$setElementOrder/podIPs': [{ ip: '10.244.0.5' }], podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }], phase: 'Running',
        containerStatuses: [{ name: 'c', image: 'i', imageID: 'x', ready: true, restartCount: 0, started: true, state: { running: { startedAt: '2026-01-01T00:00:01Z' } }, lastState: {} }],
      },
    }))
    expect(second.status).toMatchObject({ phase: 'Running', podIPs: [{ ip: '10.244.0.5' }], conditions: types.map((type) => ({ type, status: 'True' })), containerStatuses: [{ state: { running: { startedAt: '2026-01-01T00:00:01Z' } } }] })
    const without = ok(await kubelet.patch(`${path}/status`, { metadata: { uid: pod.metadata.uid }, status: { conditions: [{ $patch: 'delete', type: 'PodReadyToStartContainers' }] } }))
    expect(without.status.conditions.map(({ type }: any) => type)).toEqual(types.slice(1))
    expect(ok(await kubelet.patch(`${path}/status`, { metadata: { uid: 'another' }, status: { phase: 'Failed' } }), 409)).toMatchObject({ reason: 'Conflict' })
    expect(forbidden(await kubelet.patch('/api/v1/namespaces/default/pods/elsewhere/status', { status: { phase: 'Failed' } }))).toContain(`node "n1" can only update pod status for pods with spec.nodeName set to itself`)

    await cluster.client.delete(pods, { namespace: 'default', name: 'living' })
    expect(ok(await kubelet.ask('GET', path)).metadata.deletionTimestamp).toBeTruthy()
    ok(await kubelet.ask('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }))
    await expect(cluster.client.get(pods, { namespace: 'default', name: 'living' })).rejects.toSatisfy(isNotFound)
    // What is in no graph is refused, not missing.
    forbidden(await kubelet.ask('GET', path))
  })

  test('evicts its own pods', async () => {
    await bound('heavy')
    const eviction = (pod: string) => kubelet.ask('POST', `/api/v1/namespaces/default/pods/${pod}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: 'default' } })
    ok(await eviction('heavy'), 201)
    expect(forbidden(await eviction('elsewhere'))).toContain('can only evict pods with spec.nodeName set to itself')
  })

  test('shows its static pods as mirror pods, and takes them away again', async () => {
    const mirror = (pod: string, more: object) => kubelet.ask('POST', '/api/v1/namespaces/kube-system/pods', {
      apiVersion: 'v1', kind: 'Pod',
      metadata: { name: pod, namespace: 'kube-system', annotations: { 'kubernetes.io/config.mirror': 'hash', 'kubernetes.io/config.hash': 'hash', 'kubernetes.io/config.seen': '2026-01-01T00:00:00Z', 'kubernetes.io/config.source': 'file' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid, controller: true }], ...more },
      spec: { nodeName: name, hostNetwork: true, priorityClassName: 'system-node-critical', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }], containers: [{ name: 'c', image: 'i' }] },
    })
    const made = ok(await mirror('etcd-n1', {}), 201)
    expect(made.spec).toMatchObject({ nodeName: name, priority: 2_000_001_000 })
    expect(made.spec.volumes ?? []).toEqual([]) // no token: it must not speak for an account
    expect(forbidden(await mirror('plain-n1', { annotations: {} }))).toContain('node "n1" can only create mirror pods')
    expect(forbidden(await mirror('unowned-n1', { ownerReferences: [] }))).toContain('node "n1" can only create pods with an owner reference set to itself')
    ok(await kubelet.ask('DELETE', '/api/v1/namespaces/kube-system/pods/etcd-n1', { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: made.metadata.uid } }))
    await expect(cluster.client.get(pods, { namespace: 'kube-system', name: 'etcd-n1' })).rejects.toSatisfy(isNotFound)
  })

  test('records events, and counts those that come again', async () => {
    const event = (reason: string) => ({ apiVersion: 'v1', kind: 'Event', metadata: { name: `n1.${reason}`, namespace: 'default' }, involvedObject: { kind: 'Node', name, uid: name }, reason, message: 'm', type: 'Normal', source: { component: 'kubelet', host: name }, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z', count: 1, reportingComponent: 'kubelet', reportingInstance: name })
    ok(await kubelet.ask('POST', '/api/v1/namespaces/default/events', event('starting')), 201)
    const counted = ok(await kubelet.patch('/api/v1/namespaces/default/events/n1.starting', { count: 2, lastTimestamp: '2026-01-01T00:01:00Z' }))
    expect(counted).toMatchObject({ count: 2, lastTimestamp: '2026-01-01T00:01:00Z', reason: 'starting' })
    ok(await kubelet.ask('PUT', '/api/v1/namespaces/default/events/n1.starting', { apiVersion: 'v1', kind: 'Event', ...counted, count: 3 }))
    // A patch for one that has expired: the recorder creates it anew then.
    ok(await kubelet.patch('/api/v1/namespaces/default/events/n1.gone', { count: 2 }), 404)
  })

  test('touches no other node', async () => {
    await cluster.client.create(nodes, { metadata: { name: 'n2' } })
    expect(forbidden(await kubelet.patch('/api/v1/nodes/n2/status', { status: { phase: 'x' } }))).toContain(`node "n1" is not allowed to modify node "n2"`)
    expect(forbidden(await kubelet.patch(`/api/v1/nodes/${name}`, { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } }))).toContain('is not allowed to modify labels: node-restriction.kubernetes.io/a')
    expect(forbidden(await kubelet.patch(`/api/v1/nodes/${name}`, { spec: { taints: [] } }))).toContain('is not allowed to modify taints')
    expect(forbidden(await kubelet.ask('DELETE', `/api/v1/nodes/${name}`, { apiVersion: 'v1', kind: 'DeleteOptions' }))).toMatch(/cannot delete resource "nodes"/)
  })
})
