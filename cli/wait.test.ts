import { expect, test } from 'vitest'
import { createManualClock } from '../host/manual-clock.ts'
import { HopelessError, until } from './wait.ts'

test('says why it still waits, each reason once, and not before somebody would wonder', async () => {
  const clock = createManualClock()
  const said: string[] = []
  let reason = 'early'
  const waiting = until('It', async () => { throw new Error(reason) }, { clock, deadlineMs: 10_000, everyMs: 100, onWait: (text) => said.push(text) })
  const outcome = expect(waiting).rejects.toThrow('It did not happen in 10 s: third')
  await clock.advance('1s')
  for (const next of ['first', 'second', 'third']) {
    reason = next
    await clock.advance('3500ms')
  }
  await outcome
  expect(said).toEqual(['first', 'second', 'third'])
})

test('gives up at once when there is no hope', async () => {
  const clock = createManualClock()
  await expect(until('It', async () => { throw new HopelessError('it is dead') }, { clock, deadlineMs: 10_000 })).rejects.toThrow('it is dead')
})
