import { describe, expect, test } from 'vitest'
import { endpoints } from '../../api/kinds/core-v1/endpoints.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Cluster } from '../../cli/embed/start-cluster.ts'
import { startCluster } from '../../cli/embed/start-cluster.ts'

const web = (more: string) => `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers:
  - name: web
    image: web:1
    env: [{ name: IPS, valueFrom: { fieldRef: { fieldPath: status.podIPs } } }, { name: HOSTS, valueFrom: { fieldRef: { fieldPath: status.hostIPs } } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }], ${more} }
`
const key = { namespace: 'default', name: 'web' }

async function slicesOf(cluster: Cluster, name = 'web') {
  const { items } = await cluster.client.list(endpointSlices, { namespace: 'default', labelSelector: `kubernetes.io/service-name=${name}` })
  return Object.fromEntries(items.map(({ addressType, endpoints: list }) => [addressType, list?.flatMap(({ addresses }) => addresses)]))
}

describe.each([
  { ipFamilies: ['IPv4', 'IPv6'] as const, podIPs: ['10.244.1.', 'fd00:244:0:1::'], hostIPs: ['192.168.64.1', 'fd00:64::1'], node: [/^10\.244\.\d+\.0\/24$/, /^fd00:244:.*\/64$/], clusterIPs: [/^10\.96\./, /^fd00:96::/] },
  { ipFamilies: ['IPv6', 'IPv4'] as const, podIPs: ['fd00:244:0:1::', '10.244.1.'], hostIPs: ['fd00:64::1', '192.168.64.1'], node: [/^fd00:244:.*\/64$/, /^10\.244\.\d+\.0\/24$/], clusterIPs: [/^fd00:96::/, /^10\.96\./] },
  { ipFamilies: ['IPv6'] as const, podIPs: ['fd00:244:0:1::'], hostIPs: ['fd00:64::1'], node: [/^fd00:244:.*\/64$/], clusterIPs: [/^fd00:96::/] },
])('a cluster of $ipFamilies', ({ ipFamilies, podIPs, hostIPs, node, clusterIPs }) => {
  test('gives nodes, pods and Services addresses of its families, in their order', async () => {
    await using cluster = await startCluster({ ipFamilies })
    const member = await cluster.addNode({ name: 'n1' })
    await cluster.apply(web('ipFamilyPolicy: PreferDualStack'))
    const pod = await cluster.eventually(async () => {
      const found = await cluster.client.get(pods, key)
      expect(found.status?.phase).toBe('Running')
      return found
    })
    const machine = await cluster.client.get(nodes, { name: 'n1' })
    expect(machine.status!.addresses).toEqual([...hostIPs.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: 'n1' }])
    expect(machine.spec.podCIDRs).toEqual(node.map((pattern) => expect.stringMatching(pattern)))
    expect(machine.spec.podCIDR).toBe(machine.spec.podCIDRs![0])
    expect(pod.status!.podIPs).toEqual(podIPs.map((prefix) => ({ ip: expect.stringContaining(prefix) })))
    expect(pod.status!.podIP).toBe(pod.status!.podIPs![0]!.ip)
    expect(pod.status).toMatchObject({ hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) })
    expect(member.runtime.container({ pod: 'web', container: 'web' }).config.envs).toEqual(expect.arrayContaining([{ key: 'IPS', value: pod.status!.podIPs!.map(({ ip }) => ip).join() }, { key: 'HOSTS', value: hostIPs.join() }]))
    const { spec } = await cluster.client.get(services, key)
    expect(spec.clusterIPs).toEqual(clusterIPs.map((pattern) => expect.stringMatching(pattern)))
    expect(spec.ipFamilies).toEqual(ipFamilies)
    await cluster.eventually(async () => expect(await slicesOf(cluster)).toEqual(Object.fromEntries(ipFamilies.map((family, i) => [family, [pod.status!.podIPs![i]!.ip]]))))
    // Endpoints know one family: the Service's first.
    await cluster.eventually(async () => expect((await cluster.client.get(endpoints, key)).subsets?.[0]?.addresses?.map(({ ip }) => ip)).toEqual([pod.status!.podIP]))
  })
})

test('a Service follows its families: up to two, back to one, headless with either', async () => {
  await using cluster = await startCluster({ ipFamilies: ['IPv4', 'IPv6'] })
  await cluster.addNode({ name: 'n1' })
  await cluster.apply(web('ipFamilies: [IPv6]'))
  const families = async (name?: string) => Object.keys(await slicesOf(cluster, name)).sort()
  const policy = (ipFamilyPolicy: string) => cluster.client.patch(services, key, { type: 'merge', patch: { spec: { ipFamilyPolicy } } })
  await cluster.eventually(async () => expect((await slicesOf(cluster)).IPv6).toEqual([expect.stringContaining('fd00:244:')]))
  expect(await families()).toEqual(['IPv6'])
  await policy('RequireDualStack')
  await cluster.eventually(async () => expect(await families()).toEqual(['IPv4', 'IPv6']))
  await policy('SingleStack')
  await cluster.eventually(async () => expect(await families()).toEqual(['IPv6']))
  await cluster.apply('{ apiVersion: v1, kind: Service, metadata: { name: none }, spec: { clusterIP: None, ipFamilyPolicy: PreferDualStack, selector: { app: web }, ports: [{ port: 80 }] } }')
  await cluster.eventually(async () => expect(await families('none')).toEqual(['IPv4', 'IPv6']))
})

test('endpoints that people keep are mirrored in the families they are of', async () => {
  await using cluster = await startCluster({ ipFamilies: ['IPv4', 'IPv6'] })
  await cluster.apply(`
{ apiVersion: v1, kind: Service, metadata: { name: out }, spec: { ipFamilyPolicy: PreferDualStack, ports: [{ port: 80 }] } }
---
apiVersion: v1
kind: Endpoints
metadata: { name: out }
subsets: [{ addresses: [{ ip: 192.0.2.7 }, { ip: '2001:db8::7' }], ports: [{ port: 80 }] }]
`)
  await cluster.eventually(async () => expect(await slicesOf(cluster, 'out')).toEqual({ IPv4: ['192.0.2.7'], IPv6: ['2001:db8::7'] }))
})
