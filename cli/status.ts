import { createClient } from '../api/client/create-client.ts'
import { nodes } from '../api/kinds/core-v1/node.ts'
import { pods } from '../api/kinds/core-v1/pod.ts'
import type { Node } from '../api/types/core-v1/node.ts'
import { exists, readIfExists } from '../host/files.ts'
import { apiServerURL } from './keys.ts'
import { loadConfig, type Config } from './config.ts'
import type { Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { logFileOf, partNames, partsOf } from './parts.ts'
import { openMember } from './up/node-ready.ts'

/** Prints how each part and the node are. Resolves to 0 when all is well, else 1. */
export async function status({ layout }: { layout: Layout }, machine: Machine, print: (line: string) => void): Promise<number> {
  const config = await loadConfig(layout)
  if (!config) {
    print('There is no cluster on this machine. Make one with ./k8ts up')
    return 1
  }
  const manager = machine.manager(layout)
  let well = true
  for (const part of partsOf(config)) {
    const { running, pid, detail } = await manager.status(`k8ts-${part}`)
    well &&= running
    const memory = pid === undefined ? undefined : await residentMiB(pid)
    print(`${running ? '✓' : '✗'} ${part.padEnd(12)} ${running ? `running, pid ${pid}, ${memory} MiB` : `not running${detail ? `: ${detail}` : ''}; see ./k8ts logs ${part}`}`)
  }
  const cluster = await clusterState(config, machine).catch((error: unknown) => ({ well: false, text: `cannot reach ${apiServerURL(config)}: ${error instanceof Error ? error.message : String(error)}` }))
  print(`${cluster.well ? '✓' : '✗'} ${'cluster'.padEnd(12)} ${cluster.text}`)
  return well && cluster.well ? 0 : 1
}

async function clusterState(config: Config, { clock }: Machine): Promise<{ well: boolean; text: string }> {
  const member = await openMember(config, clock)
  try {
    const client = createClient(member.transport)
    if (config.role === 'worker') {
      const node = await client.get(nodes, { name: config.nodeName })
      const well = isReady(node)
      return { well, text: `node ${config.nodeName} is ${well ? '' : 'not '}Ready, at ${addressOf(node)}, a worker of ${config.serverURL}` }
    }
    const [nodeList, podList] = await Promise.all([client.list(nodes), client.list(pods)])
    const ready = nodeList.items.filter(isReady)
    const running = podList.items.filter((pod) => pod.status?.phase === 'Running')
    return { well: ready.length === nodeList.items.length && ready.length > 0, text: `${ready.length} of ${nodeList.items.length} nodes Ready, ${running.length} of ${podList.items.length} pods Running, ${apiServerURL(config)}` }
  } finally {
    member.close()
  }
}

const isReady = (node: Node): boolean => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
const addressOf = (node: Node): string => node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? 'no address'

async function residentMiB(pid: number): Promise<number | undefined> {
  const kib = /^VmRSS:\s+(\d+)/m.exec((await readIfExists(`/proc/${pid}/status`)) ?? '')?.[1]
  return kib === undefined ? undefined : Math.round(Number(kib) / 1024)
}

/** The arguments of `tail` that show the logs of one part, or of all of them; throws where there are none. */
export async function tailArguments(layout: Layout, part: string | undefined, follow: boolean): Promise<string[]> {
  const chosen = part === undefined ? partNames : partNames.filter((name) => name === part)
  if (chosen.length === 0) throw new Error(`There is no part ${JSON.stringify(part)}; the parts are ${partNames.join(', ')}`)
  const files = chosen.map((name) => logFileOf(layout, name))
  const there = await Promise.all(files.map(exists))
  if (!there.includes(true)) throw new Error(`There are no logs in ${layout.logDir} yet`)
  // One that is followed may come later.
  return ['-n', '200', ...(follow ? ['-F', ...files] : files.filter((_, index) => there[index]))]
}
