import { describe, expect, test } from 'vitest'
import { at, pod, t0 } from '../testing/objects.ts'
import { deletionCost, podsToDelete } from './rank-pods.ts'

const cost = (value: string) => ({ annotations: { 'controller.kubernetes.io/pod-deletion-cost': value } })
const ready = { node: 'n1', readySince: -600 }

describe('of two pods the one goes first that', () => {
  test.each([
    ['has no node', pod('goes', { readySince: -600 }), pod('stays', { node: 'n1' })],
    ['is pending rather than unknown', pod('goes', { node: 'n1' }), pod('stays', { node: 'n1', phase: 'Unknown' })],
    ['is unknown rather than running', pod('goes', { node: 'n1', phase: 'Unknown' }), pod('stays', { node: 'n1', phase: 'Running' })],
    ['is not ready', pod('goes', { node: 'n1', phase: 'Running', notReady: true }), pod('stays', ready)],
    ['has the lower deletion cost', pod('goes', { ...ready, meta: cost('-5') }), pod('stays', ready)],
    ['became ready later, by order of magnitude', pod('goes', { node: 'n1', readySince: -10 }), pod('stays', { node: 'n1', readySince: -6000 })],
    ['restarted more often', pod('goes', { ...ready, restarts: 3 }), pod('stays', { ...ready, restarts: 1 })],
    ['is younger, by order of magnitude', pod('goes', { ...ready, meta: { creationTimestamp: at(-700) } }), pod('stays', { ...ready, meta: { creationTimestamp: at(-7000) } })],
    ['has the smaller uid, all else being about equal', pod('goes', { ...ready, readySince: -600 }), pod('stays', { ...ready, readySince: -599 })],
  ])('%s', (_, goes, stays) => {
    expect(podsToDelete([stays, goes], [stays, goes], 1, t0).map((of) => of.metadata.name)).toEqual(['goes'])
    expect(podsToDelete([goes, stays], [stays, goes], 1, t0).map((of) => of.metadata.name)).toEqual(['goes'])
  })

  test('shares its node with more pods of the application', () => {
    const [alone, crowded, other] = [pod('a', { ...ready, node: 'n1' }), pod('b', { ...ready, node: 'n2' }), pod('other', { ...ready, node: 'n2' })]
    expect(podsToDelete([alone, crowded], [alone, crowded, other], 1, t0)).toEqual([crowded])
  })
})

test('all pods go when all are asked for', () => {
  expect(podsToDelete([pod('a'), pod('b')], [], 5, t0)).toHaveLength(2)
})

test.each([['', 0], ['12', 12], ['-12', -12], ['+1', 0], ['012', 0], ['1.5', 0], ['9999999999', 0]])('deletion cost %j is %d', (text, value) => {
  expect(deletionCost(pod('a', { meta: cost(text) }))).toBe(value)
})
