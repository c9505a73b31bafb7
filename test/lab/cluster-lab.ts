import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { paths } from '../../cli/layout.ts'
import { partNames, type PartName } from '../../cli/parts.ts'
import { until } from '../../cli/wait.ts'
import { systemClock } from '../../host/clock.ts'
import { ExecError, type ExecResult, type RunOptions } from '../../host/exec.ts'
import type { TestNamespace } from '../../host/testing/namespaces.ts'
import { importImagesInto } from './images.ts'
import { createLab, type LabNode } from './lab.ts'
import { removeCgroups } from './reap.ts'
import { home } from './up-lab.ts'

/**
 * A real cluster of several nodes: the first made by the real `k8ts up`, the others by `k8ts join` with a token, each in a network namespace
 * on one switch (`lab.ts` draws it). Their containers, rules, links and routes are real ones.
 */
export interface ClusterLab {
  readonly directory: string
  readonly nodes: readonly ClusterNode[]
  /** The one of that number; 1 is the server. */
  node(number: number): ClusterNode
  /** A machine on the same switch that is no node: 10.99.0.1, every node's gateway. */
  readonly outside: TestNamespace
  readonly kubeconfig: string
  /** Runs kubectl on the server; rejects with its stderr. */
  kubectl(args: string | readonly string[], options?: RunOptions): Promise<string>
  /** kubectl with `-o json`, parsed. */
  json<T = any>(args: string): Promise<T>
  /** `kubectl apply -f -` with these objects. */
  apply(...objects: object[]): Promise<string>
  /** Asks until `look` gives something other than undefined or false. */
  eventually<T>(what: string, look: () => Promise<T | undefined | false>, deadlineMs?: number): Promise<T>
  /** The words after `k8ts join`: server, token and hash of a new token. */
  joinWords(...create: string[]): Promise<string[]>
  /** Whether the API says that a node is Ready. */
  isReady(nodeName: string): Promise<boolean>
  close(): Promise<void>
}

export interface ClusterNode extends LabNode {
  readonly cgroup: string
  /** Runs `k8ts <command>` on this node. */
  k8ts(command: string, ...args: string[]): Promise<ExecResult>
  /** `k8ts join` with all that keeps this node to itself. */
  join(...words: string[]): Promise<ExecResult>
  /** Gives its runtime the test image (`images.ts`). */
  importImages(): Promise<void>
  pidOf(part: PartName): Promise<number>
  /** Begins `join` and kills it after so many milliseconds, unless it has ended. */
  joinKilled(afterMs: number, ...words: string[]): Promise<void>
  /** Ends one background part, or all, as a loss of power would. */
  kill(...parts: PartName[]): Promise<void>
  /** Pulls its cable out, and puts it back. */
  cut(): Promise<void>
  reconnect(): Promise<void>
  /** Gives it another address on the switch, at once. */
  moveTo(address: string): Promise<void>
}

export interface ClusterLabOptions {
  readonly nodes: number
  /** How many of them are made nodes; default all. The others are bare machines on the switch. */
  readonly members?: number
  /** Further flags of `k8ts up`, and of each `k8ts join`. */
  readonly up?: readonly string[]
  readonly join?: readonly string[]
  /** False: the machines are there, and nothing on them. */
  readonly start?: boolean
  /** Gives every node the test image; default true. */
  readonly images?: boolean
}

let labs = 0

