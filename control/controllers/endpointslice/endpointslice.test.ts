import { describe, expect, test } from 'vitest'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { at, node, pod, service } from '../testing/objects.ts'
import type { SlicesPlan } from './plan-family.ts'
import { planSlices } from './plan-slices.ts'

const nodes: Record<string, Node> = { n1: node('n1', { labels: { 'topology.kubernetes.io/zone': 'east' } }), n2: node('n2') }
const running = (name: string, ip: string, more = {}) => pod(name, { ip, node: 'n1', readySince: -60, ...more })
const plan = (of: Service, pods: readonly Pod[], existing: readonly EndpointSlice[] = [], most = 3): SlicesPlan =>
  planSlices({ service: of, pods, existing, most, node: (name) => nodes[name] })
/** The slices after the plan is done. */
let drawn = 0
const done = (of: Service, pods: readonly Pod[], existing: readonly EndpointSlice[] = [], most = 3): EndpointSlice[] => {
  const { create, update, remove } = plan(of, pods, existing, most)
  const kept = existing.filter((slice) => !remove.includes(slice)).map((slice) => update.find(({ metadata }) => metadata.name === slice.metadata.name) ?? slice)
  return [...kept, ...create.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: `web-${++drawn}` } }))]
}
const counts = ({ create, update, remove }: SlicesPlan) => [create.length, update.length, remove.length]
const crowd = (count: number, from = 0) => Array.from({ length: count }, (_, i) => running(`p${from + i}`, `10.1.0.${from + i}`))
const sizes = (slices: readonly EndpointSlice[]) => slices.map((slice) => slice.endpoints?.length ?? 0)

describe('an endpoint', () => {
  const conditions = (of: Service, each: Pod) => plan(of, [each]).create[0]!.endpoints![0]!.conditions
  const leaving = { meta: { deletionTimestamp: at(0) } }
  test.each([
    ['ready', service(), running('a', '10.1.0.1'), { ready: true, serving: true, terminating: false }],
    ['not ready', service(), pod('a', { ip: '10.1.0.1', node: 'n1', notReady: true }), { ready: false, serving: false, terminating: false }],
    ['terminating and still serving', service(), running('a', '10.1.0.1', leaving), { ready: false, serving: true, terminating: true }],
    ['published although not ready', service({ publishNotReadyAddresses: true }), pod('a', { ip: '10.1.0.1', node: 'n1', notReady: true }), { ready: true, serving: false, terminating: false }],
  ])('is %s', (_, of, each, expected) => expect(conditions(of, each)).toEqual(expected))

  test('names its pod, node, zone and host', () => {
    const each = running('a', '10.1.0.1', { spec: { hostname: 'db-0', subdomain: 'web' } })
    expect(plan(service(), [each]).create[0]!.endpoints).toEqual([{
      addresses: ['10.1.0.1'], conditions: { ready: true, serving: true, terminating: false }, hostname: 'db-0',
      targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'uid-a' }, nodeName: 'n1', zone: 'east',
    }])
  })
  test.each([
    ['PreferClose', { forZones: [{ name: 'east' }] }], ['PreferSameZone', { forZones: [{ name: 'east' }] }], ['PreferSameNode', { forZones: [{ name: 'east' }], forNodes: [{ name: 'n1' }] }],
  ])('is hinted by %s', (trafficDistribution, hints) => expect(plan(service({ trafficDistribution }), [running('a', '10.1.0.1')]).create[0]!.endpoints![0]!.hints).toEqual(hints))
  test('is left out while its node is not there', () => {
    expect(sizes(plan(service(), [pod('a', { ip: '10.1.0.1', node: 'gone', readySince: -1 })]).create)).toEqual([0])
    expect(sizes(plan(service({ publishNotReadyAddresses: true }), [pod('a', { ip: '10.1.0.1', node: 'gone', readySince: -1 })]).create)).toEqual([1])
  })
})

