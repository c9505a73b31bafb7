import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { leases } from '../kinds/coordination-v1/lease.ts'
import type { Client } from './client.ts'
import { createClient } from './create-client.ts'
import { startElection } from './election.ts'
import type { Election } from './election.ts'
import { claim } from './lease-claim.ts'
import { createScriptedTransport } from './scripted-transport.ts'
import type { ScriptedTransport } from './scripted-transport.ts'
import { TransportError } from './transport-error.ts'

const lease = { namespace: 'kube-system', name: 'scheduler' }
let clock: ManualClock, server: ScriptedTransport, over: AbortController, leading: string[]

/** A candidate whose connection can be cut. */
function candidate(identity: string): Election & { cut: boolean; client: Client } {
  const link = { cut: false }
  const client = createClient(async (request) => {
    if (link.cut) throw new TransportError('unreachable', 'cut', true)
    return server.transport(request)
  })
  const election = startElection({
    client, clock, log: pino({ level: 'silent' }), signal: over.signal, lease, identity,
    onLead(signal) {
      leading.push(identity)
      expect(leading).toHaveLength(1)
      signal.addEventListener('abort', () => { leading = leading.filter((name) => name !== identity) })
    },
  })
  return Object.defineProperties(link, { ...Object.getOwnPropertyDescriptors(election), client: { value: client } }) as never
}
const spec = async () => (await createClient(server.transport).get(leases, lease)).spec

beforeEach(() => {
  clock = createManualClock({ start: '2030-01-01T00:00:00Z' })
  server = createScriptedTransport()
  over = new AbortController()
  leading = []
})
afterEach(() => over.abort())

describe('an election', () => {
  test('the first takes the lease and keeps it; the others wait', async () => {
    const a = candidate('a')
    await clock.settle()
    const b = candidate('b')
    await clock.advance('5m')
    expect([leading, a.isLeader, b.isLeader, b.leader]).toEqual([['a'], true, false, 'a'])
    expect(await spec()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0, acquireTime: '2030-01-01T00:00:00.000000Z' })
    expect(Date.parse((await spec()).renewTime!)).toBeGreaterThan(clock.now() - 2_001)
  })

  test('a leader that stops lets go, and the next leads within a retry', async () => {
    const a = candidate('a')
    await clock.settle()
    candidate('b')
    await clock.advance('10s')
    await a.stop()
    expect(await spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    await clock.advance('6s')
    expect([leading, (await spec()).leaseTransitions]).toEqual([['b'], 1])
  })

  test('a leader that is cut off stops leading before another begins', async () => {
    const a = candidate('a')
    await clock.settle()
    const b = candidate('b')
    await clock.advance('10s')
    a.cut = true
    await clock.advance('11s')
    expect([leading, a.isLeader]).toEqual([[], false])
    await clock.advance('10s')
    expect(leading).toEqual(['b'])
    a.cut = false
    await clock.advance('1m')
    expect([leading, a.leader, b.isLeader]).toEqual([['b'], 'b', true])
  })

  test('a short failure does not cost the lead', async () => {
    const a = candidate('a')
    await clock.advance('10s')
    a.cut = true
    await clock.advance('5s')
    a.cut = false
    await clock.advance('1m')
    expect([leading, (await spec()).leaseTransitions]).toEqual([['a'], 0])
  })

  test('a lease taken away ends the lead at the next renewal', async () => {
    const a = candidate('a')
    await clock.advance('10s')
    const current = await a.client.get(leases, lease)
    await a.client.update(leases, { ...current, spec: { ...current.spec, holderIdentity: 'thief' } })
    await clock.advance('4s')
    expect([leading, a.leader]).toEqual([[], 'thief'])
  })

  test('leaves no timer behind', async () => {
    const a = candidate('a')
    await clock.advance('10s')
    await a.stop()
    expect(clock.next).toBeUndefined()
  })

  test('refuses times that cannot work', () => {
    expect(() => startElection({ renewDeadline: 15_000, leaseDuration: 15_000 } as never)).toThrow('Cannot hold an election')
  })
})

describe('claim', () => {
  const me = { identity: 'me', leaseDuration: 15_000 }
  const held = { holderIdentity: 'other', leaseDurationSeconds: 15, leaseTransitions: 3, acquireTime: 'then' }
  test.each([
    ['no lease yet', undefined, 0, { holderIdentity: 'me', leaseTransitions: 0 }],
    ['held by another, seen lately', { spec: held, at: 0 }, 14_999, undefined],
    ['held by another, not renewed for its duration', { spec: held, at: 0 }, 15_000, { holderIdentity: 'me', leaseTransitions: 4 }],
    ['let go', { spec: { ...held, holderIdentity: '' }, at: 0 }, 1, { holderIdentity: 'me', leaseTransitions: 4 }],
    ['mine', { spec: { ...held, holderIdentity: 'me' }, at: 0 }, 1, { holderIdentity: 'me', leaseTransitions: 3, acquireTime: 'then' }],
  ])('%s', (_name, observed, now, expected) => {
    const got = claim(me, observed, now)
    if (expected) expect(got).toMatchObject(expected)
    else expect(got).toBeUndefined()
  })
})
