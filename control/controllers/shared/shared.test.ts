import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../host/clock.ts'
import { pod, replicaSet, t0 } from '../testing/objects.ts'
import { decideClaim } from './claim.ts'
import { Expectations } from './expectations.ts'
import { canonical, safeHash } from './hash.ts'
import { scaled } from './int-or-percent.ts'
import { msUntilAvailable } from './pods.ts'
import { same } from './same.ts'
import { slowStart } from './slow-start.ts'

describe('a claim', () => {
  const owner = replicaSet('web', 1)
  const going = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
  const ownedBy = (uid: string) => pod('p', { meta: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }] } })
  test.each([
    ['own', owner, ownedBy('uid-web'), true], ['release', owner, ownedBy('uid-web'), false], ['leave', going, ownedBy('uid-web'), false], ['own', going, ownedBy('uid-web'), true],
    ['leave', owner, ownedBy('uid-else'), true], ['adopt', owner, pod('p'), true], ['leave', owner, pod('p'), false], ['leave', going, pod('p'), true],
    ['leave', owner, pod('p', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), true],
  ] as const)('is %s', (claim, of, object, matches) => expect(decideClaim(of, object, matches)).toBe(claim))
})

describe('expectations', () => {
  let now = 0
  const expectations = new Expectations({ now: () => now } as Clock)
  test('hold until all creations are seen', () => {
    expectations.expectCreations('a', 2)
    expectations.creationObserved('a')
    expect(expectations.msUntilSatisfied('a')).toBe(300_000)
    expectations.creationObserved('a')
    expect(expectations.msUntilSatisfied('a')).toBe(0)
  })
  test('count a deletion that is seen twice once', () => {
    expectations.expectDeletions('a', ['p', 'q'])
    expectations.deletionObserved('a', 'p')
    expectations.deletionObserved('a', 'p')
    expect(expectations.msUntilSatisfied('a')).toBeGreaterThan(0)
    expectations.deletionObserved('a', 'q')
    expect(expectations.msUntilSatisfied('a')).toBe(0)
  })
  test('expire after five minutes', () => {
    expectations.expectCreations('a', 1)
    now += 299_000
    expect(expectations.msUntilSatisfied('a')).toBe(1_000)
    now += 1_000
    expect(expectations.msUntilSatisfied('a')).toBe(0)
  })
})

test('slow start doubles its batches and stops at the first that fails', async () => {
  const seen: number[] = []
  const result = await slowStart(100, async (i) => { seen.push(i); if (i === 4) throw new Error('quota') })
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(result).toEqual({ succeeded: 6, error: new Error('quota') })
  expect(await slowStart(5, async () => {})).toEqual({ succeeded: 5 })
})

test.each([[undefined, 'up', 0], [3, 'up', 3], ['25%', 'up', 3], ['25%', 'down', 2], ['100%', 'up', 10], ['x', 'up', 0]] as const)('%j of 10 rounded %s is %d', (value, round, is) => {
  expect(scaled(value, 10, round)).toBe(is)
})

test.each([
  [{ a: 1, b: undefined }, { a: 1 }, true], [{ a: [] }, {}, true], [{ a: {} }, {}, false], [{ a: [1, 2] }, { a: [2, 1] }, false], [{ a: { b: 'x' } }, { a: { b: 'x' } }, true], [null, undefined, true],
])('%j and %j are the same: %s', (a, b, is) => {
  expect(same(a, b)).toBe(is)
  expect(same(b, a)).toBe(is)
})

test('a hash does not depend on the order of keys and spells no words', () => {
  expect(canonical({ b: 1, a: [{ d: 2, c: undefined }] })).toBe('{"a":[{"d":2}],"b":1}')
  expect(safeHash({ a: 1, b: 2 })).toBe(safeHash({ b: 2, a: 1 }))
  expect(safeHash({ a: 1 })).not.toBe(safeHash({ a: 2 }))
  expect(safeHash({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
})

test.each([[pod('p'), 10, undefined], [pod('p', { readySince: 0 }), 0, 0], [pod('p', { readySince: -4 }), 10, 6_000], [pod('p', { readySince: -10 }), 10, 0]])('availability %#', (of, minReady, ms) => {
  expect(msUntilAvailable(of, minReady, t0)).toBe(ms)
})
