import { describe, expect, test } from 'vitest'
import { podInfoOf } from './pod-info.ts'
import { feasibleEnough } from './schedule.ts'
import { decide, makeNode, makePod, makeSnapshot, placeAll } from './testing.ts'

const nodes = (count: number) => Array.from({ length: count }, (_, index) => makeNode(`n${index + 1}`))
const some = (count: number, words = {}) => Array.from({ length: count }, (_, index) => makePod(`p${index}`, words))

describe('where pods go', () => {
  test('equal pods go round equal nodes', () => {
    expect(placeAll(some(6), makeSnapshot(nodes(3)))).toEqual(['n1', 'n2', 'n3', 'n1', 'n2', 'n3'])
  })

  test('the replicas of a workload too', () => {
    expect(placeAll(some(4, { owner: 'rs', requests: { cpu: '100m' } }), makeSnapshot(nodes(2)))).toEqual(['n1', 'n2', 'n1', 'n2'])
  })

  test('the emptier node first', () => {
    const snapshot = makeSnapshot(nodes(2), { n1: [makePod('q', { requests: { cpu: '1', memory: '2Gi' } })] })
    expect(placeAll(some(2, { requests: { cpu: '100m', memory: '100Mi' } }), snapshot)).toEqual(['n2', 'n2'])
  })

  test('until nothing is left', () => {
    expect(placeAll(some(3, { requests: { cpu: '2' } }), makeSnapshot(nodes(2)))).toEqual([
      'n1', 'n2', '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    ])
  })

  test('deciding changes nothing, and is always the same', () => {
    const snapshot = makeSnapshot(nodes(3))
    const [pod] = some(1)
    expect(decide(pod!, snapshot, 1)).toEqual({ node: 'n2', turn: 2, evaluated: 3, feasible: 3 })
    expect(decide(pod!, snapshot, 1)).toEqual({ node: 'n2', turn: 2, evaluated: 3, feasible: 3 })
    expect(snapshot.podCount).toBe(0)
  })

  test('says which filters stood in the way', () => {
    const decision = decide(makePod('p', { requests: { cpu: '9' } }), makeSnapshot([...nodes(1), makeNode('n2', { spec: { unschedulable: true } })]))
    expect(decision).toMatchObject({ node: undefined, nodes: 2, resolvable: 0, filters: new Set(['NodeResourcesFit', 'NodeUnschedulable']) })
  })
})

describe('many nodes', () => {
  test.each([[1, 1], [100, 100], [150, 100], [1000, 420], [5000, 500]])('of %i nodes, %i that fit are enough', (all, enough) => {
    expect(feasibleEnough(all)).toBe(enough)
  })

  test('a thousand pods on a thousand nodes, each on its own', () => {
    const snapshot = makeSnapshot(nodes(1000))
    const placed = placeAll(some(1000, { owner: 'rs', requests: { cpu: '500m' } }), snapshot)
    expect(new Set(placed).size).toBe(1000)
  })
})

describe('the snapshot', () => {
  test('a pod that moves or changes is counted once', () => {
    const snapshot = makeSnapshot(nodes(2))
    snapshot.setPod(podInfoOf(makePod('p', { requests: { cpu: '1' } })), 'n1')
    snapshot.setPod(podInfoOf(makePod('p', { requests: { cpu: '500m' } })), 'n1')
    expect(snapshot.get('n1')!.requested.get('cpu')).toBe(500)
    snapshot.setPod(podInfoOf(makePod('p', { requests: { cpu: '500m' } })), 'n2')
    expect([snapshot.get('n1')!.requested.get('cpu'), snapshot.get('n1')!.pods.size, snapshot.nodeOf('default/p')]).toEqual([0, 0, 'n2'])
  })

  test('a node that goes and comes back finds its pods', () => {
    const snapshot = makeSnapshot(nodes(1), { n1: [makePod('p', { requests: { cpu: '1' } })] })
    snapshot.removeNode('n1')
    expect(snapshot.nodes).toEqual([])
    snapshot.setNode(makeNode('n1'))
    expect(snapshot.get('n1')!.requested.get('cpu')).toBe(1000)
    snapshot.removeNode('n1')
    snapshot.removePod('default/p')
    expect(snapshot.get('n1')).toBeUndefined()
  })
})
