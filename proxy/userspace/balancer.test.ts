import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { Affinity, Balancer } from './balancer.ts'

const [a, b, c] = [{ ip: '10.244.0.2', port: 80 }, { ip: '10.244.0.3', port: 80 }, { ip: '10.244.0.4', port: 80 }]
const turns = (balancer: Balancer, count: number, client = '10.244.0.9') => Array.from({ length: count }, () => balancer.choose(client))

describe('turns', () => {
  test('are strict', () => {
    const balancer = new Balancer()
    expect(balancer.choose('x')).toBeUndefined()
    balancer.update([a, b, c], undefined)
    expect(turns(balancer, 7)).toEqual([a, b, c, a, b, c, a])
  })

  test('go on over an update', () => {
    const balancer = new Balancer()
    balancer.update([a, c], undefined)
    expect(turns(balancer, 1)).toEqual([a])
    balancer.update([a, b, c], undefined)
    expect(turns(balancer, 3)).toEqual([c, a, b])
    balancer.update([a, b], undefined)
    expect(turns(balancer, 2)).toEqual([a, b])
    balancer.update([b, c], undefined)
    expect(turns(balancer, 3)).toEqual([b, c, b])
    balancer.update([], undefined)
    expect(turns(balancer, 1)).toEqual([undefined])
  })
})

describe('affinity', () => {
  const start = (limit?: number) => {
    const clock = createManualClock()
    const affinity = new Affinity(60, { clock, ...(limit !== undefined && { limit }) })
    const balancer = new Balancer()
    balancer.update([a, b, c], affinity)
    return { clock, affinity, balancer }
  }

  test('a caller comes back to its endpoint until it was silent too long', async () => {
    const { clock, balancer } = start()
    expect([balancer.choose('x'), balancer.choose('y'), balancer.choose('x')]).toEqual([a, b, a])
    await clock.advance('59s')
    expect(balancer.choose('x')).toBe(a)
    await clock.advance('59s')
    expect([balancer.choose('x'), balancer.choose('y')]).toEqual([a, c])
    await clock.advance('60s')
    expect(balancer.choose('z')).toBe(a)
    expect(balancer.choose('x')).toBe(b)
  })

  test('moves on when the endpoint is gone or does not answer', () => {
    const { affinity, balancer } = start()
    expect(balancer.choose('x')).toBe(a)
    balancer.update([b, c], affinity)
    expect([balancer.choose('x'), balancer.choose('x')]).toEqual([b, b])
    expect([balancer.next('x'), balancer.choose('x')]).toEqual([c, c])
  })

  test('holds for all listeners of a Service that share it', () => {
    const { affinity, balancer } = start()
    const other = new Balancer()
    other.update([a, b, c], affinity)
    balancer.choose('w')
    expect([balancer.choose('x'), other.choose('x')]).toEqual([b, b])
  })

  test('remembers no more callers than it may, nor those that expired', async () => {
    const { clock, affinity, balancer } = start(2)
    for (const client of ['x', 'y', 'x', 'z']) balancer.choose(client)
    expect(affinity.size).toBe(2)
    expect([affinity.find('x'), affinity.find('y'), affinity.find('z')]).toEqual([a, undefined, c])
    await clock.advance('60s')
    balancer.choose('w')
    expect(affinity.size).toBe(1)
  })
})
