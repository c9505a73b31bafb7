import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exists } from '../host/files.ts'
import { ensureDirectories, removeOurs } from './directories.ts'
import { layoutUnder, paths, type Layout } from './layout.ts'

let directory: string
let layout: Layout
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'k8ts-directories-'))
  layout = layoutUnder(directory)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('every path of the layout counts as ours, half-written files too', async () => {
  await ensureDirectories(layout)
  const { containerd, cni, ...rest } = paths(layout)
  for (const path of [containerd.config, containerd.root, containerd.state, containerd.socket, cni.confDir, cni.socket, rest.config, rest.pki, rest.kubeconfig, rest.agent, rest.pids]) await mkdir(path, { recursive: true })
  await mkdir(rest.store, { recursive: true })
  await writeFile(`${rest.config}.123-0.tmp`, '')
  await writeFile(join(layout.logDir, 'server.log.1.gz'), '')
  await ensureDirectories(layout)
  for (const part of ['dataDir', 'runDir', 'logDir'] as const) await removeOurs(layout, part)
  expect(await readdir(directory)).toEqual([])
})

test.for(['dataDir', 'runDir', 'logDir'] as const)('%s in use for something else is refused, left open to others, and never emptied', async (part) => {
  await mkdir(layout[part], { recursive: true })
  await chmod(layout[part], 0o755)
  await writeFile(join(layout[part], 'letter.txt'), 'dear')
  await expect(ensureDirectories(layout)).rejects.toThrow('has other things in it (letter.txt)')
  expect((await stat(layout[part])).mode & 0o777).toBe(0o755)
  await removeOurs(layout, part)
  expect(await exists(join(layout[part], 'letter.txt'))).toBe(true)
})

test('a file where the directory should be is said to be in the way', async () => {
  await writeFile(layout.runDir, '')
  await expect(ensureDirectories(layout)).rejects.toThrow(`Cannot make the directory ${layout.runDir}: EEXIST`)
})