export async function createClusterLab({ nodes: count, members = count, up = [], join: joinFlags = [], start = true, images = true }: ClusterLabOptions): Promise<ClusterLab> {
  const machines = await createLab({ nodes: count })
  const number = labs++
  const nodes = machines.nodes.map((node) => clusterNode(node, machines.switch, `k8ts-nodes-${process.pid}-${number}-${node.nodeName}`, joinFlags))
  const server = nodes[0]!
  const kubeconfig = paths(server.layout).kubeconfig
  const kubectl: ClusterLab['kubectl'] = async (args, options = {}) => {
    const list = typeof args === 'string' ? args.split(' ') : args
    return (await server.exec.run('kubectl', list, { timeoutMs: 120_000, ...options, env: { KUBECONFIG: kubeconfig, HOME: machines.directory, ...options.env } })).stdout
  }
  const lab: ClusterLab = {
    directory: machines.directory, nodes, outside: machines.outside, kubeconfig, kubectl,
    node(wanted) {
      const found = nodes[wanted - 1]
      if (!found) throw new RangeError(`The lab has ${count} nodes, and none of number ${wanted}`)
      return found
    },
    json: async (args) => JSON.parse(await kubectl(`${args} -o json`)),
    apply: (...objects) => kubectl('apply -f -', { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) }),
    eventually: (what, look, deadlineMs = 60_000) => until(what, async () => (await look()) || undefined, { clock: systemClock, deadlineMs, everyMs: 100 }),
    async joinWords(...create) {
      const { stdout } = await server.k8ts('token', 'create', ...create)
      return stdout.trim().split(' ').slice(2)
    },
    async isReady(nodeName) {
      const node = await lab.json(`get node ${nodeName}`).catch(() => undefined)
      return node?.status?.conditions?.some((condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True') ?? false
    },
    async close() {
      try {
        await Promise.allSettled(nodes.map((node) => node.k8ts('down', '--purge')))
      } finally {
        for (const { cgroup } of nodes) await removeCgroups(cgroup)
        await machines.close()
      }
    },
  }
  try {
    if (!start) return lab
    await server.k8ts('up', '--offline', ...ownFlags(server), ...up)
    const words = members > 1 ? await lab.joinWords() : []
    await Promise.all(nodes.slice(1, members).map((node) => node.join(...words)))
    if (images) await Promise.all(nodes.slice(0, members).map((node) => node.importImages()))
    return lab
  } catch (error) {
    await lab.close().catch(() => undefined)
    throw error
  }
}

/** What keeps nodes apart that share the files and the process groups of one machine. */
const ownFlags = ({ nodeName, cgroup, layout }: { nodeName: string; cgroup: string; layout: LabNode['layout'] }): string[] =>
  ['--node-name', nodeName, '--cgroup-root', `/${cgroup}`, '--pod-logs-dir', join(layout.dataDir, '..', 'pods')]

function clusterNode(node: LabNode, lan: TestNamespace, cgroup: string, joinFlags: readonly string[]): ClusterNode {
  const { layout, nodeName } = node
  let { address } = node
  // `token create` is two words.
  const run = (timeoutMs: number, command: string, args: readonly string[]) => {
    const [words, rest] = command === 'token' ? [[command, args[0]!], args.slice(1)] : [[command], args]
    return node.exec.run(process.execPath, [join(home, 'cli/main.ts'), ...words, '--root', join(layout.dataDir, '..'), ...rest], { timeoutMs, env: { K8TS_DEBUG: '1' } })
  }
  const k8ts = (command: string, ...args: string[]) => run(240_000, command, args)
  const own = ['--offline', ...ownFlags({ nodeName, cgroup, layout }), ...joinFlags]
  const pidOf = async (part: PartName) => (JSON.parse(await readFile(join(paths(layout).pids, `k8ts-${part}.json`), 'utf8')) as { pid: number }).pid
  return {
    ...node, cgroup, k8ts, pidOf,
    get address() { return address },
    join: (...words) => k8ts('join', ...own, ...words),
    async joinKilled(afterMs, ...words) {
      await run(afterMs, 'join', [...own, ...words]).catch((error: unknown) => {
        if (!(error instanceof ExecError) || error.reason !== 'timeout') throw error
      })
    },
    importImages: () => importImagesInto(node.exec, layout),
    async kill(...parts) {
      for (const part of parts.length ? parts : partNames) {
        const pid = await pidOf(part).catch(() => undefined)
        if (pid !== undefined) kill(pid, 'SIGKILL')
      }
    },
    cut: async () => void await lan.sh(`ip link set ${nodeName} down`),
    reconnect: async () => void await lan.sh(`ip link set ${nodeName} up`),
    async moveTo(next) {
      await node.sh(`ip address del ${address}/24 dev eth0; ip address add ${next}/24 dev eth0; ip route replace default via 10.99.0.1`)
      address = next
    },
  }
}
