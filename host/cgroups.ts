import { existsSync } from 'node:fs'
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { isMissingFile } from './files.ts'

export interface CgroupLimits {
  readonly cpuShares?: number
  /** Microseconds in each period of 100 ms; -1: no limit. */
  readonly cpuQuota?: number
  readonly memoryBytes?: number
  readonly pids?: number
}

const mountPoint = '/sys/fs/cgroup'
const period = 100_000

/** Control groups of either version; a machine whose v2 tree stands beside v1 controllers (hybrid) counts as v1. */
export function createCgroups(root = mountPoint) {
  const version: 1 | 2 = existsSync(`${root}/cgroup.controllers`) ? 2 : 1
  return version === 2 ? { version, ...versionTwo(root) } : { version, ...versionOne(root) }
}

/** In version 1 every controller has a tree of its own; the ones in which we set something are made here, runc makes the others. */
function versionOne(root: string) {
  const set = async (controller: string, path: string, values: Readonly<Record<string, number | undefined>>): Promise<void> => {
    if (!existsSync(`${root}/${controller}`)) return
    const directory = `${root}/${controller}${path}`
    await mkdir(directory, { recursive: true })
    for (const [file, value] of Object.entries(values)) if (value !== undefined) await writeFile(`${directory}/${file}`, String(value)).catch(tolerateMissing)
  }
  return {
    async ensure(path: string, limits: CgroupLimits): Promise<void> {
      await set('cpu', path, { 'cpu.shares': limits.cpuShares, ...(limits.cpuQuota !== undefined && { 'cpu.cfs_period_us': period, 'cpu.cfs_quota_us': limits.cpuQuota }) })
      await set('memory', path, { 'memory.limit_in_bytes': limits.memoryBytes })
      await set('pids', path, { 'pids.max': limits.pids })
    },
    async remove(path: string): Promise<void> {
      for (const controller of await readdir(root)) await removeTree(`${root}/${controller}${path}`)
    },
    list: (path: string): Promise<string[]> => groups(`${root}/cpu${path}`),
  }
}

/** The one tree of version 2. A controller works in a group only when all its ancestors hand it down. */
function versionTwo(root: string) {
  return {
    async ensure(path: string, limits: CgroupLimits): Promise<void> {
      const parts = path.split('/').filter(Boolean)
      for (const [index] of parts.entries()) {
        const parent = [root, ...parts.slice(0, index)].join('/')
        for (const controller of ['cpu', 'memory', 'pids', 'cpuset', 'io']) await writeFile(`${parent}/cgroup.subtree_control`, `+${controller}`).catch(() => {})
        await mkdir(`${parent}/${parts[index]}`, { recursive: true })
      }
      const write = (file: string, value: string): Promise<void> => writeFile(`${root}${path}/${file}`, value).catch(tolerateMissing)
      if (limits.cpuShares !== undefined) await write('cpu.weight', String(weightOf(limits.cpuShares)))
      if (limits.cpuQuota !== undefined) await write('cpu.max', `${limits.cpuQuota < 0 ? 'max' : limits.cpuQuota} ${period}`)
      if (limits.memoryBytes !== undefined) await write('memory.max', String(limits.memoryBytes))
      if (limits.pids !== undefined) await write('pids.max', String(limits.pids))
    },
    remove: (path: string): Promise<void> => removeTree(`${root}${path}`),
    list: (path: string): Promise<string[]> => groups(`${root}${path}`),
  }
}

/** Version 1's 2…262144 on version 2's 1…10000, as runc has it. */
export const weightOf = (shares: number): number => Math.floor(1 + ((Math.max(2, shares) - 2) * 9999) / 262142)

function tolerateMissing(error: unknown): void {
  if (!isMissingFile(error)) throw error
}

async function groups(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** A group goes by `rmdir`, its files with it, once its own groups have gone. One that is still in use stays: the next round finds it. */
async function removeTree(directory: string): Promise<void> {
  for (const name of await groups(directory)) await removeTree(`${directory}/${name}`)
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => { if (!isMissingFile(error) && error.code !== 'EBUSY') throw error })
}
