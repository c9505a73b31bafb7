import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExec } from './exec.ts'
import { createNetworkNamespaces, inNetns, insideNetns, inspectNetns } from './netns.ts'
import { createSysctl } from './sysctl.ts'
import { createTestNamespaces, namespacesUnavailable, reapTestNamespaces } from './testing/namespaces.ts'

const skip = namespacesUnavailable()
describe.skipIf(skip)(`network namespaces${skip ? ` (${skip})` : ''}`, () => {
  const exec = createExec()
  const namespaces = createNetworkNamespaces({ exec })
  const name = `k8ts-ns-${process.pid}-a`
  let dir: string
  let path: string
  const here = () => statSync('/proc/thread-self/ns/net').ino
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'k8ts-netns-'))
    path = await namespaces.create(name)
  })
  afterAll(async () => {
    await namespaces.delete(name)
    await rm(dir, { recursive: true, force: true })
  })

  test('are made under a name or at any path, listed, and deleted once', async () => {
    expect(await namespaces.list()).toContain(name)
    await expect(namespaces.create(name)).rejects.toThrow('File exists')
    const other = join(dir, 'other')
    await namespaces.createAt(other)
    expect(await inspectNetns(other)).toBe('foreign')
    expect(await namespaces.delete(other)).toBe(true)
    expect(await namespaces.delete(other)).toBe(false)
  })
  test('a path is told apart', async () => {
    await writeFile(join(dir, 'file'), '')
    expect(await inspectNetns(path)).toBe('foreign')
    expect(await inspectNetns('/proc/self/ns/net')).toBe('own')
    expect(await inspectNetns('/proc/self/ns/mnt')).toBe('none')
    expect(await inspectNetns(join(dir, 'file'))).toBe('none')
    expect(await inspectNetns(join(dir, 'absent'))).toBe('absent')
    expect(await inspectNetns(join(dir, 'file', 'below'))).toBe('absent')
  })
  test('commands run inside', async () => {
    expect((await inNetns(exec, path).run('sh', ['-c', 'ls /proc/self/net/dev >/dev/null; grep -c : /proc/self/net/dev'])).stdout).toBe('1\n')
  })
  test('a step inside comes back, also when it throws', () => {
    const home = here()
    expect(insideNetns(path, here)).toBe(statSync(path).ino)
    expect(here()).toBe(home)
    expect(() => insideNetns(path, () => { throw new Error('inside') })).toThrow('inside')
    expect(() => insideNetns(join(dir, 'absent'), here)).toThrow('ENOENT')
    expect(() => insideNetns(join(dir, 'file'), here)).toThrow('EINVAL')
    expect(here()).toBe(home)
    expect(readFileSync('/proc/thread-self/net/dev', 'utf8')).toContain('lo:')
  })
  test('those of the dead are taken away, those of the living stay', async () => {
    const dead = await exec.spawn('true')
    await dead.exited
    const left = `k8ts-reap-${dead.pid}-a`
    await namespaces.create(left)
    const living = createTestNamespaces('reap')
    const mine = await living.create('a')
    try {
      const sleeper = await inNetns(exec, `/run/netns/${left}`).spawn('sleep', ['60'])
      expect(await reapTestNamespaces('reap')).toEqual([left])
      expect((await sleeper.exited).signal).toBe('SIGKILL')
      expect(await namespaces.list()).toContain(mine.name)
    } finally {
      await living.close()
    }
  })
})

test('settings are written only when they differ', async () => {
  const root = await mkdtemp(join(tmpdir(), 'k8ts-sysctl-'))
  try {
    const sysctl = createSysctl({ root })
    await writeFile(join(root, 'a'), '1\t2\n')
    expect(await sysctl.get('a')).toBe('1\t2')
    expect(await sysctl.set('a', '1 2')).toBe(false)
    expect(await sysctl.set('a', 3)).toBe(true)
    expect((await readFile(join(root, 'a'), 'utf8')).startsWith('3')).toBe(true)
    expect(await sysctl.get('b')).toBeUndefined()
    await expect(sysctl.set('b', 1)).rejects.toThrow('ENOENT')
  } finally {
    await rm(root, { recursive: true })
  }
})
