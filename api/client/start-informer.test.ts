import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { ApiError, unavailable } from '../errors.ts'
import { configMaps } from '../kinds/core-v1/config-map.ts'
import type { ConfigMap } from '../types/core-v1/config.ts'
import type { Client } from './client.ts'
import { createClient } from './create-client.ts'
import type { Informer, InformerHandler, InformerOptions } from './informer.ts'
import { createInformers } from './informers.ts'
import { createScriptedTransport } from './scripted-transport.ts'
import type { ScriptedTransport } from './scripted-transport.ts'
import { startInformer } from './start-informer.ts'

let clock: ManualClock, server: ScriptedTransport, client: Client, over: AbortController
const deps = () => ({ clock, log: pino({ level: 'silent' }), signal: over.signal })
const start = (options: InformerOptions<ConfigMap> = {}) => startInformer(client, configMaps, options, deps())
const create = (name: string, data: Record<string, string> = {}, namespace = 'default') => client.create(configMaps, { metadata: { namespace, name }, data })
const remove = (name: string) => client.delete(configMaps, { namespace: 'default', name })
const isWatch = (request: { query: URLSearchParams }) => request.query.has('watch')

function record(informer: Informer<ConfigMap>): string[] {
  const seen: string[] = []
  const tell = (what: string) => (object: ConfigMap) => { seen.push(`${what} ${object.metadata.name} ${object.data?.['v'] ?? ''}`.trim()) }
  informer.on({ add: tell('add'), update: tell('update'), delete: tell('delete') })
  return seen
}

beforeEach(() => {
  clock = createManualClock()
  server = createScriptedTransport()
  client = createClient(server.transport)
  over = new AbortController()
})
afterEach(() => over.abort())

