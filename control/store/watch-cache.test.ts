import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '../../api/errors.ts'
import type { KubeObject } from '../../api/object.ts'
import type { WatchFrame } from '../../api/transport.ts'
import { systemClock } from '../../host/clock.ts'
import type { CachedResource, CacheWatchOptions, ObjectStore, ResourceCache } from './cache.ts'
import type { Log } from './log.ts'
import { createMemoryLog } from './memory.ts'
import { createObjectStore } from './object-store.ts'
import { openSqliteLog } from './sqlite.ts'
import { createWatchCache, type WatchCacheOptions, type WritableWatchCache } from './watch-cache.ts'

type Pod = KubeObject & { spec: { nodeName?: string }; labels?: unknown }
const resource: CachedResource = {
  prefix: '/registry/pods/', apiVersion: 'v1', kind: 'Pod', indexes: { 'spec.nodeName': (pod: Pod) => pod.spec.nodeName ?? '' },
}
const keyOf = (name: string) => `/registry/pods/${name}`
const pod = (path: string, { node, app }: { node?: string; app?: string } = {}): Pod => {
  const [namespace, name] = path.split('/') as [string, string]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, ...(app && { labels: { app } }) }, spec: { ...(node && { nodeName: node }) } } as Pod
}
const app = (value: string) => (object: Pod) => object.metadata.labels?.['app'] === value
const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))
const told = ({ event }: WatchFrame) => {
  const { metadata } = event.object as KubeObject
  return `${event.type} ${metadata?.name ?? ''}@${metadata?.resourceVersion}`
}

const engines: Record<string, (directory: string) => Promise<Log>> = {
  memory: async () => createMemoryLog(),
  sqlite: (directory) => openSqliteLog({ path: join(directory, 'state.db'), clock: systemClock }),
}

