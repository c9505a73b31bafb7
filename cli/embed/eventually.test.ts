import { expect, test } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import { eventually } from './eventually.ts'

const clocks = () => ({ cluster: createManualClock({ start: 0 }), real: systemClock })

test('lets time pass by steps until the attempt succeeds, and gives what it gave', async () => {
  const both = clocks()
  const result = await eventually(both, () => { if (both.cluster.now() < 450) throw new Error('not yet'); return 'there' })
  expect([result, both.cluster.now()]).toEqual(['there', 500])
})

test('takes false for not yet, and no time when nothing is missing', async () => {
  const both = clocks()
  await eventually(both, () => true)
  expect(both.cluster.now()).toBe(0)
  await eventually(both, () => both.cluster.now() >= 20, { step: 10 })
  expect(both.cluster.now()).toBe(20)
})

test('rejects with the last failure at the deadline', async () => {
  const both = clocks()
  await expect(eventually(both, () => { throw new Error(`at ${both.cluster.now()}`) }, { deadline: '1s', step: '400ms' })).rejects.toThrow('at 1000')
})
