import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { createExec } from '../../host/exec.ts'
import { type Log, StoreError } from './log.ts'
import { openSqliteLog, type SqliteLogOptions } from './sqlite.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const failure = (promise: Promise<unknown>) => promise.then(() => { throw new Error('it was not refused') }, (error: StoreError) => error)

describe('the SQLite log', () => {
  let directory: string
  let path: string
  const logs: Log[] = []
  const open = async (options: Partial<SqliteLogOptions> = {}) => {
    const log = await openSqliteLog({ path, clock: systemClock, ...options })
    logs.push(log)
    return log
  }
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'))
    path = join(directory, 'data', 'state.db')
  })
  afterEach(async () => {
    await Promise.allSettled(logs.splice(0).map((log) => log.close()))
    await rm(directory, { recursive: true, force: true })
  })

  it('keeps everything over a restart: records, history, revision, compaction, lazy writes', async () => {
    const log = await open()
    const a = await log.create('/registry/pods/a/x', bytes('1'))
    const a2 = await log.update('/registry/pods/a/x', bytes('2'), a)
    const b = await log.create('/registry/pods/a/y', bytes('1'))
    await log.compact(a)
    const lease = await log.create('/registry/leases/a/l', bytes('1'), { lazy: true })
    const lease2 = await log.update('/registry/leases/a/l', bytes('2'), lease, { lazy: true })
    await log.close()
    const again = await open()
    expect(await again.revision()).toBe(lease2)
    expect(await again.compacted()).toBe(a)
    expect((await again.list('/registry/')).records.map(({ key, revision, created }) => [key, revision, created])).toEqual([
      ['/registry/leases/a/l', lease2, lease], ['/registry/pods/a/x', a2, a], ['/registry/pods/a/y', b, b],
    ])
    expect((await again.changes('/registry/pods/', a)).changes.map(({ type, revision }) => [type, revision])).toEqual([['update', a2], ['create', b]])
    expect((await failure(again.changes('/registry/leases/', a))).reason).toBe('compacted')
    expect((await failure(again.list('/registry/leases/', { revision: lease }))).reason).toBe('compacted')
    expect(await again.create('/registry/pods/a/z', bytes('1'))).toBe(lease2 + 1)
  })

  it('loses no acknowledged write to kill -9, and gives no revision twice', async () => {
    const exec = createExec()
    let newest = 0
    for (let round = 0; round < 3; round++) {
      const child = await exec.spawn(process.execPath, [fileURLToPath(new URL('./testing/crash-writer.ts', import.meta.url)), path])
      const said: string[][] = []
      for await (const line of createInterface({ input: child.stdout! })) {
        said.push(line.split(' '))
        if (said.length === 400 * (round + 1)) child.kill('SIGKILL')
      }
      expect((await child.exited).signal).toBe('SIGKILL')

      const log = await open()
      const past = { created: 'create', updated: 'update', deleted: 'delete' } as const
      const history = new Map((await log.changes('/registry/pods/', newest)).changes.map((change) => [change.revision, change]))
      const durable = Math.max(...said.filter(([what]) => what !== 'lazy').map(([, , revision]) => Number(revision)))
      let lease = 0
      for (const [what, key, at] of said) {
        const revision = Number(at)
        if (what !== 'lazy') expect(history.get(revision)).toMatchObject({ key, type: past[what as keyof typeof past] })
        else if (revision < durable) lease = revision
      }
      expect(lease).toBeGreaterThan(0)
      expect((await log.get('/registry/leases/a/lease'))!.revision).toBeGreaterThanOrEqual(lease)
      const acknowledged = Math.max(...said.map(([, , revision]) => Number(revision)))
      expect(await log.revision()).toBeGreaterThanOrEqual(acknowledged)
      expect(acknowledged).toBeGreaterThan(newest)
      newest = await log.revision()
      await log.close()
    }
  }, 60_000)

  it('is one server\'s alone', async () => {
    const first = await open()
    const error = await failure(open())
    expect(error).toMatchObject({ reason: 'locked', message: `Cannot open the store ${path}: another process has it open; only one server may run on it` })
    await first.create('/k', bytes('1'))
    await first.close()
    expect(await (await open()).get('/k')).toBeDefined()
  })

  it('is readable by its owner only', async () => {
    await (await open()).create('/k', bytes('secret'))
    expect((await stat(join(directory, 'data'))).mode & 0o777).toBe(0o700)
    for (const name of await readdir(join(directory, 'data'))) expect((await stat(join(directory, 'data', name))).mode & 0o777, name).toBe(0o600)
  })

  it('refuses a write there is no room for, whole, and goes on', async () => {
    const log = await open({ maxBytes: 400_000 })
    const value = new Uint8Array(20_000).fill(7)
    const written: number[] = []
    let refused: StoreError | undefined
    while (!refused) {
      const outcomes = await Promise.allSettled([0, 1, 2].map((i) => log.create(`/p/${written.length + i}`, value)))
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') written.push(outcome.value)
        else refused = outcome.reason
      }
    }
    expect(refused).toMatchObject({ reason: 'full', message: `Cannot write to the store ${path}: no space is left` })
    expect(await log.revision()).toBe(written.at(-1))
    expect((await log.list('/p/')).records.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual(written)
    await log.close()
    const roomier = await open()
    expect((await roomier.list('/p/')).records).toHaveLength(written.length)
    expect(await roomier.create('/p/again', value)).toBe(written.at(-1)! + 1)
  })

  it('says so in a process that has nothing else to do', async () => {
    await (await open()).close()
    await writeFile(path, 'x'.repeat(5000))
    const script = `
      import { systemClock } from ${JSON.stringify(new URL('../../host/clock.ts', import.meta.url).href)}
      import { openSqliteLog } from ${JSON.stringify(new URL('sqlite.ts', import.meta.url).href)}
      await openSqliteLog({ path: ${JSON.stringify(path)}, clock: systemClock }).catch((error) => console.log(error.reason))`
    expect((await createExec().run(process.execPath, ['--input-type=module', '-e', script])).stdout).toBe('corrupt\n')
  })

  it('says which file is damaged', async () => {
    const log = await open()
    await Promise.all(Array.from({ length: 300 }, (_, i) => log.create(`/p/${i}`, new Uint8Array(1000))))
    await log.close()
    const whole = await readFile(path)
    await truncate(path, Math.floor(whole.length / 2))
    expect(await failure(open())).toMatchObject({ reason: 'corrupt', message: expect.stringContaining(path) })
    await writeFile(path, Buffer.concat([whole.subarray(0, 8192), Buffer.alloc(whole.length - 8192, 0xaa)]))
    expect((await failure(open())).reason).toBe('corrupt')
    await writeFile(path, 'This is no database, but it is as long as one would have to be to be looked at. '.repeat(20))
    expect(await failure(open())).toMatchObject({ reason: 'corrupt', message: expect.stringContaining(path) })
    await writeFile(path, '')
    expect(await (await open()).revision()).toBe(1)
  })

  it('compacts itself as it is written to', async () => {
    const log = await open({ compaction: { atLeast: 50, atMost: 200, keepFor: 60_000 } })
    let revision = await log.create('/p/a', bytes('0'))
    for (let i = 0; i < 600; i++) revision = await log.update('/p/a', bytes(`${i}`), revision)
    expect(await log.compacted()).toBeGreaterThanOrEqual(revision - 201)
    expect((await log.changes('/p/', revision - 150)).changes).toHaveLength(150)
  })

  it('has a timer only while a lazy write is not on disk', async () => {
    const timers = new Set<() => void>()
    const after = (_: number, callback: () => void) => {
      timers.add(callback)
      return () => timers.delete(callback)
    }
    const log = await open({ clock: { ...systemClock, after } })
    const a = await log.create('/p/a', bytes('1'))
    expect(timers.size).toBe(0)
    await log.create('/registry/leases/a/a', bytes('1'), { lazy: true })
    expect(timers.size).toBe(1)
    await log.create('/registry/leases/a/b', bytes('1'), { lazy: true })
    expect(timers.size).toBe(1)
    await log.update('/p/a', bytes('2'), a)
    expect(timers.size).toBe(0)
    await log.create('/registry/leases/a/c', bytes('1'), { lazy: true })
    const [fire] = timers
    fire!()
    await log.list('/')
    expect((await log.list('/registry/leases/')).records).toHaveLength(3)
  })
})
