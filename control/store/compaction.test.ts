import { expect, it } from 'vitest'
import { compactionTarget, type Mark, withMark } from './compaction.ts'

const policy = { atLeast: 10, atMost: 100, keepFor: 1000 }

it.each([
  ['nothing is old', { revision: 50, compacted: 0, marks: [{ revision: 1, at: 9500 }], now: 10_000 }, 0],
  ['what is old goes', { revision: 50, compacted: 0, marks: [{ revision: 5, at: 8000 }, { revision: 30, at: 9000 }, { revision: 45, at: 9001 }], now: 10_000 }, 30],
  ['a few stay however old', { revision: 50, compacted: 0, marks: [{ revision: 48, at: 0 }], now: 10_000 }, 40],
  ['not more than so many stay', { revision: 500, compacted: 0, marks: [], now: 10_000 }, 400],
  ['never backward', { revision: 50, compacted: 45, marks: [{ revision: 20, at: 0 }], now: 10_000 }, 45],
])('compaction: %s', (_, state, target) => {
  expect(compactionTarget(state, policy)).toBe(target)
})

it('marks are few and not kept longer than needed', () => {
  let marks: readonly Mark[] = []
  for (let at = 0; at <= 300_000; at += 100) marks = withMark(marks, { revision: at, at }, { ...policy, keepFor: 60_000 })
  expect(marks.length).toBeLessThanOrEqual(8)
  expect(compactionTarget({ revision: 300_000, compacted: 0, marks, now: 300_000 }, { ...policy, atMost: 1e9, keepFor: 60_000 })).toBe(240_000)
})