describe('a slice', () => {
  test('belongs to its service', () => {
    const [slice] = plan(service({}, { labels: { tier: 'front' } }), crowd(1)).create
    expect(slice).toMatchObject({
      addressType: 'IPv4', ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      metadata: {
        generateName: 'web-', namespace: 'default', ownerReferences: [{ kind: 'Service', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true }],
        labels: { tier: 'front', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      },
    })
  })
  test('of a headless service says so', () => expect(plan(service({ clusterIP: 'None' }), []).create[0]!.metadata.labels).toHaveProperty('service.kubernetes.io/headless', ''))
  test('is made for each family of the service', () => {
    const dual = pod('a', { node: 'n1', readySince: -1 })
    const both = { ...dual, status: { ...dual.status, podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }] } }
    expect(plan(service({ ipFamilies: ['IPv4', 'IPv6'] }), [both]).create.map(({ addressType, endpoints }) => [addressType, endpoints![0]!.addresses])).toEqual([['IPv4', ['10.1.0.1']], ['IPv6', ['fd00::1']]])
  })
  test('is made for each number behind a port name', () => {
    const named = (name: string, ip: string, containerPort: number) => running(name, ip, { spec: { containers: [{ name: 'web', image: 'web', ports: [{ name: 'http', containerPort }] }] } })
    expect(plan(service({ ports: [{ port: 80, targetPort: 'http' }] }), [named('a', '10.1.0.1', 80), named('b', '10.1.0.2', 81)]).create.map(({ ports }) => ports![0]!.port)).toEqual([80, 81])
  })
})

describe('filling', () => {
  test('a service without pods has one empty slice', () => {
    const empty = done(service(), [])
    expect(empty).toHaveLength(1)
    expect(counts(plan(service(), [], empty))).toEqual([0, 0, 0])
    expect(counts(plan(service(), crowd(1), empty))).toEqual([0, 1, 0])
  })
  test('nothing changes the second time', () => expect(counts(plan(service(), crowd(8), done(service(), crowd(8))))).toEqual([0, 0, 0]))
  test('no slice holds more than it may', () => expect(sizes(done(service(), crowd(8)))).toEqual([3, 3, 2]))
  test('a new pod goes to the fullest slice with room', () => expect(counts(plan(service(), crowd(9), done(service(), crowd(8))))).toEqual([0, 1, 0]))
  test('a change in one slice makes room there for what is new', () => {
    const before = done(service(), crowd(8))
    const after = [...crowd(8).slice(1), running('new', '10.1.0.99')]
    expect(counts(plan(service(), after, before))).toEqual([0, 1, 0])
    expect(sizes(done(service(), after, before))).toEqual([3, 3, 2])
  })
  test('an emptied slice goes', () => expect(counts(plan(service(), crowd(6), done(service(), crowd(8))))).toEqual([0, 0, 1]))
  test('a slice that goes and one that comes are one update', () => expect(counts(plan(service({ ports: [{ port: 80, targetPort: 9999 }] }), crowd(3), done(service(), crowd(3))))).toEqual([0, 1, 0]))
  test('the last endpoints leave an empty slice', () => {
    expect(counts(plan(service(), [], done(service(), crowd(3))))).toEqual([0, 1, 0])
    expect(counts(plan(service(), [], done(service(), crowd(5))))).toEqual([0, 1, 1])
  })
  test('a pod that becomes unready changes its slice alone', () => {
    const before = done(service(), crowd(8))
    const after = crowd(8).map((each, i) => (i === 4 ? pod('p4', { ip: '10.1.0.4', node: 'n1', notReady: true }) : each))
    expect(counts(plan(service(), after, before))).toEqual([0, 1, 0])
  })
  test('new labels of the service reach every slice', () => expect(counts(plan(service({}, { labels: { a: 'b' } }), crowd(8), done(service(), crowd(8))))).toEqual([0, 3, 0]))
  test('a family that the service has lost goes', () => {
    const before = done(service({ ipFamilies: ['IPv4', 'IPv6'] }), crowd(1))
    expect(counts(plan(service(), crowd(1), before))).toEqual([0, 0, 1])
  })
})
