import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExecError, type ExecResult, type RunOptions } from '../../host/exec.ts'
import { createTestNamespaces, namespacesUnavailable, type TestNamespace } from '../../host/testing/namespaces.ts'
import { systemClock } from '../../host/clock.ts'
import { layoutUnder, paths, type Layout } from '../../cli/layout.ts'
import type { PartName } from '../../cli/parts.ts'
import { until } from '../../cli/wait.ts'
import { reapLabs, removeCgroups, unmountBelow } from './reap.ts'

/**
 * A real cluster of one node, made by the real `k8ts up` in a network namespace of its own, and a machine outside it:
 *
 *     outside 192.0.2.2 ── 192.0.2.1 node (containerd, server, agent, pods)
 *        2001:db8:2::2 ── 2001:db8:2::1
 *
 * Everything lies below one temporary directory and one cgroup; `close` leaves nothing of it, also when `up` failed,
 * and what a killed test leaves is taken away by the next lab.
 */
export interface UpLab {
  readonly directory: string
  readonly node: TestNamespace
  readonly outside: TestNamespace
  readonly kubeconfig: string
  readonly layout: Layout
  /** Name of the group in which all of its pods are. */
  readonly cgroup: string
  /** The pid of a background part. */
  pidOf(part: PartName): Promise<number>
  /** Begins `k8ts <command>` and kills it after so many milliseconds, unless it has ended. */
  killed(afterMs: number, command: string, ...args: string[]): Promise<void>
  /** Runs `k8ts <command>` of this lab inside the node. */
  k8ts(command: string, ...args: string[]): Promise<ExecResult>
  /** Runs the newest kubectl there is inside the node; rejects with its stderr. */
  kubectl(args: string | readonly string[], options?: RunOptions & { binary?: string }): Promise<string>
  /** kubectl with `-o json`, parsed. */
  json<T = any>(args: string): Promise<T>
  /** `kubectl apply -f -` with these objects. */
  apply(...objects: object[]): Promise<string>
  /** Asks until `look` gives something other than undefined or false. */
  eventually<T>(what: string, look: () => Promise<T | undefined | false>, deadlineMs?: number): Promise<T>
  close(): Promise<void>
}

export interface UpLabOptions {
  /** Flags of every `up`. */
  readonly up?: readonly string[]
  /** False: nothing is started yet. */
  readonly start?: boolean
  /** The address families that the node and the machine outside have. Default IPv4. */
  readonly families?: readonly ('IPv4' | 'IPv6')[]
}

export const labNodeIP = '192.0.2.1'
export const labNodeIPv6 = '2001:db8:2::1'
export const home = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Why a cluster cannot run here; the reason of a skip. */
export function clusterUnavailable(): string | undefined {
  const missing = ['containerd', 'runc', 'nft', 'socat', 'kubectl', 'ctr'].filter((name) => !(process.env.PATH ?? '').split(':').some((dir) => existsSync(join(dir, name))))
  return namespacesUnavailable() ?? (missing.length ? `needs ${missing.join(', ')}` : undefined)
}

let labs = 0

export async function createUpLab(options: UpLabOptions = {}): Promise<UpLab> {
  await reapLabs(tmpdir(), 'lab')
  const number = labs++
  const directory = await mkdtemp(join(tmpdir(), `k8ts-lab-${process.pid}-`))
  const namespaces = createTestNamespaces('lab')
  const cgroup = `k8ts-lab-${process.pid}-${number}`
  const node = await namespaces.create(`node${number}`)
  const outside = await namespaces.create(`outside${number}`)
  const layout = layoutUnder(join(directory, 'k8ts'))
  const kubeconfig = paths(layout).kubeconfig
  const upFlags = ['--offline', '--node-name', 'n1', '--cgroup-root', `/${cgroup}`, '--pod-logs-dir', join(directory, 'pods'), ...(options.up ?? [])]

  const run = (timeoutMs: number, command: string, args: readonly string[]) =>
    node.exec.run(process.execPath, [join(home, 'cli/main.ts'), command, '--root', join(directory, 'k8ts'), ...(command === 'up' ? upFlags : []), ...args], { timeoutMs, env: { K8TS_DEBUG: '1' } })
  const k8ts = (command: string, ...args: string[]) => run(180_000, command, args)

  const kubectl: UpLab['kubectl'] = async (args, { binary = 'kubectl', ...run } = {}) => {
    const list = typeof args === 'string' ? args.split(' ') : args
    return (await node.exec.run(binary, list, { timeoutMs: 180_000, ...run, env: { KUBECONFIG: kubeconfig, HOME: directory, ...run.env } })).stdout
  }

  const lab: UpLab = {
    directory, node, outside, kubeconfig, layout, cgroup, k8ts, kubectl,
    pidOf: async (part) => (JSON.parse(await readFile(join(paths(layout).pids, `k8ts-${part}.json`), 'utf8')) as { pid: number }).pid,
    async killed(afterMs, command, ...args) {
      await run(afterMs, command, args).catch((error: unknown) => {
        if (!(error instanceof ExecError) || error.reason !== 'timeout') throw error
      })
    },
    json: async (args) => JSON.parse(await kubectl(`${args} -o json`)),
    apply: (...objects) => kubectl('apply -f -', { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) }),
    eventually: (what, look, deadlineMs = 120_000) => until(what, async () => (await look()) || undefined, { clock: systemClock, deadlineMs, everyMs: 100 }),
    async close() {
      try {
        await k8ts('down', '--purge')
      } finally {
        await namespaces.close()
        // What down should have taken away already; for labs whose cluster is too broken for it.
        await unmountBelow(directory)
        await removeCgroups(cgroup)
        await rm(directory, { recursive: true, force: true })
      }
    },
  }
  const families = options.families ?? ['IPv4']
  try {
    await node.sh(`ip link add eth0 type veth peer name eth0 netns ${outside.name}; ip link set eth0 up`)
    await outside.sh('ip link set eth0 up')
    if (families.includes('IPv4')) {
      await node.sh(`ip addr add ${labNodeIP}/24 dev eth0; ip route add default via 192.0.2.2`)
      await outside.sh('ip addr add 192.0.2.2/24 dev eth0')
    }
    if (families.includes('IPv6')) {
      await node.sh(`ip addr add ${labNodeIPv6}/64 dev eth0 nodad; ip route add default via 2001:db8:2::2`)
      await outside.sh('ip addr add 2001:db8:2::2/64 dev eth0 nodad')
    }
    if (options.start !== false) await k8ts('up')
    return lab
  } catch (error) {
    await lab.close().catch(() => undefined)
    throw error
  }
}
