import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { createHeap } from './heap.ts'
import type { Waiting } from './pending.ts'
import { createPending } from './pending.ts'
import { podInfoOf } from './pod-info.ts'
import { makePod } from './testing.ts'

const info = (name: string, priority = 0) => podInfoOf(makePod(name, { spec: { priority } }))
const fit = new Set(['NodeResourcesFit'])

function setUp() {
  const clock = createManualClock()
  const pending = createPending(clock)
  const taken: string[] = []
  const take = async (): Promise<Waiting> => { const waiting = (await pending.take())!; taken.push(waiting.pod.pod.metadata.name); return waiting }
  /** The next pod if there is one now. */
  const poll = async (): Promise<string | undefined> => Promise.race([take().then(({ pod }) => pod.pod.metadata.name), clock.settle().then(() => undefined)])
  return { clock, pending, take, poll }
}

describe('pods that wait', () => {
  test('in the order they came, the more important first', async () => {
    const { pending, take } = setUp()
    for (const pod of [info('a'), info('b'), info('c', 10), info('d')]) pending.set(pod)
    const names = []
    for (let i = 0; i < 4; i++) names.push((await take()).pod.pod.metadata.name)
    expect(names).toEqual(['c', 'a', 'b', 'd'])
  })

  test('one that is removed is not taken', async () => {
    const { pending, take } = setUp()
    pending.set(info('a'))
    pending.set(info('b'))
    pending.remove('default/a')
    expect((await take()).pod.key).toBe('default/b')
    expect(pending.counts).toEqual({ active: 0, backoff: 0, unschedulable: 0, trying: 1 })
  })

  test('a refused pod waits for a change that concerns it, and for its pause', async () => {
    const { clock, pending, take, poll } = setUp()
    pending.set(info('a'))
    pending.refused(await take(), fit)
    expect(pending.counts.unschedulable).toBe(1)
    pending.changed('podPlaced')
    expect(pending.counts.unschedulable).toBe(1)
    pending.changed('podGone')
    expect(pending.counts).toMatchObject({ backoff: 1, unschedulable: 0 })
    const next = poll()
    await clock.advance(999)
    expect(pending.counts.backoff).toBe(1)
    await next
    await clock.advance(1)
    expect(pending.counts.trying + pending.counts.active).toBe(1)
  })

  test('the pause doubles up to ten seconds', async () => {
    const { clock, pending, take } = setUp()
    pending.set(info('a'))
    const pauses = []
    for (let i = 0; i < 6; i++) {
      const waiting = take()
      if (i > 0) await clock.advance(20_000)
      pending.failed(await waiting)
      pauses.push((clock.next! - clock.now()) / 1000)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10])
  })

  test('a node may change everything; after its pause the pod goes at once', async () => {
    const { clock, pending, take } = setUp()
    pending.set(info('a'))
    pending.refused(await take(), new Set(['NodeAffinity']))
    await clock.advance(2_000)
    pending.changed('podGone')
    expect(pending.counts.unschedulable).toBe(1)
    pending.changed('node')
    expect((await take()).pod.key).toBe('default/a')
  })

  test('nothing is forgotten for ever', async () => {
    const { clock, pending, take } = setUp()
    pending.set(info('a'))
    pending.refused(await take(), fit)
    const waiting = take()
    await clock.advance(300_000)
    expect((await waiting).attempts).toBe(1)
  })

  test('another pod of the same name is a new one', async () => {
    const { pending, take } = setUp()
    pending.set(info('a'))
    pending.refused(await take(), fit)
    const again = makePod('a')
    again.metadata.uid = 'another'
    pending.set(podInfoOf(again))
    expect((await take()).attempts).toBe(0)
  })

  test('closing releases who waits', async () => {
    const { pending } = setUp()
    const waiting = pending.take()
    pending.close()
    expect(await waiting).toBeUndefined()
    expect(await pending.take()).toBeUndefined()
  })
})

test('a heap gives the first by its order', () => {
  const heap = createHeap<number>((a, b) => a < b)
  for (const number of [5, 3, 8, 1, 9, 2, 7]) heap.push(number)
  expect(Array.from({ length: 8 }, () => heap.pop())).toEqual([1, 2, 3, 5, 7, 8, 9, undefined])
})
