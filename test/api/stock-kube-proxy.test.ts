import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateSigningRequests } from '../../api/kinds/certificates-v1/certificate-signing-request.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'
import type { Cluster } from '../../cli/embed/start-cluster.ts'
import { createRequest, generateKey } from '../../control/pki/certificate.ts'
import { componentClient } from './component-client.ts'
import type { ComponentClient, Form } from './component-client.ts'

/* What a stock kube-proxy asks for with its default settings, as system:kube-proxy: protobuf preferred, and the same in JSON. */

/** Which services and slices it does: none that are headless or somebody else's. */
const selected = 'labelSelector=%21service.kubernetes.io%2Fheadless%2C%21service.kubernetes.io%2Fservice-proxy-name'

describe.each<Form>(['protobuf', 'json'])('a stock kube-proxy, speaking %s', (form) => {
  let cluster: Cluster
  let proxy: ComponentClient
  const slice = (name: string, labels: object) => cluster.client.create(endpointSlices, {
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web', ...labels } }, addressType: 'IPv4', endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true } }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  })

  beforeAll(async () => {
    cluster = await startCluster()
    const ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(cluster.kubeconfig)![1]!, 'base64').toString()
    const key = (await generateKey()).pem
    const request = Buffer.from(await createRequest(key, { commonName: 'system:kube-proxy' })).toString('base64')
    const made = await cluster.client.create(certificateSigningRequests, { metadata: { name: 'kube-proxy' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] } })
    await cluster.client.update(certificateSigningRequests, { ...made, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] } }, { subresource: 'approval' })
    const issued = await cluster.eventually(async () => (await cluster.client.get(certificateSigningRequests, { name: 'kube-proxy' })).status?.certificate ?? false)
    proxy = componentClient(cluster.url, ca, { key, certificate: Buffer.from(issued as string, 'base64').toString() }, form, 'kube-proxy/v1.36.0 (linux/amd64) kubernetes/0000000')
    await cluster.client.create(nodes, { metadata: { name: 'n1' } })
    await cluster.client.create(services, { metadata: { name: 'web', namespace: 'default' }, spec: { ports: [{ name: 'http', port: 80 }], sessionAffinity: 'ClientIP' } })
    await cluster.client.create(services, { metadata: { name: 'hidden', namespace: 'default', labels: { 'service.kubernetes.io/service-proxy-name': 'other' } }, spec: { ports: [{ port: 80 }] } })
    await cluster.clock.settle()
    await slice('web-1', {})
    await slice('headless-1', { 'service.kubernetes.io/headless': '' })
  })
  afterAll(async () => {
    proxy.close()
    await cluster.stop()
  })

  test('finds its node', async () => {
    expect(await proxy.ask('GET', '/api/v1/nodes/n1')).toMatchObject({ status: 200, body: { metadata: { name: 'n1' } } })
    const listed = await proxy.ask('GET', '/api/v1/nodes?fieldSelector=metadata.name%3Dn1&limit=500&resourceVersion=0')
    expect(listed.body.items).toMatchObject([{ metadata: { name: 'n1' } }])
    const watch = await proxy.watch(`/api/v1/nodes?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dn1&resourceVersion=${listed.body.metadata.resourceVersion}&timeoutSeconds=400&watch=true`)
    await cluster.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } } })
    const { object } = await watch.next(({ object }) => object.metadata.labels?.['topology.kubernetes.io/zone'] === 'a')
    expect(object.spec.podCIDRs).toEqual(['10.244.0.0/24'])
    watch.stop()
  })

  test.each([
    { path: '/api/v1/services', there: ['kubernetes', 'web'] },
    { path: '/apis/discovery.k8s.io/v1/endpointslices', there: ['web-1'] },
  ])('fills its cache from $path with what is for it', async ({ path, there }) => {
    const listed = (await proxy.ask('GET', `${path}?${selected}&limit=500&resourceVersion=0`)).body
    expect(listed.items.map(({ metadata }: any) => metadata.name).sort()).toEqual(there)
    const watch = await proxy.watch(`${path}?allowWatchBookmarks=true&${selected}&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeoutSeconds=400&watch=true`)
    const seen: string[] = []
    await watch.next(({ type, object }) => {
      if (type === 'ADDED') seen.push(object.metadata.name)
      return type === 'BOOKMARK' && object.metadata.annotations['k8s.io/initial-events-end'] === 'true'
    })
    expect(seen.sort()).toEqual(there)
    // Out of the selection and back in again.
    const which = path.endsWith('services') ? { kind: services, name: 'web' } : { kind: endpointSlices, name: 'web-1' }
    const label = (value: string | null) => cluster.client.patch(which.kind as typeof services, { namespace: 'default', name: which.name }, { type: 'merge', patch: { metadata: { labels: { 'service.kubernetes.io/service-proxy-name': value } } } })
    await label('other')
    expect((await watch.next(() => true))).toMatchObject({ type: 'DELETED', object: { metadata: { name: which.name } } })
    await label(null)
    expect((await watch.next(() => true))).toMatchObject({ type: 'ADDED', object: { metadata: { name: which.name } } })
    watch.stop()
  })

  test('sees what it needs to forward', async () => {
    const { items: found } = (await proxy.ask('GET', `/api/v1/services?${selected}`)).body
    expect(found.find(({ metadata }: any) => metadata.name === 'web').spec).toMatchObject({
      clusterIP: expect.stringMatching(/^10\./), clusterIPs: [expect.any(String)], ipFamilies: ['IPv4'], type: 'ClusterIP', internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } }, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }],
    })
    const { items: slices } = (await proxy.ask('GET', `/apis/discovery.k8s.io/v1/endpointslices?${selected}`)).body
    expect(slices.find(({ metadata }: any) => metadata.name === 'web-1')).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: true } }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] })
    expect((await proxy.ask('GET', '/apis/networking.k8s.io/v1/servicecidrs?limit=500&resourceVersion=0')).status).toBe(200)
  })

  test('records events, and counts those that come again', async () => {
    const path = '/apis/events.k8s.io/v1/namespaces/default/events'
    const made = await proxy.ask('POST', path, {
      apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'n1.1', namespace: 'default' }, eventTime: '2026-01-01T00:00:00.000001Z', reportingController: 'kube-proxy', reportingInstance: 'kube-proxy-n1',
      action: 'StartKubeProxy', reason: 'Starting', regarding: { kind: 'Node', name: 'n1', uid: 'n1' }, type: 'Normal',
    })
    expect(made, JSON.stringify(made.body)).toMatchObject({ status: 201, body: { reason: 'Starting', eventTime: '2026-01-01T00:00:00.000001Z' } })
    const counted = await proxy.patch(`${path}/n1.1`, { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000001Z' } })
    expect(counted).toMatchObject({ status: 200, body: { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000001Z' } } })
  })

  test('may no more than that', async () => {
    const refused = await proxy.ask('GET', '/api/v1/pods')
    expect(refused).toMatchObject({ status: 403, body: { message: 'pods is forbidden: User "system:kube-proxy" cannot list resource "pods" in API group "" at the cluster scope' } })
    expect((await proxy.ask('GET', '/api/v1/secrets')).status).toBe(403)
  })
})
