import { describe, expect, test } from 'vitest'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { isAlreadyExists } from '../../../api/errors.ts'
import type { ControllerOptions } from '../deps.ts'
import { unless } from '../shared/unless.ts'
import { startBench } from '../testing/bench.ts'
import { dnsPortAnnotation, dnsService, planNodeDns } from './plan-node-dns.ts'

const node = (name: string, addresses: string[], { port = '10053', ready = 'True', zone = '' } = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `uid-${name}`, annotations: port ? { [dnsPortAnnotation]: port } : {}, ...(zone && { labels: { 'topology.kubernetes.io/zone': zone } }) }, spec: {},
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })), conditions: [{ type: 'Ready', status: ready }] },
} as unknown as Node)

const kubeDns = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { ...dnsService, uid: 'u', labels: { 'k8s-app': 'kube-dns' } },
  spec: { clusterIP: '10.96.0.10', ipFamilies: ['IPv4'], ports: [{ name: 'dns', protocol: 'UDP', port: 53 }, { name: 'dns-tcp', protocol: 'TCP', port: 53 }], ...spec },
} as Service)

describe('the plan', () => {
  test('has every node that answers DNS as an endpoint, hinted to its own pods', () => {
    const { create, update, remove } = planNodeDns(kubeDns(), [node('b', ['192.0.2.2'], { ready: 'Unknown' }), node('a', ['192.0.2.1'], { zone: 'z' }), node('stock', ['192.0.2.3'], { port: '' })], [])
    expect([update, remove]).toEqual([[], []])
    expect(create).toMatchObject([{
      metadata: { namespace: 'kube-system', name: 'kube-dns-nodes-ipv4-10053', labels: { 'kubernetes.io/service-name': 'kube-dns', 'endpointslice.kubernetes.io/managed-by': 'node-dns-controller.k8ts.io' }, ownerReferences: [{ kind: 'Service', uid: 'u', controller: true }] },
      addressType: 'IPv4',
      ports: [{ name: 'dns', protocol: 'UDP', port: 10053 }, { name: 'dns-tcp', protocol: 'TCP', port: 10053 }],
      endpoints: [
        { addresses: ['192.0.2.1'], nodeName: 'a', zone: 'z', conditions: { ready: true, serving: true }, hints: { forNodes: [{ name: 'a' }], forZones: [{ name: 'z' }] } },
        { addresses: ['192.0.2.2'], nodeName: 'b', conditions: { ready: false, serving: false }, hints: { forNodes: [{ name: 'b' }] } },
      ],
    }])
    expect(create[0]!.endpoints).toHaveLength(2)
  })

  test('has a slice for each family and each port', () => {
    const both = [node('a', ['192.0.2.1', '2001:db8::1']), node('b', ['2001:db8::2'], { port: '53' })]
    const { create } = planNodeDns(kubeDns({ ipFamilies: ['IPv4', 'IPv6'] }), both, [])
    expect(create.map(({ metadata, addressType, endpoints }) => [metadata.name, addressType, endpoints!.map(({ addresses }) => addresses[0])])).toEqual([
      ['kube-dns-nodes-ipv4-10053', 'IPv4', ['192.0.2.1']], ['kube-dns-nodes-ipv6-10053', 'IPv6', ['2001:db8::1']], ['kube-dns-nodes-ipv6-53', 'IPv6', ['2001:db8::2']],
    ])
  })

  test('is split among slices where nodes are many', () => {
    const many = Array.from({ length: 1200 }, (_, n) => node(`n${String(n).padStart(4, '0')}`, [`10.1.${n >> 8}.${n & 255}`]))
    const { create } = planNodeDns(kubeDns(), many, [])
    expect(create.map(({ metadata, endpoints }) => [metadata.name, endpoints!.length])).toEqual([['kube-dns-nodes-ipv4-10053', 500], ['kube-dns-nodes-ipv4-10053-1', 500], ['kube-dns-nodes-ipv4-10053-2', 200]])
  })

  test('is nothing when all is right, an update when a node changed, and a removal when nobody is left', () => {
    const { create: existing } = planNodeDns(kubeDns(), [node('a', ['192.0.2.1'])], [])
    expect(planNodeDns(kubeDns(), [node('a', ['192.0.2.1'])], existing)).toEqual({ create: [], update: [], remove: [] })
    expect(planNodeDns(kubeDns(), [node('a', ['192.0.2.1'], { ready: 'False' })], existing)).toMatchObject({ create: [], update: [{ endpoints: [{ conditions: { ready: false } }] }], remove: [] })
    expect(planNodeDns(kubeDns(), [], existing)).toEqual({ create: [], update: [], remove: existing })
  })

  test.each([['a selector', kubeDns({ selector: { 'k8s-app': 'kube-dns' } })], ['another type', kubeDns({ type: 'ExternalName' })], ['no Service', undefined]])('takes its slices away where there is %s', (_, service) => {
    const { create: existing } = planNodeDns(kubeDns(), [node('a', ['192.0.2.1'])], [])
    expect(planNodeDns(service, [node('a', ['192.0.2.1'])], existing)).toEqual({ create: [], update: [], remove: existing })
  })
})

