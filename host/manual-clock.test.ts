import { describe, expect, test } from 'vitest'
import { createManualClock, parseDuration } from './manual-clock.ts'

describe('the manual clock', () => {
  test('stands still until it is advanced', async () => {
    const clock = createManualClock({ start: '2030-01-01T00:00:00Z' })
    let fired = false
    clock.after(1, () => { fired = true })
    await clock.settle()
    expect([clock.now(), fired]).toEqual([Date.UTC(2030, 0, 1), false])
  })

  test('runs due timers in order, each at its own time', async () => {
    const clock = createManualClock({ start: 0 })
    const seen: string[] = []
    clock.after(20, () => seen.push(`b@${clock.now()}`))
    clock.after(10, () => seen.push(`a@${clock.now()}`))
    clock.after(20, () => seen.push(`c@${clock.now()}`))
    clock.after(31, () => seen.push('late'))
    await clock.advance(30)
    expect(seen).toEqual(['a@10', 'b@20', 'c@20'])
    expect([clock.now(), clock.next]).toEqual([30, 31])
  })

  test('lets a chain of sleeps run through one advance', async () => {
    const clock = createManualClock({ start: 0 })
    const seen: number[] = []
    const chain = (async () => {
      for (let round = 0; round < 3; round++) {
        await clock.sleep(10)
        await new Promise<void>((resolve) => { setImmediate(resolve) })
        seen.push(clock.now())
      }
    })()
    await clock.advance('1m')
    await chain
    expect(seen).toEqual([10, 20, 30])
  })

  test('a cancelled timer never fires and an aborted sleep rejects', async () => {
    const clock = createManualClock({ start: 0 })
    const abort = new AbortController()
    let fired = false
    clock.after(5, () => { fired = true })()
    const sleep = clock.sleep(5, abort.signal)
    abort.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    await clock.advance(10)
    expect([fired, clock.next]).toEqual([false, undefined])
  })

  test('draws the same numbers from the same seed', () => {
    const draw = (seed: number) => Array.from({ length: 3 }, createManualClock({ seed }).random)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test.each([['5m', 300_000], ['1h30m', 5_400_000], ['250ms', 250], ['1.5s', 1_500], ['2d', 172_800_000]])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })
  test.each(['', '5', 'm', '5 m', '5x'])('refuses %j', (text) => { expect(() => parseDuration(text)).toThrow('Cannot read duration') })
})
