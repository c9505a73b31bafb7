import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Change, type Log, StoreError } from './log.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined) => value && new TextDecoder().decode(value)
const told = (change: Change) => `${change.type} ${change.key} ${text(change.value)}${change.previous ? ` was ${text(change.previous)}` : ''}`
const reason = async (promise: Promise<unknown>) => promise.then(() => 'none', (error: unknown) => (error instanceof StoreError ? error.reason : error))

/** What every engine must do. `open` gives an empty log. */
export function logSuite(name: string, open: () => Promise<Log>): void {
  describe(`${name} log`, () => {
    let log: Log
    let stop: AbortController
    beforeEach(async () => { log = await open(); stop = new AbortController() })
    afterEach(async () => { stop.abort(); await log.close() })

    const take = async (changes: AsyncIterable<readonly Change[]>, count: number) => {
      const seen: Change[] = []
      for await (const batch of changes) {
        seen.push(...batch)
        if (seen.length >= count) break
      }
      return seen
    }

    it('creates, gets, updates and deletes, each at a revision of its own', async () => {
      const first = await log.create('/registry/pods/a/x', bytes('1'))
      expect(await log.get('/registry/pods/a/x')).toEqual({ key: '/registry/pods/a/x', value: expect.anything(), revision: first, created: first })
      const second = await log.update('/registry/pods/a/x', bytes('2'), first)
      expect(second).toBeGreaterThan(first)
      const record = await log.get('/registry/pods/a/x')
      expect([text(record?.value), record?.revision, record?.created]).toEqual(['2', second, first])
      const third = await log.delete('/registry/pods/a/x', second)
      expect(third).toBeGreaterThan(second)
      expect(await log.get('/registry/pods/a/x')).toBeUndefined()
      expect(await log.revision()).toBe(third)
      const again = await log.create('/registry/pods/a/x', bytes('3'))
      expect((await log.get('/registry/pods/a/x'))?.created).toBe(again)
    })

    it('begins above revision 0, which means "any" to clients', async () => {
      expect(await log.revision()).toBeGreaterThan(0)
    })

    it('refuses what does not fit, with the reason and the current record', async () => {
      const first = await log.create('/k', bytes('1'))
      expect(await reason(log.create('/k', bytes('2')))).toBe('exists')
      expect(await reason(log.update('/nope', bytes('2'), 1))).toBe('missing')
      expect(await reason(log.delete('/nope', 1))).toBe('missing')
      const second = await log.update('/k', bytes('2'), first)
      const error = await log.update('/k', bytes('3'), first).catch((thrown: StoreError) => thrown)
      expect(error).toMatchObject({ reason: 'conflict', current: { key: '/k', revision: second } })
      expect(await reason(log.delete('/k', first))).toBe('conflict')
      expect(await log.revision()).toBe(second)
    })

    it('lets exactly one of many concurrent writers win', async () => {
      const first = await log.create('/k', bytes('0'))
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => reason(log.update('/k', bytes(`${i}`), first))))
      expect(outcomes.filter((outcome) => outcome === 'none')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(19)
      const created = await Promise.all(Array.from({ length: 5 }, () => reason(log.create('/new', bytes('1')))))
      expect(created.filter((outcome) => outcome === 'none')).toHaveLength(1)
    })

    it('lists in key order, by prefix, in pages, and counts what remains', async () => {
      for (const key of ['/p/b/2', '/p/a/1', '/q/a/1', '/p/c/3', '/p/b/1']) await log.create(key, bytes(key))
      const all = await log.list('/p/')
      expect(all.records.map(({ key }) => key)).toEqual(['/p/a/1', '/p/b/1', '/p/b/2', '/p/c/3'])
      expect(text(all.records[1]!.value)).toBe('/p/b/1')
      expect(all).toMatchObject({ revision: await log.revision(), remaining: 0 })
      const page = await log.list('/p/', { limit: 2 })
      expect([page.records.map(({ key }) => key), page.remaining]).toEqual([['/p/a/1', '/p/b/1'], 2])
      const rest = await log.list('/p/', { limit: 2, after: '/p/b/1' })
      expect([rest.records.map(({ key }) => key), rest.remaining]).toEqual([['/p/b/2', '/p/c/3'], 0])
      expect((await log.list('/p/b/')).records).toHaveLength(2)
      expect((await log.list('/nothing/')).records).toEqual([])
    })

    it('lists the past as it was', async () => {
      const a = await log.create('/p/a', bytes('1'))
      const b = await log.create('/p/b', bytes('1'))
      const a2 = await log.update('/p/a', bytes('2'), a)
      const gone = await log.delete('/p/b', b)
      await log.create('/p/b', bytes('3'))
      const at = async (revision: number) => (await log.list('/p/', { revision })).records.map((record) => `${record.key}=${text(record.value)}@${record.revision}`)
      expect(await at(a)).toEqual([`/p/a=1@${a}`])
      expect(await at(b)).toEqual([`/p/a=1@${a}`, `/p/b=1@${b}`])
      expect(await at(a2)).toEqual([`/p/a=2@${a2}`, `/p/b=1@${b}`])
      expect(await at(gone)).toEqual([`/p/a=2@${a2}`])
      const page = await log.list('/p/', { revision: b, limit: 1 })
      expect([page.records.length, page.remaining, page.revision]).toEqual([1, 1, b])
      expect(await reason(log.list('/p/', { revision: (await log.revision()) + 1 }))).toBe('future')
    })

    it('forgets history when compacted, but no live record', async () => {
      const a = await log.create('/p/a', bytes('1'))
      const b = await log.create('/p/b', bytes('1'))
      const a2 = await log.update('/p/a', bytes('2'), a)
      const gone = await log.delete('/p/b', b)
      const a3 = await log.update('/p/a', bytes('3'), a2)
      await log.compact(gone)
      expect(await log.compacted()).toBe(gone)
      expect(await reason(log.list('/p/', { revision: a2 }))).toBe('compacted')
      expect(await reason(log.changes('/p/', a2))).toBe('compacted')
      expect((await log.list('/p/', { revision: gone })).records.map(({ revision }) => revision)).toEqual([a2])
      expect((await log.changes('/p/', gone)).changes.map(told)).toEqual(['update /p/a 3 was 2'])
      expect(text((await log.get('/p/a'))?.value)).toBe('3')
      expect((await log.list('/p/')).records).toHaveLength(1)
      await log.compact(a)
      expect(await log.compacted()).toBe(gone)
      await log.compact(a3)
      expect((await log.list('/p/')).records.map(({ created, revision }) => [created, revision])).toEqual([[a, a3]])
      expect(await reason(log.compact(a3 + 100))).toBe('future')
    })

    it('gives the changes after a revision, with the value before', async () => {
      const start = await log.revision()
      const a = await log.create('/p/a', bytes('1'))
      await log.create('/q/a', bytes('1'))
      const a2 = await log.update('/p/a', bytes('2'), a)
      const gone = await log.delete('/p/a', a2)
      const { changes, revision } = await log.changes('/p/', start)
      expect(changes.map(told)).toEqual(['create /p/a 1', 'update /p/a 2 was 1', 'delete /p/a 2 was 2'])
      expect(changes.map((change) => change.revision)).toEqual([a, a2, gone])
      expect(revision).toBe(gone)
      expect((await log.changes('/p/', a2)).changes.map(told)).toEqual(['delete /p/a 2 was 2'])
      expect((await log.changes('/p/', gone)).changes).toEqual([])
    })

    it('replays, then follows, without a gap or a double', async () => {
      const start = await log.revision()
      let revision = await log.create('/p/a', bytes('0'))
      for (let i = 1; i < 10; i++) revision = await log.update('/p/a', bytes(`${i}`), revision)
      const watching = take(log.watch('/p/', start, stop.signal), 40)
      await Promise.all(Array.from({ length: 30 }, (_, i) => log.create(`/p/x${i}`, bytes('x'))))
      const seen = await watching
      expect(seen).toHaveLength(40)
      expect(seen.map((change) => change.revision)).toEqual(seen.map((change) => change.revision).toSorted((a, b) => a - b))
      expect(new Set(seen.map((change) => change.revision)).size).toBe(40)
    })

    it('shows a write to watchers no later than it is acknowledged', async () => {
      const seen: number[] = []
      const watching = (async () => {
        for await (const batch of log.watch('/p/', await log.revision(), stop.signal)) seen.push(...batch.map((change) => change.revision))
      })()
      await log.changes('/p/', await log.revision())
      const written = await Promise.all(Array.from({ length: 10 }, (_, i) => log.create(`/p/${i}`, bytes('1'), { lazy: i % 2 === 0 })))
      await expect.poll(() => seen).toEqual(written.toSorted((a, b) => a - b))
      stop.abort()
      await watching
    })

    it('watches only its prefix, from now on, and ends with the signal', async () => {
      const watching = take(log.watch('/p/', await log.revision(), stop.signal), 2)
      await log.create('/q/1', bytes('1'))
      const one = await log.create('/p/1', bytes('1'))
      stop.abort()
      const seen = await watching
      expect(seen.every((change) => change.revision === one)).toBe(true)
      expect(await take(log.watch('/p/', 1, stop.signal), 1)).toEqual([])
    })

    it('refuses a watch from before the history', async () => {
      const a = await log.create('/p/a', bytes('1'))
      const b = await log.create('/p/b', bytes('1'))
      await log.compact(b)
      expect(await reason(take(log.watch('/p/', a, stop.signal), 1))).toBe('compacted')
    })

    it('takes lazy writes by the same rules', async () => {
      const start = await log.revision()
      const a = await log.create('/leases/a', bytes('1'), { lazy: true })
      const p = await log.create('/p/a', bytes('1'))
      expect(p).toBeGreaterThan(a)
      const a2 = await log.update('/leases/a', bytes('2'), a, { lazy: true })
      const b = await log.create('/leases/b', bytes('1'), { lazy: true })
      expect(await reason(log.update('/leases/a', bytes('3'), a, { lazy: true }))).toBe('conflict')
      expect(await reason(log.create('/leases/a', bytes('3'), { lazy: true }))).toBe('exists')
      expect(await reason(log.create('/p/a', bytes('3'), { lazy: true }))).toBe('exists')
      expect(await reason(log.create('/leases/b', bytes('3')))).toBe('exists')
      expect(text((await log.get('/leases/a'))?.value)).toBe('2')
      expect((await log.list('/leases/')).records.map((record) => [record.revision, record.created])).toEqual([[a2, a], [b, b]])
      const gone = await log.delete('/leases/b', b, { lazy: true })
      expect(await log.revision()).toBe(gone)
      expect((await log.list('/leases/')).records).toHaveLength(1)
      const seen = await take(log.watch('/leases/', start, stop.signal), 4)
      expect(seen.map(told)).toEqual(['create /leases/a 1', 'update /leases/a 2 was 1', 'create /leases/b 1', 'delete /leases/b 1 was 1'])
    })

    it('lets a key change between lazy and durable', async () => {
      const lazily = await log.create('/leases/a', bytes('1'), { lazy: true })
      const durably = await log.update('/leases/a', bytes('2'), lazily)
      const again = await log.update('/leases/a', bytes('3'), durably, { lazy: true })
      const record = await log.get('/leases/a')
      expect([text(record?.value), record?.revision, record?.created]).toEqual(['3', again, lazily])
      await log.delete('/leases/a', again)
      expect(await log.get('/leases/a')).toBeUndefined()
      expect((await log.list('/leases/')).records).toEqual([])
    })

    it('keeps any bytes and any key', async () => {
      const value = Uint8Array.from({ length: 300_000 }, (_, i) => i % 256)
      await log.create('/p/ünïcode:\'%_\\', value)
      await log.create('/p/empty', new Uint8Array())
      expect((await log.get('/p/ünïcode:\'%_\\'))?.value).toEqual(value)
      expect((await log.list('/p/')).records.map((record) => record.value.length)).toEqual([0, 300_000])
    })

    it('refuses everything after close', async () => {
      const watching = reason(take(log.watch('/p/', await log.revision(), stop.signal), 1))
      await log.close()
      expect(await watching).toBe('closed')
      expect(await reason(log.create('/k', bytes('1')))).toBe('closed')
      expect(await reason(log.get('/k'))).toBe('closed')
    })
  })
}
