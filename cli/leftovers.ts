import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { systemClock, type Clock } from '../host/clock.ts'
import type { Exec } from '../host/exec.ts'
import { createNetworkNamespaces, netnsDirectory } from '../host/netns.ts'
import { paths, type Layout, type Paths } from './layout.ts'

/** What pods leave behind that were not removed by their runtime: because it is dead, or refused. Found without it. */

/** The network namespaces of our pods, by name below /run/netns, and the ids of their sandboxes as far as they are known. */
export interface PodTraces {
  readonly namespaces: readonly string[]
  readonly sandboxes: readonly string[]
}

/** Looks for them where they still show: in what the CNI plugin remembers, and at the processes of the pods. Look before those go. */
export async function findPodTraces(layout: Layout): Promise<PodTraces> {
  const { cni, containerd } = paths(layout)
  const attachments = await knownAttachments(cni.dataDir)
  const running = await namespacesOf((await ourProcesses(containerd)).containers)
  const named = attachments.map(({ netns }) => netns.split('/').at(-1)!)
  return { namespaces: [...new Set([...named, ...running])].filter((name) => name.startsWith('cni-')), sandboxes: attachments.map(({ containerID }) => containerID) }
}

/** Where libcni, within every runtime, keeps the result of each ADD until its DEL. */
const cniResults = '/var/lib/cni/results'

export async function removePodTraces({ namespaces, sandboxes }: PodTraces, exec: Exec): Promise<void> {
  const netns = createNetworkNamespaces({ exec })
  for (const name of namespaces) await netns.delete(name)
  for (const file of await readdir(cniResults).catch(() => [])) {
    if (sandboxes.some((id) => file.includes(`-${id}-`))) await rm(join(cniResults, file), { force: true })
  }
}

interface Attachment { readonly containerID: string; readonly netns: string }

/** From the plugin's state files, also damaged or of an earlier boot. */
async function knownAttachments(stateDir: string): Promise<Attachment[]> {
  const files = (await readdir(stateDir).catch(() => [])).filter((name) => name.endsWith('.json'))
  const found = await Promise.all(files.map(async (name) => {
    try {
      const { attachments } = JSON.parse(await readFile(join(stateDir, name), 'utf8')) as { attachments: Attachment[] }
      return attachments.filter(({ containerID, netns }) => /^[\w-]{8,}$/.test(containerID) && typeof netns === 'string')
    } catch {
      return []
    }
  }))
  return found.flat()
}

async function namespacesOf(pids: readonly number[]): Promise<string[]> {
  const inode = (path: string) => stat(path).then(({ ino }) => ino, () => undefined)
  const inUse = new Set(await Promise.all(pids.map((pid) => inode(`/proc/${pid}/ns/net`))))
  const names = await readdir(netnsDirectory).catch(() => [])
  const inodes = await Promise.all(names.map((name) => inode(join(netnsDirectory, name))))
  return names.filter((_, index) => inodes[index] !== undefined && inUse.has(inodes[index]))
}

type Containerd = Pick<Paths['containerd'], 'socket' | 'root'>

/** Ends the shims of our containerd, which outlive it, and its containers, which outlive both; and waits until they are gone. */
export async function endLeftovers(containerd: Containerd, clock: Clock = systemClock): Promise<void> {
  const { shims, containers } = await ourProcesses(containerd)
  const pids = [...containers, ...shims]
  for (const pid of pids) end(pid)
  const deadline = clock.now() + 5_000
  while ((await Promise.all(pids.map(isAlive))).includes(true) && clock.now() < deadline) await clock.sleep(10)
}

/** A shim names the socket of its containerd; a process of a container has a root that lies in our containerd's files. */
async function ourProcesses({ socket, root }: Containerd): Promise<{ shims: number[]; containers: number[] }> {
  const processes = await processTable()
  return {
    shims: processes.filter(({ command }) => /containerd-shim/.test(command[0] ?? '') && command.includes(socket)).map(({ pid }) => pid),
    containers: processes.filter(({ rootMount }) => rootMount.includes(`${root}/`)).map(({ pid }) => pid),
  }
}

interface Process {
  readonly pid: number
  readonly command: readonly string[]
  /** The line of its root in mountinfo: an overlay names its directories as options, a plain directory as the root within its file system. */
  readonly rootMount: string
}

async function processTable(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => {
    try {
      const [command, mounts] = await Promise.all([readFile(`/proc/${pid}/cmdline`, 'utf8'), readFile(`/proc/${pid}/mountinfo`, 'utf8')])
      return { pid: Number(pid), command: command.split('\0'), rootMount: mounts.split('\n').findLast((line) => line.split(' ')[4] === '/') ?? '' }
    } catch {
      return undefined // it ended while we looked
    }
  }))
  return found.filter((process) => process !== undefined)
}

/** A zombie has nothing left that could be in the way. */
const isAlive = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then((stat) => stat[stat.lastIndexOf(')') + 2] !== 'Z', () => false)

function end(pid: number): void {
  try {
    kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
