import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { configMaps } from '../kinds/core-v1/config-map.ts'
import { pods } from '../kinds/core-v1/pod.ts'
import { secrets } from '../kinds/core-v1/secret.ts'
import type { Client } from './client.ts'
import { ownerKeys, startController, TerminalError } from './controller.ts'
import type { ControllerOptions } from './controller.ts'
import { createClient } from './create-client.ts'
import { createInformers } from './informers.ts'
import type { Informers } from './informers.ts'
import { createScriptedTransport } from './scripted-transport.ts'

let clock: ManualClock, client: Client, over: AbortController, informers: Informers, logged: string[]
const log = () => pino({ level: 'info' }, { write: (line: string) => { logged.push(JSON.parse(line).msg) } })
const create = (name: string) => client.create(configMaps, { metadata: { namespace: 'default', name } })

const start = (reconcile: ControllerOptions['reconcile'], rest: Partial<ControllerOptions> = {}) =>
  startController({ name: 'test', client, clock, log: log(), signal: over.signal, for: informers.of(configMaps), reconcile, ...rest })

beforeEach(() => {
  clock = createManualClock()
  client = createClient(createScriptedTransport().transport)
  over = new AbortController()
  logged = []
  informers = createInformers(client, { clock, log: pino({ level: 'silent' }), signal: over.signal })
})
afterEach(() => over.abort())

describe('a controller', () => {
  test('reconciles what is there at the start, what comes, and what is deleted', async () => {
    await create('a')
    const keys: string[] = []
    start(async (key) => { keys.push(key) })
    await clock.settle()
    await create('b')
    await client.delete(configMaps, { namespace: 'default', name: 'a' })
    await clock.settle()
    expect(keys).toEqual(['default/a', 'default/b', 'default/a'])
  })

  test('a failing key is tried again with a growing pause, until it succeeds', async () => {
    await create('a')
    const at: number[] = []
    start(async () => { at.push(clock.now()); if (at.length < 4) throw new Error('not yet') })
    await clock.advance('1m')
    expect(at.map((time) => time - at[0]!)).toEqual([0, 5, 15, 35])
  })

  test('after: comes back later', async () => {
    await create('a')
    const at: number[] = []
    start(async () => { at.push(clock.now()); return { after: 60_000 } })
    await clock.advance('3m')
    expect(at.map((time) => time - at[0]!)).toEqual([0, 60_000, 120_000, 180_000])
  })

  test('a terminal error is logged once and not tried again', async () => {
    await create('a')
    let calls = 0
    start(async () => { calls += 1; throw new TerminalError('the selector can never match') })
    await clock.advance('1h')
    expect([calls, logged]).toEqual([1, ['Give up on object until it changes']])
  })

  test('no key is in two hands; different keys are worked on side by side', async () => {
    for (const name of ['a', 'b', 'c']) await create(name)
    let now = 0, most = 0
    const busy = new Set<string>()
    start(async (key) => {
      expect(busy.has(key)).toBe(false)
      busy.add(key)
      most = Math.max(most, ++now)
      await clock.sleep(10)
      now -= 1
      busy.delete(key)
    }, { workers: 2 })
    await clock.advance(5)
    await create('d')
    await clock.advance('1s')
    expect([most, now]).toEqual([2, 0])
  })

  test('owned and watched objects wake their keys', async () => {
    const keys: string[] = []
    start(async (key) => { keys.push(key) }, {
      owns: [{ informer: informers.of(pods), kind: configMaps }],
      watches: [{ informer: informers.of(secrets), map: (secret) => [`mapped/${secret.metadata.name}`] }],
    })
    await clock.settle()
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'boss', uid: 'u', controller: true }
    await client.create(pods, { metadata: { namespace: 'ns', name: 'p', ownerReferences: [owner] }, spec: { containers: [] } } as never)
    await client.create(pods, { metadata: { namespace: 'ns', name: 'q', ownerReferences: [{ ...owner, kind: 'Secret' }] }, spec: { containers: [] } } as never)
    await client.create(secrets, { metadata: { namespace: 'ns', name: 's' } })
    await clock.settle()
    expect(keys).toEqual(['ns/boss', 'mapped/s'])
  })

  test('stops after the reconcile in hand and leaves nothing waiting', async () => {
    await create('a')
    let ended = false
    const controller = start(async (_key, signal) => { await clock.sleep(1e9, signal).catch(() => {}); ended = true })
    await clock.settle()
    await controller.stop()
    await create('b')
    await informers.stop()
    expect([ended, controller.idle, clock.next]).toEqual([true, true, undefined])
  })

  test('shows its queue in the metrics', async () => {
    const metrics = new Registry()
    await create('a')
    start(async () => {}, { metrics })
    await clock.settle()
    expect(await metrics.metrics()).toContain('workqueue_adds_total{name="test"} 1')
  })
})

describe('ownerKeys', () => {
  const owned = (reference: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns', ownerReferences: [{ name: 'o', uid: 'u', ...reference }] } }) as never
  const replicaSet = { group: 'apps', kind: 'ReplicaSet', namespaced: true }
  test.each([
    ['the controller', { apiVersion: 'apps/v1', kind: 'ReplicaSet', controller: true }, ['ns/o']],
    ['an owner that is not the controller', { apiVersion: 'apps/v1', kind: 'ReplicaSet' }, []],
    ['another group', { apiVersion: 'extensions/v1beta1', kind: 'ReplicaSet', controller: true }, []],
    ['another version of the group', { apiVersion: 'apps/v1beta2', kind: 'ReplicaSet', controller: true }, ['ns/o']],
  ])('%s', (_name, reference, keys) => { expect(ownerKeys(owned(reference), replicaSet)).toEqual(keys) })
})
