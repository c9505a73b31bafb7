import { cp, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createExec } from '../host/exec.ts'
import { exists } from '../host/files.ts'
import { ensurePrograms, removeOldPrograms } from './programs.ts'

const checkout = dirname(dirname(fileURLToPath(import.meta.url)))
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'k8ts-programs-'))
  for (const room of ['agent', 'api', 'cli', 'cni', 'control', 'host', 'proxy']) await cp(join(checkout, room), join(home, room), { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) await cp(join(checkout, name), join(home, name))
  await symlink(join(checkout, 'node_modules'), join(home, 'node_modules'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

test('are made once, made anew when a source changes, and the old ones go when nothing runs from them', async () => {
  const first = await ensurePrograms(home)
  expect(first.made).toBe(true)
  expect(await ensurePrograms(home)).toEqual({ main: first.main, made: false })
  await writeFile(join(home, 'cli/more.ts'), 'export const more = 1\n')
  const second = await ensurePrograms(home)
  expect(second.main).not.toBe(first.main)
  const running = await createExec().spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 1e9)', first.main])
  await removeOldPrograms(home, second.main)
  expect(await exists(first.main)).toBe(true)
  running.kill('SIGKILL')
  await running.exited
  await removeOldPrograms(home, second.main)
  expect(await readdir(join(home, '.runtime/programs'))).toEqual([second.main.split('/').at(-2)])
  await utimes(join(home, 'cli/more.ts'), new Date(0), new Date(0))
  expect((await ensurePrograms(home)).made).toBe(true)
}, 60_000)

test('run as the sources do, knowing where the checkout is', async () => {
  const { main } = await ensurePrograms(home)
  const { stdout } = await createExec().run(process.execPath, [main, '--help'], { env: { K8TS_HOME: home } })
  expect(stdout).toContain('Kubernetes in TypeScript')
  const failed = createExec().run(process.execPath, [main, 'server', '--root', join(home, 'none')], { env: { K8TS_HOME: home } })
  await expect(failed).rejects.toThrow(/run k8ts up first/)
}, 60_000)
