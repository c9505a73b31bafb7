import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCgroups, weightOf } from './cgroups.ts'

let root: string
beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'k8ts-cgroups-')) })
afterEach(() => rm(root, { recursive: true, force: true }))
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
const limits = { cpuShares: 1024, cpuQuota: 50_000, memoryBytes: 1000, pids: 10 }

test('version 1: each controller has its tree, those that are missing are passed over', async () => {
  for (const controller of ['cpu', 'memory']) await mkdir(join(root, controller))
  const cgroups = createCgroups(root)
  expect(cgroups.version).toBe(1)
  await cgroups.ensure('/kubepods/pod1', limits)
  expect(await read('cpu/kubepods/pod1/cpu.shares')).toBe('1024')
  expect(await read('cpu/kubepods/pod1/cpu.cfs_quota_us')).toBe('50000')
  expect(await read('memory/kubepods/pod1/memory.limit_in_bytes')).toBe('1000')
  expect(existsSync(join(root, 'pids'))).toBe(false)
  expect(await cgroups.list('/kubepods')).toEqual(['pod1'])
})

test('version 2: one tree, and every ancestor hands the controllers down', async () => {
  await writeFile(join(root, 'cgroup.controllers'), 'cpu memory pids')
  const cgroups = createCgroups(root)
  expect(cgroups.version).toBe(2)
  await cgroups.ensure('/kubepods/pod1', limits)
  expect([await read('kubepods/pod1/cpu.weight'), await read('kubepods/pod1/cpu.max'), await read('kubepods/pod1/memory.max'), await read('kubepods/pod1/pids.max')]).toEqual(['39', '50000 100000', '1000', '10'])
  expect(existsSync(join(root, 'kubepods/cgroup.subtree_control'))).toBe(true)
  expect(existsSync(join(root, 'kubepods/pod1/cgroup.subtree_control'))).toBe(false)
})

test('removing takes the groups below along, and what is not there is gone already', async () => {
  await mkdir(join(root, 'cpu/kubepods/pod1/container'), { recursive: true })
  const cgroups = createCgroups(root)
  await cgroups.remove('/kubepods/pod1')
  await cgroups.remove('/kubepods/pod1')
  expect(existsSync(join(root, 'cpu/kubepods/pod1'))).toBe(false)
  expect(existsSync(join(root, 'cpu/kubepods'))).toBe(true)
})

test.each([[2, 1], [1024, 39], [262_144, 10_000], [0, 1]])('%i shares weigh %i', (shares, weight) => { expect(weightOf(shares)).toBe(weight) })
