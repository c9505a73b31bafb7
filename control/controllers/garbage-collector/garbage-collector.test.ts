import { describe, expect, test } from 'vitest'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import { at, deployment, pod, replicaSet } from '../testing/objects.ts'
import { isDescribedBy, OwnerGraph } from './owner-graph.ts'
import type { Item, OwnerState } from './plan-collection.ts'
import { planCollection } from './plan-collection.ts'

const ref = (uid: string, more: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid.replace('uid-', ''), uid, controller: true, blockOwnerDeletion: true, ...more })
const owned = (name: string, refs: OwnerReference[], finalizers?: string[]) => pod(name, { meta: { ownerReferences: refs, ...(finalizers && { finalizers }) } })
const going = <T extends { metadata: object }>(object: T, finalizer?: string): T => ({ ...object, metadata: { ...object.metadata, deletionTimestamp: at(0), ...(finalizer && { finalizers: [finalizer] }) } })

describe('the graph wakes', () => {
  const rs = replicaSet('rs', 1)
  test('nobody for an object without owners or whose owner is known', () => {
    const graph = new OwnerGraph()
    expect(graph.put(replicaSets, rs)).toEqual({ collect: [], orphan: [] })
    expect(graph.put(pods, owned('p', [ref('uid-rs')])).collect).toEqual([])
  })
  test.each([
    ['is unknown', ref('uid-other')], ['has another name', ref('uid-rs', { name: 'else' })], ['has another kind', ref('uid-rs', { kind: 'Deployment' })],
  ])('an object whose owner %s', (_, owner) => {
    const graph = new OwnerGraph()
    graph.put(replicaSets, rs)
    expect(graph.put(pods, owned('p', [owner])).collect).toEqual(['uid-p'])
  })
  test('an object whose owner lives in another namespace', () => {
    const graph = new OwnerGraph()
    graph.put(replicaSets, { ...rs, metadata: { ...rs.metadata, namespace: 'other' } })
    expect(graph.put(pods, owned('p', [ref('uid-rs')])).collect).toEqual(['uid-p'])
  })
  test('the dependents of an owner that has gone, also those seen before it', () => {
    const graph = new OwnerGraph()
    graph.put(pods, owned('p', [ref('uid-rs')]))
    graph.put(replicaSets, rs)
    graph.put(pods, owned('q', [ref('uid-rs')]))
    expect(graph.remove('uid-rs').collect).toEqual(['uid-p', 'uid-q'])
    expect(graph.dependentsOf('uid-rs').map(({ name }) => name)).toEqual(['p', 'q'])
  })
  test('owner and dependents when foreground deletion begins, once', () => {
    const graph = new OwnerGraph()
    graph.put(replicaSets, rs)
    graph.put(pods, owned('p', [ref('uid-rs')]))
    const waiting = going(rs, 'foregroundDeletion')
    expect(graph.put(replicaSets, waiting).collect).toEqual(['uid-rs', 'uid-p'])
    expect(graph.put(replicaSets, waiting).collect).toEqual([])
    expect(graph.put(pods, owned('late', [ref('uid-rs')])).collect).toEqual(['uid-late'])
  })
  test('an owner that waits when a dependent goes, is released, or no longer blocks', () => {
    const graph = new OwnerGraph()
    graph.put(replicaSets, going(rs, 'foregroundDeletion'))
    for (const name of ['p', 'q', 'r']) graph.put(pods, owned(name, [ref('uid-rs')]))
    expect(graph.remove('uid-p').collect).toEqual(['uid-rs'])
    expect(graph.put(pods, owned('q', [])).collect).toEqual(['uid-rs'])
    expect(graph.put(pods, owned('r', [ref('uid-rs', { blockOwnerDeletion: false })])).collect).toEqual(['uid-rs'])
  })
  test('the orphaning of an owner, once', () => {
    const graph = new OwnerGraph()
    graph.put(deployments, deployment(1))
    expect(graph.put(deployments, going(deployment(1), 'orphan')).orphan).toEqual(['uid-web'])
    expect(graph.put(deployments, going(deployment(1), 'orphan')).orphan).toEqual([])
  })
})

test('a reference describes an owner in any version of its group', () => {
  const graph = new OwnerGraph()
  graph.put(replicaSets, replicaSet('rs', 1))
  expect(isDescribedBy(graph.get('uid-rs')!, ref('uid-rs', { apiVersion: 'apps/v1beta2' }), 'default')).toBe(true)
  expect(isDescribedBy(graph.get('uid-rs')!, ref('uid-rs', { apiVersion: 'extensions/v1beta1' }), 'default')).toBe(false)
})

describe('an object', () => {
  const plan = (states: Record<string, OwnerState>, more: Partial<Item> = {}, finalizers?: string[]) => planCollection({
    object: owned('p', Object.keys(states).map((uid) => ref(uid)), finalizers), ownerState: ({ uid }) => states[uid]!, hasDependents: false, hasWaitingDependent: false, ...more,
  })
  const background = { type: 'delete', propagation: 'Background', unblock: false }
  test.each([
    ['without owners stays', {}, {}, { type: 'none' }],
    ['with its owner there stays', { a: 'there' }, {}, { type: 'none' }],
    ['whose owner cannot be looked up stays', { a: 'unknown' }, {}, { type: 'none' }],
    ['whose only owner is gone goes', { a: 'gone' }, {}, background],
    ['one of whose owners is there loses the others', { a: 'gone', b: 'there', c: 'leaving' }, {}, { type: 'disown', keep: [ref('b')] }],
    ['without dependents goes when its owner leaves', { a: 'leaving' }, {}, background],
    ['with dependents goes in the foreground when its owner leaves', { a: 'leaving' }, { hasDependents: true }, { type: 'delete', propagation: 'Foreground', unblock: false }],
    ['in a circle is unblocked', { a: 'leaving' }, { hasDependents: true, hasWaitingDependent: true }, { type: 'delete', propagation: 'Foreground', unblock: true }],
  ] as [string, Record<string, OwnerState>, Partial<Item>, unknown][])('%s', (_, states, more, expected) => expect(plan(states, more)).toEqual(expected))
  test.each([['orphan', 'Orphan'], ['foregroundDeletion', 'Foreground']])('with the finalizer %s goes that way', (finalizer, propagation) => {
    expect(plan({ a: 'gone' }, {}, [finalizer])).toMatchObject({ propagation })
  })
})
