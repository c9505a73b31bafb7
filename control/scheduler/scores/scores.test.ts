import { describe, expect, test } from 'vitest'
import { podInfoOf } from '../pod-info.ts'
import type { Score } from '../plugin.ts'
import { makeNode, makePod, makeSnapshot } from '../testing.ts'
import type { NodeWords, PodWords } from '../testing.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { balancedAllocation } from './balanced-allocation.ts'
import { imageLocality } from './image-locality.ts'
import { interPodPreference } from './inter-pod-preference.ts'
import { leastAllocated } from './least-allocated.ts'
import { nodeAffinityPreference } from './node-affinity-preference.ts'
import { selectorSpread } from './selector-spread.ts'
import { taintPreference } from './taint-preference.ts'
import { topologySpreadPreference } from './topology-spread-preference.ts'

/** The score of each node; undefined when the score has no opinion. */
function scoresOf(score: Score, pod: PodWords, nodes: Record<string, NodeWords>, placed: Record<string, Pod[]> = {}): number[] | undefined {
  const snapshot = makeSnapshot(Object.entries(nodes).map(([name, words]) => makeNode(name, words)), placed)
  const of = score.prepare(podInfoOf(makePod('p', pod)), snapshot, snapshot.nodes)
  return of && snapshot.nodes.map(of)
}

const two = { n1: {}, n2: {} }

describe('scores', () => {
  test('least allocated: the share that is left', () => {
    expect(scoresOf(leastAllocated, { requests: { cpu: '1', memory: '1Gi' } }, two, { n2: [makePod('q', { requests: { cpu: '500m', memory: '2Gi' } })] })).toEqual([62, 25])
  })

  test('least allocated: who asks for nothing counts as small', () => {
    expect(scoresOf(leastAllocated, {}, two, { n1: [makePod('q')] })).toEqual([90, 95])
  })

  test('balanced: cpu and memory to the same degree', () => {
    expect(scoresOf(balancedAllocation, { requests: { cpu: '1', memory: '2Gi' } }, { n1: {}, n2: { allocatable: { memory: '2Gi' } } })).toEqual([100, 75])
    expect(scoresOf(balancedAllocation, {}, two)).toBeUndefined()
  })

  test('taints one would rather avoid', () => {
    const soft = (key: string) => ({ key, effect: 'PreferNoSchedule' })
    expect(scoresOf(taintPreference, {}, { n1: {}, n2: { spec: { taints: [soft('a')] } }, n3: { spec: { taints: [soft('a'), soft('b')] } } })).toEqual([100, 50, 0])
    expect(scoresOf(taintPreference, { spec: { tolerations: [{ operator: 'Exists' }] } }, { n1: {}, n2: { spec: { taints: [soft('a')] } } })).toEqual([100, 100])
  })

  test('preferred node affinity', () => {
    const prefer = (weight: number, key: string) => ({ weight, preference: { matchExpressions: [{ key, operator: 'Exists' }] } })
    const pod = { spec: { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer(10, 'a'), prefer(30, 'b')] } } } }
    expect(scoresOf(nodeAffinityPreference, pod, { n1: { labels: { a: '' } }, n2: { labels: { a: '', b: '' } }, n3: {} })).toEqual([25, 100, 0])
  })

  test('images that are there, by size', () => {
    const images = [{ names: ['i:latest'], sizeBytes: 500 * 1024 * 1024 }]
    expect(scoresOf(imageLocality, {}, { n1: { images }, n2: {} })).toEqual([23, 0])
    expect(scoresOf(imageLocality, {}, two)).toBeUndefined()
  })

  test('the pods of one controller apart', () => {
    const mine = (name: string) => makePod(name, { owner: 'rs' })
    expect(scoresOf(selectorSpread, { owner: 'rs' }, { n1: {}, n2: {}, n3: {} }, { n1: [mine('a'), mine('b')], n2: [mine('c'), makePod('d', { owner: 'other' })] })).toEqual([0, 50, 100])
    const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })
    expect(scoresOf(selectorSpread, { owner: 'rs' }, { n1: zone('a'), n2: zone('a'), n3: zone('b') }, { n1: [mine('a')] })).toEqual([0, 33, 100])
    expect(scoresOf(selectorSpread, {}, two)).toBeUndefined()
  })

  test('spread where it can be', () => {
    const pod = { labels: { app: 'w' }, spec: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'w' } } }] } }
    const zone = (name: string) => ({ labels: { zone: name } })
    expect(scoresOf(topologySpreadPreference, pod, { n1: zone('a'), n2: zone('b'), n3: {} }, { n1: [makePod('w', { labels: { app: 'w' } })] })).toEqual([0, 100, 0])
  })

  test('near friends, far from foes, and what they think of it', () => {
    const term = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' })
    const pod = { labels: { app: 'me' }, spec: { affinity: {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term('friend') }] },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term('foe') }] },
    } } }
    const placed = { n1: [makePod('a', { labels: { app: 'friend' } })], n2: [makePod('b', { labels: { app: 'foe' } })] }
    expect(scoresOf(interPodPreference, pod, { n1: {}, n2: {}, n3: {} }, placed)).toEqual([100, 0, 50])
    const fan = makePod('fan', { spec: { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: term('me') }] } } } })
    expect(scoresOf(interPodPreference, { labels: { app: 'me' } }, two, { n2: [fan] })).toEqual([0, 100])
  })
})
