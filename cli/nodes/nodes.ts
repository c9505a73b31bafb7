import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../../api/client/create-client.ts'
import { isNotFound } from '../../api/errors.ts'
import { nodes as nodeKind } from '../../api/kinds/core-v1/node.ts'
import { ExecError } from '../../host/exec.ts'
import { exists, readIfExists } from '../../host/files.ts'
import { netnsPath } from '../../host/netns.ts'
import { clusterCIDRs } from '../addresses.ts'
import type { Config } from '../config.ts'
import { newToken, tokenText } from '../join/bootstrap-token.ts'
import { caHash } from '../join/cluster-settings.ts'
import { apiServerURL } from '../keys.ts'
import { paths, type Layout } from '../layout.ts'
import type { Machine } from '../machine.ts'
import { createToken, deleteToken } from '../token.ts'
import { openMember } from '../up/node-ready.ts'
import { hasNodesNetwork, layCables, openWayOut, removeNamespace, removeNodesNetwork } from './network.ts'
import { mostNodes, planNodes, usesNodesNetwork, type PlannedNode } from './plan.ts'

type Tools = Pick<Machine, 'exec' | 'clock' | 'home' | 'node'>

/** Makes or mends the other nodes of this machine, by the very `k8ts join` and `k8ts up` that other machines run; those beyond the number leave. */
export async function ensureNodes(config: Config, machine: Machine): Promise<void> {
  const { steps } = machine
  const plan = planNodes(config)
  for (const node of await strayNodes(config)) {
    await steps.step(`Node ${node.nodeName} leaves`, async () => {
      await runInside(node, machine, 'leave')
      await removeNamespace(node.namespace, machine.exec)
      await forget(config, node, machine)
    })
  }
  const joined = await Promise.all(plan.others.map(({ layout }) => exists(paths(layout).config)))
  const fresh = plan.others.filter((_, index) => !joined[index])
  const token = newToken()
  const quiet = () => {}
  if (fresh.length) await createToken({ layout: config, token, ttl: 1800, description: 'of k8ts up, for the other nodes of its machine', bare: true }, machine, quiet)
  try {
    const hash = fresh.length ? caHash((await readIfExists(join(paths(config).pki, 'ca.crt')))!) : ''
    await allDone(plan.others.map((node) => steps.step(`Node ${node.nodeName} is Ready`, async () => {
      if (!fresh.includes(node)) return runInside(node, machine, 'up', ['--offline'])
      const own = ['--node-name', node.nodeName, '--cgroup-root', node.cgroupRoot, '--pod-logs-dir', node.podLogsDir, '--kubelet-port', String(config.kubeletPort), '--health-port', String(config.healthPort)]
      await runInside(node, machine, 'join', [apiServerURL(config), '--ca-hash', hash, '--wait', '20', '--offline', ...own], { K8TS_TOKEN: tokenText(token) })
    })))
  } finally {
    if (fresh.length) await deleteToken({ layout: config, token: token.id }, machine, quiet).catch(() => undefined) // it ends by itself
  }
}

/**
 * After a reboot the network of the nodes is gone, and nobody but the first node's agent starts the others. Resolves once its own address is
 * there; `revived` when the others run.
 */
export async function reviveNodes(config: Config, tools: Tools): Promise<{ revived: Promise<void> }> {
  const plan = planNodes(config)
  if (!usesNodesNetwork(config) || (await hasNodesNetwork(plan, tools.exec))) return { revived: Promise.resolve() }
  await layCables(plan, tools.exec)
  await openWayOut(plan, tools.exec, clusterCIDRs(config))
  return { revived: allDone(plan.others.map((node) => runInside(node, tools, 'up', ['--offline']))) }
}

/** `k8ts down` of each, whichever there are, and their network. */
export async function stopNodes(config: Config, tools: Tools, purge: boolean): Promise<void> {
  const nodes = planNodes({ ...config, nodes: mostNodes }).others
  const there = await madeNodes(config)
  if (there.size === 0 && !(await hasNodesNetwork(planNodes(config), tools.exec))) return
  await allDone(nodes.filter(({ number }) => there.has(number)).map((node) => runInside(node, tools, 'down', purge ? ['--purge'] : [])))
  await removeNodesNetwork(planNodes(config), tools.exec, nodes.filter(({ number }) => there.has(number)).map(({ namespace }) => namespace))
}

/** Those that were made by an earlier `up` and are more than there shall be. */
async function strayNodes(config: Config): Promise<PlannedNode[]> {
  const there = await madeNodes(config)
  return planNodes({ ...config, nodes: mostNodes }).others.filter(({ number }) => number > config.nodes && there.has(number))
}

/** Their numbers, by their directories. */
async function madeNodes({ dataDir, runDir }: Layout): Promise<Set<number>> {
  const names = await Promise.all([dataDir, runDir].map((directory) => readdir(join(directory, 'nodes')).catch(() => [])))
  return new Set(names.flat().map(Number).filter(Number.isInteger))
}

/** Runs a command of ours as the node: in its namespace, with its directories. Rejects with what the command said last. */
async function runInside({ namespace, layout, nodeName }: PlannedNode, { exec, home, node }: Tools, command: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<void> {
  const there = (await exec.run('nsenter', [`--net=${netnsPath(namespace)}`, '--', 'true'], { okCodes: [0, 1] })).code === 0
  // What never was, or is gone with a reboot, is cleaned up from outside.
  const enter = there ? ['nsenter', `--net=${netnsPath(namespace)}`, '--'] : []
  const words = [...enter, node, join(home, 'cli', 'main.ts'), command, ...args, '--data-dir', layout.dataDir, '--run-dir', layout.runDir, '--log-dir', layout.logDir]
  await exec.run(words[0]!, words.slice(1), { timeoutMs: 300_000, env }).catch((error: unknown) => {
    const said = error instanceof ExecError ? error.stderr.trim().replace(/^k8ts: /, '') : ''
    throw new Error(`Node ${nodeName}: ${said || (error instanceof Error ? error.message : String(error))}`)
  })
}

/** A node that left is none of the cluster any more. */
async function forget(config: Config, { nodeName }: PlannedNode, { clock }: Machine): Promise<void> {
  const member = await openMember(config, clock)
  try {
    await createClient(member.transport).delete(nodeKind, { name: nodeName }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  } finally {
    member.close()
  }
}

/** Waits for all before it tells of those that failed. */
async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).filter((outcome) => outcome.status === 'rejected')
  if (failed.length) throw new Error(failed.map(({ reason }) => (reason instanceof Error ? reason.message : String(reason))).join('\n'))
}