describe('an informer', () => {
  test('lists, then follows', async () => {
    await create('a')
    const informer = start()
    const seen = record(informer)
    await informer.synced
    const b = await create('b', { v: '1' })
    await client.update(configMaps, { ...b, data: { v: '2' } })
    await remove('a')
    await clock.settle()
    expect(seen).toEqual(['add a', 'add b 1', 'update b 2', 'delete a'])
    expect(informer.list().map((object) => object.metadata.name)).toEqual(['b'])
    expect(informer.get('default/b')).toBe(informer.get({ namespace: 'default', name: 'b' }))
  })

  test('pages through a long list', async () => {
    for (let i = 0; i < 1_201; i++) await create(`c${i}`)
    server.seen.length = 0
    const informer = start()
    await informer.synced
    expect(informer.list()).toHaveLength(1_201)
    expect(server.seen.filter((line) => line.includes('limit=500'))).toHaveLength(3)
  })

  test('goes on at the last revision when the watch ends, bookmarks included', async () => {
    const informer = start()
    const seen = record(informer)
    await informer.synced
    await create('a')
    server.bookmark()
    await clock.settle()
    server.seen.length = 0
    server.breakWatches()
    await clock.settle()
    expect(server.seen.filter((line) => line.includes('resourceVersion=2'))).toHaveLength(1)
    await create('b')
    await clock.settle()
    expect(seen).toEqual(['add a', 'add b'])
  })

  test('lists again after 410 and tells the difference, deletions too', async () => {
    for (const name of ['gone', 'kept', 'changed', 'reborn']) await create(name, { v: '1' })
    const informer = start()
    await informer.synced
    server.fail(unavailable('down'), 1, isWatch)
    server.breakWatches(new Error('cable cut'))
    await clock.settle()
    await remove('gone')
    await client.update(configMaps, { ...informer.get('default/changed')!, data: { v: '2' } })
    await remove('reborn')
    await create('reborn', { v: '9' })
    await create('new', { v: '1' })
    server.compact()
    const seen = record(informer)
    seen.length = 0
    await clock.advance('2m')
    expect(seen.toSorted()).toEqual(['add new 1', 'add reborn 9', 'delete gone 1', 'delete reborn 1', 'update changed 2'])
    expect(informer.list().map((object) => object.metadata.name).toSorted()).toEqual(['changed', 'kept', 'new', 'reborn'])
  })

  test('never dies: it waits longer each time while the server is away, and comes back', async () => {
    server.fail(new Error('ECONNREFUSED'), 6)
    const informer = start()
    const tries: number[] = []
    for (let second = 0; second < 60; second++) {
      tries.push(server.seen.length)
      await clock.advance('1s')
    }
    await informer.synced
    expect(tries[1]).toBeGreaterThan(1)
    expect(tries[3]! - tries[2]!).toBeLessThanOrEqual(1)
    expect(informer.hasSynced).toBe(true)
    await create('a')
    await clock.settle()
    expect(informer.list()).toHaveLength(1)
  })

  test('a server with a new store, which never knew the revision, is listed again', async () => {
    const informer = start()
    await informer.synced
    server.fail(new ApiError(504, 'Timeout', 'Too large resource version: 9, current: 1'), 1, isWatch)
    server.breakWatches(new Error('restart'))
    await clock.advance('2s')
    expect(server.seen.filter((line) => line.includes('limit='))).toHaveLength(2)
  })

  test('a throwing handler hurts nobody else', async () => {
    const informer = start()
    informer.on({ add() { throw new Error('mine') } })
    const seen = record(informer)
    await informer.synced
    await create('a')
    await clock.settle()
    expect(seen).toEqual(['add a'])
  })

  test('a late handler gets the cache replayed; a removed one gets nothing more', async () => {
    await create('a')
    const informer = start()
    await informer.synced
    const seen: string[] = []
    const handler: InformerHandler<ConfigMap> = { add: (object) => seen.push(object.metadata.name!) }
    const off = informer.on(handler)
    off()
    await create('b')
    await clock.settle()
    expect(seen).toEqual(['a'])
  })

  test('keeps indexes through add, update and delete; an index function that throws files nothing', async () => {
    const informer = start({ indexes: { v: (object) => [object.data!['v']!], bad: () => { throw new Error('no') } } })
    await informer.synced
    const a = await create('a', { v: 'x' })
    await create('b', { v: 'x' })
    await clock.settle()
    const names = (value: string) => informer.byIndex('v', value).map((object) => object.metadata.name).toSorted()
    expect(names('x')).toEqual(['a', 'b'])
    await client.update(configMaps, { ...a, data: { v: 'y' } })
    await remove('b')
    await clock.settle()
    expect([names('x'), names('y'), informer.byIndex('bad', 'x')]).toEqual([[], ['a'], []])
    expect(() => informer.byIndex('none', 'x')).toThrow('there is none')
  })

  test('stops: the watch is gone, synced rejects for whoever still waits', async () => {
    const informer = start()
    await informer.synced
    await informer.stop()
    server.fail(new Error('away'))
    const early = start()
    const waiting = early.synced
    await clock.settle()
    over.abort()
    await expect(waiting).rejects.toThrow('stopped')
    await clock.settle()
    expect([server.watches, clock.next]).toEqual([0, undefined])
  })
})

describe('shared informers', () => {
  test('one a kind and scope; later indexes are added', async () => {
    await create('a', { v: '1' })
    const informers = createInformers(client, deps())
    const one = informers.of(configMaps)
    await informers.synced()
    const two = informers.of(configMaps, { indexes: { v: (object) => [object.data?.['v'] ?? ''] } })
    expect(two).toBe(one)
    expect(two.byIndex('v', '1')).toHaveLength(1)
    expect(informers.of(configMaps, { namespace: 'kube-system' })).not.toBe(one)
    expect(() => informers.of(configMaps, { indexes: { v: () => [] } })).toThrow('Cannot add index v')
    await informers.stop()
    expect(server.watches).toBe(0)
  })
})
