import { describe, expect, test } from 'vitest'
import type { Node } from '../../../../api/types/core-v1/node.ts'
import type { EndpointSlice } from '../../../../api/types/discovery-v1.ts'
import { service } from '../../testing/objects.ts'
import { allocate, exchange, isOverloaded } from './allocations.ts'
import { assignHints } from './assign-hints.ts'
import { TopologyHints } from './topology-hints.ts'
import { zoneRatios } from './zone-ratios.ts'

const node = (zone: string | undefined, cpu: string, more: { labels?: Record<string, string>; ready?: string } = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: `${zone}-${cpu}`, labels: { ...(zone && { 'topology.kubernetes.io/zone': zone }), ...more.labels } }, spec: {},
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
})
/** `{ a: 2, b: 1 }`: so many ready endpoints in each zone; `hints`: where those of a zone are hinted to. */
const slice = (zones: Record<string, number>, hints: Record<string, string> = {}, more: Partial<EndpointSlice> = {}): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: JSON.stringify(zones) }, addressType: 'IPv4', ports: [], ...more,
  endpoints: Object.entries(zones).flatMap(([zone, count]) => Array.from({ length: count }, (_, i) => ({
    addresses: [`10.0.${zone.charCodeAt(0)}.${i + 1}`], conditions: { ready: true }, zone, ...(hints[zone] && { hints: { forZones: [{ name: hints[zone] }] } }),
  }))),
})
const hinted = (slices: readonly EndpointSlice[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { endpoints = [] } of slices) for (const { hints } of endpoints) for (const { name } of hints?.forZones ?? []) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
const ratios = (cpus: Record<string, number>) => zoneRatios(Object.entries(cpus).map(([zone, cpu]) => node(zone, String(cpu))))

describe('the share of a zone', () => {
  test('is that of its CPUs', () => {
    expect(zoneRatios([node('a', '4'), node('a', '2000m'), node('b', '2')])).toEqual(new Map([['a', 0.75], ['b', 0.25]]))
  })
  test('leaves out control planes and nodes that are not ready', () => {
    expect(zoneRatios([node('a', '1'), node('b', '1'), node('c', '9', { labels: { 'node-role.kubernetes.io/control-plane': '' } }), node('c', '9', { ready: 'Unknown' })])).toEqual(new Map([['a', 0.5], ['b', 0.5]]))
  })
  test.each([['one zone', [node('a', '1'), node('a', '2')]], ['a node without a zone', [node('a', '1'), node('b', '1'), node(undefined, '1')]], ['a node without CPUs', [node('a', '1'), node('b', '0')]], ['nobody', []]])('cannot be told with %s', (_, nodes) => {
    expect(zoneRatios(nodes)).toBeUndefined()
  })
})

describe('endpoints are allocated', () => {
  test('with a minimum that keeps every zone from a fifth too much', () => {
    expect(allocate(ratios({ a: 1, b: 1 }), 4)).toEqual(new Map([['a', { minimum: 2, maximum: 2, desired: 2 }], ['b', { minimum: 2, maximum: 2, desired: 2 }]]))
    expect(allocate(ratios({ a: 4, b: 2, c: 2 }), 12)).toEqual(new Map([['a', { minimum: 5, maximum: 6, desired: 6 }], ['b', { minimum: 3, maximum: 4, desired: 3 }], ['c', { minimum: 3, maximum: 4, desired: 3 }]]))
  })
  test('not, where there are fewer than zones or a zone would be overloaded', () => {
    expect(allocate(ratios({ a: 1, b: 1 }), 1)).toBe('Insufficient number of endpoints (1 endpoints, 2 zones)')
    expect(allocate(ratios({ a: 1, b: 1 }), 3)).toBe('Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)')
    expect(allocate(undefined, 9)).toBe('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes')
  })
  test('by exchange of whole ones, or of halves for whole ones', () => {
    const of = (zones: Record<string, number>, cpus: Record<string, number>) => {
      const total = Object.values(zones).reduce((a, b) => a + b)
      const { giving, receiving } = exchange(allocate(ratios(cpus), total) as never, new Map(Object.entries(zones)))
      return [Object.fromEntries(giving), Object.fromEntries(receiving)]
    }
    expect(of({ a: 4, b: 0 }, { a: 1, b: 1 })).toEqual([{ a: 2 }, { b: 2 }])
    expect(of({ a: 2, b: 2 }, { a: 1, b: 1 })).toEqual([{}, {}])
    expect(of({ a: 6, b: 3, c: 3 }, { a: 1, b: 1, c: 1 })).toEqual([{ a: 2 }, { b: 1, c: 1 }])
  })
  test('anew when a zone has too few', () => {
    expect(isOverloaded(new Map([['a', 2], ['b', 2]]), ratios({ a: 1, b: 1 }))).toBe(false)
    expect(isOverloaded(new Map([['a', 2], ['b', 2]]), ratios({ a: 1, b: 3 }))).toBe(true)
    expect(isOverloaded(new Map([['a', 2], ['b', 2]]), ratios({ a: 1, b: 1, c: 1 }))).toBe(true)
    expect([isOverloaded(new Map([['a', 2]]), undefined), isOverloaded(new Map(), undefined)]).toEqual([true, false])
  })
})

describe('hints', () => {
  const assign = (slices: Partial<Record<'create' | 'update' | 'unchanged', EndpointSlice[]>>, cpus: Record<string, number>) => {
    const found = assignHints({ create: [], update: [], unchanged: [], ...slices }, ratios(cpus))
    if (typeof found === 'string') return found
    return { create: found.create.length, update: found.update.map(({ metadata }) => metadata.name), hints: hinted([...found.create, ...found.update]), allocated: Object.fromEntries(found.allocated) }
  }

  test('are for the own zone where that is fair', () => {
    expect(assign({ create: [slice({ a: 2, b: 2 })] }, { a: 1, b: 1 })).toEqual({ create: 1, update: [], hints: { a: 2, b: 2 }, allocated: { a: 2, b: 2 } })
  })
  test('move endpoints of a crowded zone to one that has none', () => {
    expect(assign({ create: [slice({ a: 4 })] }, { a: 1, b: 1 })).toMatchObject({ hints: { a: 2, b: 2 }, allocated: { a: 2, b: 2 } })
    expect(assign({ update: [slice({ a: 8, b: 2, c: 2 })] }, { a: 1, b: 1, c: 1 })).toMatchObject({ hints: { a: 4, b: 4, c: 4 } })
  })
  test('that are good enough stay, and their slices are not written', () => {
    const kept = slice({ a: 2, b: 2 }, { a: 'a', b: 'b' })
    expect(assign({ unchanged: [kept], create: [slice({ a: 1, b: 1 })] }, { a: 1, b: 1 })).toEqual({ create: 1, update: [], hints: { a: 1, b: 1 }, allocated: { a: 3, b: 3 } })
    expect(assign({ unchanged: [slice({ a: 4 }, { a: 'a' })], create: [slice({ b: 2 })] }, { a: 1, b: 1 })).toMatchObject({ update: ['{"a":4}'], allocated: { a: 3, b: 3 } })
    expect(assign({ unchanged: [slice({ a: 2, b: 2 }, { a: 'a' })] }, { a: 1, b: 1 })).toMatchObject({ update: ['{"a":2,"b":2}'], hints: { a: 2, b: 2 } })
    expect(assign({ unchanged: [slice({ a: 2, b: 2 }, { a: 'a', b: 'gone' })] }, { a: 1, b: 1 })).toMatchObject({ hints: { a: 2, b: 2 } })
  })
  test('are for endpoints that are ready, all of which must have a zone', () => {
    const mixed = slice({ a: 2, b: 2 })
    mixed.endpoints!.push({ addresses: ['10.0.9.9'], conditions: { ready: false }, zone: 'a' })
    expect(assign({ create: [mixed] }, { a: 1, b: 1 })).toMatchObject({ hints: { a: 2, b: 2 } })
    mixed.endpoints!.push({ addresses: ['10.0.9.8'], conditions: { ready: true } }, { addresses: ['10.0.9.7'], conditions: { ready: true } })
    expect(assign({ create: [mixed] }, { a: 1, b: 1 })).toBe('One or more endpoints do not have a zone specified')
  })
})

describe('a service', () => {
  const auto = service({}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } })
  const all = { create: [], update: [], unchanged: [slice({ a: 2, b: 2 })] }

  test('is told once that it has hints, each time why it has none, and that they were taken off', () => {
    let nodes = [node('a', '1'), node('b', '1')]
    const topology = new TopologyHints(() => nodes)
    const told = (of = auto, slices: Parameters<TopologyHints['adjust']>[3] = all) => topology.adjust('default/web', of, 'IPv4', slices).events.map(({ type, reason, message }) => `${type} ${reason} ${message}`)
    expect(told()).toEqual(['Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4'])
    expect(told()).toEqual([])
    expect(topology.nodesChanged()).toEqual([])
    nodes = [node('a', '1'), node('b', '3')]
    expect(topology.nodesChanged()).toEqual(['default/web'])
    nodes = [node('a', '1')]
    expect(topology.nodesChanged()).toEqual(['default/web'])
    expect(told()).toEqual(['Warning TopologyAwareHintsDisabled Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4'])
    expect(topology.nodesChanged()).toEqual([])
    nodes = [node('a', '1'), node('b', '1')]
    topology.nodesChanged()
    told()
    expect(told(service())).toEqual(['Warning TopologyAwareHintsDisabled Topology Aware Hints has been disabled, addressType: IPv4'])
    expect(told(service())).toEqual([])
  })

  test('loses all hints when there can be none', () => {
    const topology = new TopologyHints(() => [])
    const { update } = topology.adjust('default/web', auto, 'IPv4', { create: [], update: [], unchanged: [slice({ a: 2 }, { a: 'a' }), slice({ b: 2 })] })
    expect([update.length, hinted(update)]).toEqual([1, {}])
  })

  test('under the older name, which wins', () => {
    const topology = new TopologyHints(() => [node('a', '1'), node('b', '1')])
    const of = (annotations: Record<string, string>) => topology.adjust('default/x', service({}, { annotations }), 'IPv4', all).update.length
    expect([of({ 'service.kubernetes.io/topology-aware-hints': 'auto' }), of({ 'service.kubernetes.io/topology-aware-hints': 'disabled', 'service.kubernetes.io/topology-mode': 'Auto' }), of({ 'service.kubernetes.io/topology-mode': 'ProportionalZoneCPU' })]).toEqual([1, 0, 0])
  })
})
