import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createExec } from './exec.ts'
import { ensureDir, fileIdentity, isMissingFile, lockFile, openLock, readIfExists, removeIfExists, writeAtomic, writeIfChanged } from './files.ts'

let dir = ''
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'k8ts-files-')) })
afterEach(() => rm(dir, { recursive: true }))

describe('writeAtomic', () => {
  test('replaces whole, with the mode asked for, and leaves no temporary', async () => {
    const path = join(dir, 'a')
    await writeAtomic(path, 'one', { mode: 0o644 })
    await writeAtomic(path, 'two', { mode: 0o666, sync: false })
    expect(await readFile(path, 'utf8')).toBe('two')
    expect((await stat(path)).mode & 0o777).toBe(0o666)
    expect(await readdir(dir)).toEqual(['a'])
  })
  test('many at once: one of them wins whole', async () => {
    const path = join(dir, 'a')
    await Promise.all(Array.from({ length: 20 }, (_, n) => writeAtomic(path, String(n).repeat(1000))))
    expect(new Set((await readFile(path, 'utf8')).match(/1\d|\d/g)).size).toBeLessThanOrEqual(2)
    expect(await readdir(dir)).toEqual(['a'])
  })
  test('a failure leaves nothing behind', async () => {
    await mkdir(join(dir, 'a', 'b'), { recursive: true })
    await expect(writeAtomic(join(dir, 'a'), 'x')).rejects.toThrow()
    expect(await readdir(dir)).toEqual(['a'])
  })
  test('does not touch what is already right', async () => {
    expect(await writeIfChanged(join(dir, 'a'), 'x')).toBe(true)
    expect(await writeIfChanged(join(dir, 'a'), 'x')).toBe(false)
  })
})

test('the identity of a file changes with every write', async () => {
  const path = join(dir, 'a')
  const seen = [await fileIdentity(path)]
  for (let n = 0; n < 3; n++) {
    await writeAtomic(path, 'same', { sync: false })
    seen.push(await fileIdentity(path))
  }
  expect(seen[0]).toBeUndefined()
  expect(new Set(seen).size).toBe(4)
})

test('absence is an answer', async () => {
  await writeFile(join(dir, 'file'), '')
  expect(await readIfExists(join(dir, 'none'))).toBeUndefined()
  expect(await readIfExists(join(dir, 'file', 'below'))).toBeUndefined()
  expect(await removeIfExists(join(dir, 'none'))).toBe(false)
  expect(await removeIfExists(join(dir, 'file'))).toBe(true)
  expect(isMissingFile(new Error('other'))).toBe(false)
})

test('ensureDir sets the mode also of what is there', async () => {
  await mkdir(join(dir, 'd'), { mode: 0o755 })
  await ensureDir(join(dir, 'd'))
  await ensureDir(join(dir, 'd', 'e', 'f'), 0o711)
  expect((await stat(join(dir, 'd'))).mode & 0o777).toBe(0o700)
  expect((await stat(join(dir, 'd', 'e', 'f'))).mode & 0o777).toBe(0o711)
})

describe('lockFile', () => {
  test('excludes within the process, until released', async () => {
    const path = join(dir, 'lock')
    const first = await lockFile(path)
    expect(await lockFile(path, { waitMs: 0 })).toBeUndefined()
    const second = lockFile(path)
    await first!.release()
    await first!.release()
    await (await second)!.release()
  })
  test('an open one is held again and again, and excludes others', async () => {
    const path = join(dir, 'lock')
    const lock = await openLock(path)
    await lock.hold(async () => expect(await lockFile(path, { waitMs: 0 })).toBeUndefined())
    await expect(lock.hold(async () => { throw new Error('inside') })).rejects.toThrow('inside')
    await (await lockFile(path, { waitMs: 0 }))!.release()
    await lock.close()
  })
  test('dies with its holder', async () => {
    const path = join(dir, 'lock')
    const holder = await createExec().spawn('flock', [path, 'sh', '-c', 'echo held; read x'])
    await new Promise(resolve => holder.stdout!.once('data', resolve))
    expect(await lockFile(path, { waitMs: 0 })).toBeUndefined()
    holder.kill('SIGKILL')
    holder.stdin!.end()
    await holder.exited
    await (await lockFile(path, { waitMs: 5000 }))!.release()
  })
})