describe.each(Object.keys(engines))('watch cache over %s', (engine) => {
  let directory: string
  let log: Log
  let cache: WritableWatchCache
  let store: ObjectStore
  let pods: ResourceCache
  let stop: AbortController

  const start = (options: Partial<WatchCacheOptions> = {}) => {
    cache = createWatchCache({ log, clock: systemClock, ...options })
    store = createObjectStore({ log, cache })
    pods = cache.forResource(resource)
  }
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cache-'))
    log = await engines[engine]!(directory)
    stop = new AbortController()
    start()
  })
  afterEach(async () => {
    stop.abort()
    await cache.close()
    await log.close()
    await rm(directory, { recursive: true, force: true })
  })

  const create = async (path: string, options?: Parameters<typeof pod>[1]) => (await store.create(resource, keyOf(path), pod(path, options))).revision
  const update = async (path: string, options?: Parameters<typeof pod>[1]) =>
    (await store.guaranteedUpdate(resource, keyOf(path), () => pod(path, options))).revision
  const remove = async (path: string) => (await store.delete(resource, keyOf(path), (await pods.get(keyOf(path)))!.revision)).revision
  const watch = async (options: Partial<CacheWatchOptions> = {}) => {
    const frames = (await pods.watch({ signal: stop.signal, ...options }))[Symbol.asyncIterator]()
    return async (count: number) => {
      const seen: WatchFrame[] = []
      while (seen.length < count) {
        const { done, value } = await frames.next()
        if (done) break
        seen.push(value)
      }
      return seen
    }
  }
  const names = async (options?: Parameters<ResourceCache['list']>[0]) => (await pods.list(options)).entries.map(({ object }) => object.metadata.name)
  const refusal = (promise: Promise<unknown>) => promise.then(() => 'none', (error: unknown) => (error instanceof ApiError ? `${error.code} ${error.reason} ${error.message}` : error))

  it('reads what was written, with its resourceVersion, as a frozen object and as bytes', async () => {
    const made = await store.create(resource, keyOf('a/x'), pod('a/x', { node: 'n1' }))
    const entry = (await pods.get(keyOf('a/x')))!
    expect(entry).toBe(made)
    expect(entry.object).toMatchObject({ metadata: { name: 'x', resourceVersion: `${made.revision}` }, spec: { nodeName: 'n1' } })
    expect(parse(entry.bytes)).toEqual(entry.object)
    expect(() => { (entry.object as Pod).spec.nodeName = 'n2' }).toThrow()
    expect(new TextDecoder().decode((await log.get(keyOf('a/x')))!.value)).not.toContain('resourceVersion')
  })

  it('fills itself from the log', async () => {
    const revision = await create('a/x')
    await cache.close()
    start()
    expect(parse((await pods.get(keyOf('a/x')))!.bytes)).toMatchObject({ metadata: { name: 'x', resourceVersion: `${revision}` } })
    expect(pods.peek(keyOf('a/x'))!.object.metadata.resourceVersion).toBe(`${revision}`)
  })

  it('writes nothing when nothing changed, whatever the order of keys', async () => {
    const revision = await create('a/x', { node: 'n1' })
    const { metadata: { namespace, name } } = pod('a/x')
    const same = { kind: 'Pod', apiVersion: 'v1', spec: { nodeName: 'n1' }, metadata: { name, namespace } } as Pod
    expect((await store.update(resource, keyOf('a/x'), revision, same)).revision).toBe(revision)
    expect(await log.revision()).toBe(revision)
    await expect(store.update(resource, keyOf('a/x'), revision - 1, same)).rejects.toMatchObject({ reason: 'conflict' })
    await expect(store.update(resource, keyOf('a/y'), revision, same)).rejects.toMatchObject({ reason: 'missing' })
  })

  it('takes lazy writes like others', async () => {
    const made = await store.create(resource, keyOf('a/x'), pod('a/x'), { lazy: true })
    const next = await watch({ after: made.revision })
    const { revision } = await store.guaranteedUpdate(resource, keyOf('a/x'), () => pod('a/x', { app: 'y' }), { lazy: true })
    const gone = await store.delete(resource, keyOf('a/x'), revision, { lazy: true })
    expect((await next(2)).map(told)).toEqual([`MODIFIED x@${revision}`, `DELETED x@${gone.revision}`])
    expect(gone.object.metadata).toMatchObject({ labels: { app: 'y' }, resourceVersion: `${gone.revision}` })
    expect(await names()).toEqual([])
  })

  it('retries a guaranteed update until it wins', async () => {
    await create('a/x')
    const labels = await Promise.all(Array.from({ length: 8 }, (_, i) => store.guaranteedUpdate(resource, keyOf('a/x'), ({ object }) => ({
      ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [`l${i}`]: 'x' } },
    }))))
    expect(labels).toHaveLength(8)
    expect(Object.keys((await pods.get(keyOf('a/x')))!.object.metadata.labels!)).toHaveLength(8)
    await expect(store.guaranteedUpdate(resource, keyOf('a/none'), () => undefined)).rejects.toMatchObject({ reason: 'missing' })
  })

  it('lists by namespace and filter, in pages that stay true to their revision', async () => {
    for (const path of ['b/1', 'a/1', 'a/2', 'a/3', 'b/2']) await create(path, { app: path.endsWith('2') ? 'two' : 'other' })
    expect(await names()).toEqual(['1', '2', '3', '1', '2'])
    expect(await names({ namespace: 'a' })).toEqual(['1', '2', '3'])
    expect(await names({ filter: app('two') })).toEqual(['2', '2'])
    const first = await pods.list({ limit: 2 })
    expect([first.entries.length, first.remaining, first.revision]).toEqual([2, 3, cache.revision])
    await remove('a/3')
    await create('a/2b')
    await update('b/1', { app: 'changed' })
    const second = await pods.list({ limit: 2, continue: first.continue! })
    expect(second.entries.map(({ key }) => key)).toEqual([keyOf('a/3'), keyOf('b/1')])
    expect(second.entries[1]!.object.metadata.labels).toEqual({ app: 'other' })
    expect([second.remaining, second.revision]).toEqual([1, first.revision])
    const third = await pods.list({ limit: 2, continue: second.continue! })
    expect([third.entries.length, third.continue, third.remaining]).toEqual([1, undefined, undefined])
    const filtered = await pods.list({ limit: 1, filter: app('two') })
    expect([filtered.entries.length, filtered.remaining, typeof filtered.continue]).toEqual([1, undefined, 'string'])
    expect((await pods.list({ limit: 1, filter: app('two'), continue: filtered.continue! })).continue).toBeUndefined()
  })

  it('lists the past from memory and, where that has forgotten, from the log, alike', async () => {
    await create('a/0')
    const revisions: number[] = []
    for (let i = 1; i < 8; i++) revisions.push(await create(`a/${i}`))
    await update('a/1', { app: 'new' })
    await remove('a/2')
    const read = async () => Promise.all(revisions.flatMap((revision) => [undefined, 2].map(async (limit) => {
      const { entries, remaining, continue: token } = await pods.list({ revision, match: 'exact', ...(limit && { limit }) })
      return [entries.map(({ key, object, revision: at }) => [key, object, at]), remaining, token]
    })))
    const fromMemory = await read()
    await cache.close()
    start()
    expect(await read()).toEqual(fromMemory)
    expect((fromMemory[2]![0] as unknown[]).length).toBe(3)
  })

  it('refuses what is too old, not yet, or no token', async () => {
    await create('a/1')
    const old = await create('a/2')
    const { continue: token } = await pods.list({ limit: 1 })
    const newest = await create('a/3')
    await log.compact(newest)
    await cache.close()
    start()
    expect(await refusal(pods.list({ revision: old, match: 'exact' }))).toBe('410 Expired The resourceVersion for the provided list is too old.')
    expect(await refusal(pods.list({ limit: 1, continue: token! }))).toMatch(/^410 Expired The provided continue parameter is too old to display a consistent list result\./)
    expect(await refusal(pods.watch({ after: old, signal: stop.signal }))).toBe(`410 Expired too old resource version: ${old} (${newest})`)
    expect(await refusal(pods.list({ revision: newest + 9 }))).toBe(`504 Timeout Too large resource version: ${newest + 9}, current: ${newest}`)
    expect(await refusal(pods.get(keyOf('a/1'), { notOlderThan: newest + 9 }))).toMatch('504 Timeout')
    for (const bad of ['x', '!!', Buffer.from('null').toString('base64url'), Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"x\\u0000"}').toString('base64url')]) {
      expect(await refusal(pods.list({ continue: bad }))).toMatch('400 BadRequest continue key is not valid')
    }
    expect(await refusal(pods.list({ continue: token!, revision: 5 }))).toMatch('400 BadRequest')
  })

  it('replays from the ring, then follows', async () => {
    const one = await create('a/1')
    const two = await create('a/2')
    const next = await watch({ after: one })
    const three = await update('a/1', { app: 'x' })
    const four = await remove('a/2')
    const frames = await next(3)
    expect(frames.map(told)).toEqual([`ADDED 2@${two}`, `MODIFIED 1@${three}`, `DELETED 2@${four}`])
    for (const frame of frames) expect(parse(frame.bytes())).toEqual(frame.event)
  })

  it('replays from the log what the ring has forgotten, without gap or double', async () => {
    const first = await create('a/1')
    await update('a/1', { app: 'x' })
    await create('a/2')
    await remove('a/2')
    await cache.close()
    start({ ringCapacity: 3 })
    const next = await watch({ after: first })
    for (let i = 3; i < 20; i++) await create(`a/${i}`)
    const late = await watch({ after: first })
    const seen = (await next(20)).map(told)
    expect(seen.slice(0, 3)).toEqual([`MODIFIED 1@${first + 1}`, `ADDED 2@${first + 2}`, `DELETED 2@${first + 3}`])
    expect(seen).toHaveLength(20)
    expect((await late(20)).map(told)).toEqual(seen)
  })

  it('loses and doubles nothing when watches begin amid writes', async () => {
    const begin = await create('a/0')
    await cache.close()
    start({ ringCapacity: 4 })
    const writing = (async () => { for (let i = 1; i <= 60; i++) await log.create(keyOf(`a/${i}`), new TextEncoder().encode(JSON.stringify(pod(`a/${i}`)))) })()
    const readers = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
      for (let turn = 0; turn < i * 7; turn++) await Promise.resolve()
      return watch({ after: begin })
    }))
    await writing
    for (const next of readers) {
      expect((await next(60)).map(({ event }) => (event.object as KubeObject).metadata.name)).toEqual(Array.from({ length: 60 }, (_, i) => `${i + 1}`))
    }
  })

  it('begins with what there is when asked from nowhere', async () => {
    const one = await create('a/1')
    await create('b/2')
    const next = await watch({ namespace: 'a' })
    const three = await create('a/3')
    expect((await next(2)).map(told)).toEqual([`ADDED 1@${one}`, `ADDED 3@${three}`])
  })

  it('ends the initial events with an annotated bookmark', async () => {
    const one = await create('a/1')
    const next = await watch({ initialEvents: true, bookmarks: true })
    const frames = await next(2)
    expect(frames.map(told)).toEqual([`ADDED 1@${one}`, `BOOKMARK @${one}`])
    expect(parse(frames[1]!.bytes())).toEqual({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: `${one}`, annotations: { 'k8s.io/initial-events-end': 'true' } } } })
  })

  it('shows each watcher only what concerns it', async () => {
    const after = await create('z/0')
    const scopes: [string, Partial<CacheWatchOptions>, string[]][] = [
      ['a namespace', { namespace: 'a' }, ['ADDED 1', 'MODIFIED 1', 'DELETED 1']],
      ['a name', { name: '2' }, ['ADDED 2', 'ADDED 2']],
      ['a name in a namespace', { namespace: 'b', name: '2' }, ['ADDED 2']],
      ['a node', { index: { name: 'spec.nodeName', value: 'n1' } }, ['ADDED 1', 'DELETED 1']],
      ['a node in a namespace', { index: { name: 'spec.nodeName', value: 'n2' }, namespace: 'b' }, ['ADDED 2']],
      ['labels', { filter: app('x') }, ['ADDED 1', 'DELETED 1']],
    ]
    const readers = await Promise.all(scopes.map(([, scope]) => watch({ after, ...scope })))
    await create('a/1', { app: 'x' })
    await create('b/2', { node: 'n2' })
    await create('c/2')
    await update('a/1', { node: 'n1' })
    await remove('a/1')
    for (const [i, [name, , wanted]] of scopes.entries()) {
      const seen = await readers[i]!(wanted.length)
      expect(seen.map((frame) => told(frame).split('@')[0]), name).toEqual(wanted)
    }
    expect(await refusal(pods.watch({ signal: stop.signal, index: { name: 'spec.other', value: '' } }))).toMatch('400 BadRequest')
  })

  it('shows an object that ceases to match as it was, at the revision of the change', async () => {
    await create('a/1', { app: 'x' })
    const next = await watch({ filter: app('x') })
    const changed = await update('a/1', { app: 'y' })
    const [, frame] = await next(2)
    expect(told(frame!)).toBe(`DELETED 1@${changed}`)
    expect((frame!.event.object as KubeObject).metadata.labels).toEqual({ app: 'x' })
  })

  it('makes the bytes of an event once for all watchers', async () => {
    await create('a/1')
    const [one, two] = await Promise.all([watch({ after: cache.revision }), watch({ after: cache.revision, namespace: 'a' })])
    await update('a/1', { app: 'x' })
    const [first, second] = [(await one(1))[0]!, (await two(1))[0]!]
    expect(first.bytes()).toBe(second.bytes())
    expect(first.event.object).toBe(second.event.object)
  })

  it('drops a reader that does not read, and tells it', async () => {
    await create('a/0')
    await cache.close()
    start({ watcherLimit: 5 })
    await pods.list()
    const slow = await watch({ after: cache.revision })
    const other = await watch({ after: cache.revision })
    const reading = other(10)
    for (let i = 1; i <= 10; i++) await create(`a/${i}`)
    expect(await reading).toHaveLength(10)
    const seen = await slow(100)
    expect(seen.map(({ event }) => event.type)).toEqual([...Array<string>(5).fill('ADDED'), 'ERROR'])
    expect(seen.at(-1)!.event.object).toMatchObject({ kind: 'Status', code: 429 })
  })

  it('sends bookmarks only when there is something to say', async () => {
    await cache.close()
    const timers: (() => void)[] = []
    start({ clock: { ...systemClock, after: (_, callback) => { timers.push(callback); return () => {} } } })
    await pods.list()
    const next = await watch({ after: cache.revision, bookmarks: true })
    expect(timers).toHaveLength(0)
    const services = { prefix: '/registry/services/specs/', apiVersion: 'v1', kind: 'Service' }
    const { revision } = await store.create(services, '/registry/services/specs/a/s', pod('a/s'))
    expect(timers).toHaveLength(1)
    timers.pop()!()
    expect((await next(1)).map(told)).toEqual([`BOOKMARK @${revision}`])
    expect(timers).toHaveLength(0)
  })

  it('ends watches with the signal and with the cache', async () => {
    const gone = new AbortController()
    const aborted = (await watch({ after: cache.revision || 1, signal: gone.signal }))(1)
    const closed = (await watch({ after: cache.revision || 1 }))(1)
    gone.abort()
    expect(await aborted).toEqual([])
    await cache.close()
    expect(await closed).toEqual([])
    await expect(pods.get(keyOf('a/1'))).rejects.toMatchObject({ reason: 'closed' })
  })
})
