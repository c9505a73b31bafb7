import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exists, lockFile } from '../host/files.ts'
import { layoutUnder, type Layout } from './layout.ts'
import { alone } from './lock.ts'

let directory: string
let layout: Layout
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'k8ts-lock-'))
  layout = layoutUnder(directory)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a second one is told, and may when the first has ended, however it ended', async () => {
  await expect(alone(layout, {}, () => alone(layout, {}, async () => 'never'))).rejects.toThrow('Another k8ts up or down is at work')
  expect(await alone(layout, {}, async () => 'done')).toBe('done')
})

test('the file goes with the last; whoever locked the file that is gone is not alone with it', async () => {
  const path = join(layout.runDir, 'up.lock')
  await alone(layout, { last: true }, async () => {})
  expect(await exists(path)).toBe(false)
  await alone(layout, {}, async () => {
    await rm(path)
    const stale = await lockFile(path, { waitMs: 0 })
    await rm(path)
    expect(await alone(layout, {}, async () => 'with the file of its own')).toBe('with the file of its own')
    await stale!.release()
  })
})
