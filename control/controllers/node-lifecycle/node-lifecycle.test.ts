import { describe, expect, test } from 'vitest'
import type { Node } from '../../../api/types/core-v1/node.ts'
import { at, node, t0 } from '../testing/objects.ts'
import { evictionRates, isAllDark } from './disruption.ts'
import { judgeHealth } from './node-health.ts'
import { nodeTaints, wantedNoExecute } from './node-taints.ts'

const withReady = (name: string, status: string, more: { type: string; status: string }[] = [], zone?: string): Node =>
  node(name, { ...(zone && { labels: { 'topology.kubernetes.io/zone': zone } }) }, {}, { conditions: [{ type: 'Ready', status, reason: 'KubeletReady', message: 'ok', lastHeartbeatTime: at(-60) }, ...more] })

describe('the silence of a node', () => {
  const judge = (of: Node, silentMs: number) => judgeHealth({ node: of, lastSeen: t0 - silentMs, now: t0, graceMs: 50_000, startupGraceMs: 60_000 })
  test('is borne for the grace period', () => {
    expect(judge(withReady('n', 'True'), 10_000)).toEqual({ after: 40_001 })
    expect(judge(withReady('n', 'True'), 50_000)).toEqual({ after: 1 })
  })
  test('then makes all that it reported unknown', () => {
    const { conditions } = judge(withReady('n', 'True', [{ type: 'MemoryPressure', status: 'False' }, { type: 'Custom', status: 'True' }]), 50_001)
    expect(conditions!.map(({ type, status, reason, message }) => `${type} ${status} ${reason ?? ''} ${message ?? ''}`)).toEqual([
      'Custom True  ',
      'Ready Unknown NodeStatusUnknown Kubelet stopped posting node status.', 'MemoryPressure Unknown NodeStatusUnknown Kubelet stopped posting node status.',
      'DiskPressure Unknown NodeStatusNeverUpdated Kubelet never posted node status.', 'PIDPressure Unknown NodeStatusNeverUpdated Kubelet never posted node status.',
    ])
    expect(conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ lastHeartbeatTime: at(-60), lastTransitionTime: at(0) })
  })
  test('is told once', () => {
    const { conditions } = judge(withReady('n', 'True'), 60_000)
    expect(judge(node('n', {}, {}, { conditions: conditions! }), 120_000)).toEqual({})
  })
  test('of a node that never reported counts from its creation', () => {
    expect(judge(node('n', { creationTimestamp: at(-20) }), 0)).toEqual({ after: 40_001 })
    expect(judge(node('n', { creationTimestamp: at(-61) }), 0).conditions).toHaveLength(4)
  })
})

describe('taints', () => {
  const keys = (of: Node, noExecute: string[] = []) => nodeTaints(of, noExecute, t0)?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)
  const tainted = (of: Node, ...taints: { key: string; effect: string }[]): Node => ({ ...of, spec: { ...of.spec, taints } })
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  test.each([
    ['a ready node has none', withReady('n', 'True'), undefined],
    ['one that is not ready', withReady('n', 'False'), ['not-ready:NoSchedule']],
    ['one that is silent', withReady('n', 'Unknown'), ['unreachable:NoSchedule']],
    ['one short of memory', withReady('n', 'True', [{ type: 'MemoryPressure', status: 'True' }]), ['memory-pressure:NoSchedule']],
    ['one that is cordoned', { ...withReady('n', 'True'), spec: { unschedulable: true } }, ['unschedulable:NoSchedule']],
    ['one that has become ready', tainted(withReady('n', 'True'), notReady), []],
    ['one from not ready to silent', tainted(withReady('n', 'Unknown'), notReady), ['unreachable:NoSchedule']],
    ['other people\'s stay', tainted(withReady('n', 'False'), { key: 'mine', effect: 'NoExecute' }), ['mine:NoExecute', 'not-ready:NoSchedule']],
  ])('%s', (_, of, expected) => expect(keys(of)).toEqual(expected))
  test('NoExecute follows what is granted', () => {
    expect(wantedNoExecute(withReady('n', 'Unknown'))).toEqual(['node.kubernetes.io/unreachable'])
    expect(keys(withReady('n', 'Unknown'), ['node.kubernetes.io/unreachable'])).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute'])
    expect(keys(tainted(withReady('n', 'True'), { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }))).toEqual([])
  })
  test('nothing changes the second time', () => {
    const of = withReady('n', 'False')
    expect(nodeTaints({ ...of, spec: { taints: nodeTaints(of, [], t0)! } }, [], t0 + 1000)).toBeUndefined()
  })
})

describe('evictions', () => {
  const zone = (name: string, ready: number, dead: number) => [
    ...Array.from({ length: ready }, (_, i) => withReady(`${name}r${i}`, 'True', [], name)), ...Array.from({ length: dead }, (_, i) => withReady(`${name}d${i}`, 'Unknown', [], name)),
  ]
  test.each([
    ['the ordinary rate with few dead', zone('a', 3, 2), { ':a': 0.1 }],
    ['none with most dead in a small cluster', zone('a', 2, 3), { ':a': 0 }],
    ['a low rate with most dead in a large one', zone('a', 20, 40), { ':a': 0.01 }],
    ['none with all dark', zone('a', 0, 3), { ':a': 0 }],
    ['the ordinary rate for a dark zone beside a light one', [...zone('a', 0, 3), ...zone('b', 1, 0)], { ':a': 0.1, ':b': 0.1 }],
  ])('have %s', (_, nodes, rates) => expect(Object.fromEntries(evictionRates(nodes))).toEqual(rates))
  test.each([[zone('a', 0, 1), true], [zone('a', 1, 1), false], [[...zone('a', 0, 3), ...zone('b', 0, 1)], true], [zone('a', 2, 3), false]])('all is dark %#', (nodes, dark) => expect(isAllDark(nodes)).toBe(dark))
})