describe('the controller', () => {
  const start = async (options: ControllerOptions) => {
    const bench = await startBench(['node-dns'], options)
    await bench.client.create(namespaces, { metadata: { name: 'kube-system' } }).catch(unless(isAlreadyExists))
    const slices = async () => (await bench.client.list(endpointSlices, { namespace: 'kube-system' })).items
    return { ...bench, slices }
  }
  const register = async ({ client }: Awaited<ReturnType<typeof start>>, each: Node) => {
    const { status, metadata: { uid: _, ...metadata } } = each
    const made = await client.create(nodes, { ...each, metadata })
    await client.updateStatus(nodes, { ...made, status } as Node)
  }

  test('makes the Service, follows nodes, and gives way to a selector', async () => {
    const bench = await start({ dnsAddresses: ['10.96.0.10'] })
    const service = await bench.eventually(() => bench.client.get(services, dnsService))
    expect(service).toMatchObject({ metadata: { labels: { 'k8s-app': 'kube-dns' } }, spec: { clusterIP: '10.96.0.10', trafficDistribution: 'PreferSameNode', ports: [{ name: 'dns', protocol: 'UDP', port: 53 }, { name: 'dns-tcp', protocol: 'TCP', port: 53 }] } })
    expect(service.spec.selector).toBeUndefined()
    await register(bench, node('a', ['192.0.2.1']))
    await bench.eventually(async () => expect(await bench.slices()).toMatchObject([{ endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }] }]))

    const other = { type: 'merge', patch: { spec: { selector: { 'k8s-app': 'kube-dns' } } } } as const
    await bench.client.patch(services, dnsService, other)
    await bench.eventually(async () => expect(await bench.slices()).toEqual([]))
    await bench.client.patch(services, dnsService, { type: 'merge', patch: { spec: { selector: null } } })
    await bench.eventually(async () => expect(await bench.slices()).toHaveLength(1))

    await bench.client.delete(services, dnsService)
    await bench.eventually(async () => expect((await bench.client.get(services, dnsService)).metadata.uid).not.toBe(service.metadata.uid))
    await bench.eventually(async () => expect((await bench.slices())[0]?.metadata.ownerReferences).toMatchObject([{ uid: (await bench.client.get(services, dnsService)).metadata.uid }]))
  })

  test('mends what others did to its slices', async () => {
    const bench = await start({ dnsAddresses: ['10.96.0.10'] })
    await register(bench, node('a', ['192.0.2.1']))
    const [slice] = await bench.eventually(async () => {
      const found = await bench.slices()
      expect(found).toHaveLength(1)
      return found
    })
    await bench.client.update(endpointSlices, { ...slice!, endpoints: [] })
    await bench.eventually(async () => expect(await bench.slices()).toMatchObject([{ endpoints: [{ addresses: ['192.0.2.1'] }] }]))
    await bench.client.delete(endpointSlices, { namespace: 'kube-system', name: slice!.metadata.name })
    await bench.eventually(async () => expect(await bench.slices()).toHaveLength(1))
  })

  test('writes nothing when a node only reports that it lives', async () => {
    const bench = await start({ dnsAddresses: ['10.96.0.10'] })
    await register(bench, node('a', ['192.0.2.1']))
    await bench.eventually(async () => expect(await bench.slices()).toHaveLength(1))
    await bench.clock.settle()
    const before = bench.writes.filter((write) => write.includes('endpointslices')).length
    const current = await bench.client.get(nodes, { name: 'a' })
    await bench.client.updateStatus(nodes, { ...current, status: { ...current.status, conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:10:00Z' }] } } as Node)
    await bench.clock.settle()
    expect(bench.writes.filter((write) => write.includes('endpointslices'))).toHaveLength(before)
  })

  test('does nothing where the cluster has no DNS of ours', async () => {
    const bench = await start({})
    await register(bench, node('a', ['192.0.2.1']))
    await bench.clock.settle()
    expect((await bench.client.list(services, { namespace: 'kube-system' })).items).toEqual([])
    expect(await bench.slices()).toEqual([])
  })
})
