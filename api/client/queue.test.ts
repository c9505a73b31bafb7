import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { createQueueMetrics } from './queue-metrics.ts'
import { createQueue } from './queue.ts'

const setup = () => {
  const clock = createManualClock({ start: 0 })
  return { clock, queue: createQueue({ clock }) }
}

describe('the work queue', () => {
  test('holds a key once', async () => {
    const { queue } = setup()
    for (const key of ['a', 'b', 'a']) queue.add(key)
    expect([queue.length, await queue.get(), await queue.get(), queue.length]).toEqual([2, 'a', 'b', 0])
  })

  test('a key added in work comes again once, after the work', async () => {
    const { queue } = setup()
    queue.add('a')
    await queue.get()
    queue.add('a')
    queue.add('a')
    expect(queue.length).toBe(0)
    queue.done('a')
    expect([queue.length, await queue.get()]).toEqual([1, 'a'])
    queue.done('a')
    expect(queue.length).toBe(0)
  })

  test('hands a key to whoever waits', async () => {
    const { queue } = setup()
    const taken = [queue.get(), queue.get()]
    queue.add('a')
    queue.add('b')
    expect(await Promise.all(taken)).toEqual(['a', 'b'])
  })

  test('of several pending times the earliest counts', async () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 100)
    queue.addAfter('a', 50)
    queue.addAfter('a', 200)
    await clock.advance(49)
    expect(queue.length).toBe(0)
    await clock.advance(1)
    expect(queue.length).toBe(1)
    await queue.get()
    queue.done('a')
    await clock.advance(1_000)
    expect(queue.length).toBe(0)
  })

  test('the pause of a failing key doubles up to the limit and is forgotten on success', async () => {
    const clock = createManualClock({ start: 0 })
    const queue = createQueue({ clock, firstPause: 5, longestPause: 30 })
    const pauses: number[] = []
    for (let round = 0; round < 5; round++) {
      queue.addRateLimited('a')
      pauses.push(clock.next! - clock.now())
      await clock.advance(1_000)
      queue.done((await queue.get())!)
    }
    expect([pauses, queue.retries('a')]).toEqual([[5, 10, 20, 30, 30], 5])
    queue.forget('a')
    queue.addRateLimited('a')
    expect(clock.next! - clock.now()).toBe(5)
  })

  test('closing releases waiters and leaves no timer', async () => {
    const { clock, queue } = setup()
    const waiting = queue.get()
    queue.addAfter('a', 10)
    queue.close()
    queue.add('b')
    expect([await waiting, await queue.get(), queue.length, clock.next]).toEqual([undefined, undefined, 0, undefined])
  })

  test('counts itself under the names of client-go', async () => {
    const clock = createManualClock({ start: 0 })
    const registry = new Registry()
    const queue = createQueue({ clock, metrics: createQueueMetrics(registry, 'web', clock) })
    createQueueMetrics(registry, 'other', clock)
    queue.add('a')
    await clock.advance(2_000)
    await queue.get()
    queue.add('b')
    await clock.advance(3_000)
    const text = await registry.metrics()
    for (const line of [
      'workqueue_depth{name="web"} 1', 'workqueue_adds_total{name="web"} 2', 'workqueue_queue_duration_seconds_sum{name="web"} 2',
      'workqueue_unfinished_work_seconds{name="web"} 3', 'workqueue_longest_running_processor_seconds{name="web"} 3', 'workqueue_depth{name="other"} 0',
    ]) expect(text).toContain(line)
    queue.done('a')
    expect(await registry.metrics()).toContain('workqueue_work_duration_seconds_sum{name="web"} 3')
  })
})
