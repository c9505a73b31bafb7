import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { formatIP, parseCidr } from '../../api/cidr.ts'
import { nodeIPs } from '../addresses.ts'
import type { Config } from '../config.ts'
import type { Layout } from '../layout.ts'

/**
 * Several nodes on one machine (`up --nodes 3`). The first is the machine itself; each other lives in a network namespace of its own, and all
 * are plugged into one switch, in yet another namespace:
 *
 *     machine 10.213.0.1 ──┐
 *     node 2  10.213.0.2 ──┼── switch          the others' way to the world is through the machine
 *     node 3  10.213.0.3 ──┘
 *
 * The switch is not in the machine's own namespace because what crosses a bridge passes the rules of where the bridge is: those of the machine
 * (its own Services, a firewall, Docker's) would be applied to what other nodes say to each other.
 */
export interface NodesPlan {
  /** With prefix length: `10.213.0.0/24`. */
  readonly network: string
  /** The machine's own end of its cable, and its address. */
  readonly link: string
  readonly address: string
  /** Name of the switch's namespace. */
  readonly switch: string
  /** Of the nftables table with the way to the world. */
  readonly table: string
  readonly others: readonly PlannedNode[]
}

export interface PlannedNode {
  readonly number: number
  readonly nodeName: string
  readonly address: string
  /** Name of its network namespace below /run/netns. */
  readonly namespace: string
  readonly layout: Layout
  readonly cgroupRoot: string
  readonly podLogsDir: string
}

export const mostNodes = 32

export function planNodes(config: Layout & Pick<Config, 'nodeName' | 'nodes' | 'nodeNetwork' | 'cgroupRoot'>): NodesPlan {
  const { dataDir, runDir, logDir, nodeName, nodes, nodeNetwork } = config
  const { address, bits, prefix } = parseCidr(nodeNetwork)
  const host = (number: number) => formatIP(address + BigInt(number), bits)
  // Two clusters of one machine do not meet.
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 6)
  return {
    network: `${formatIP(address, bits)}/${prefix}`, link: `k8ts-${id}`, address: host(1), switch: `k8ts-${id}-switch`, table: `k8ts-nodes-${id}`,
    others: Array.from({ length: Math.max(0, nodes - 1) }, (_, index) => index + 2).map((number) => {
      const place = (directory: string) => join(directory, 'nodes', String(number))
      const layout = { dataDir: place(dataDir), runDir: place(runDir), logDir: place(logDir) }
      return {
        number, nodeName: `${nodeName}-${number}`, address: host(number), namespace: `k8ts-${id}-${number}`, layout,
        cgroupRoot: config.cgroupRoot === '/' ? `/k8ts-${id}-${number}` : join(config.cgroupRoot, `node-${number}`), podLogsDir: join(logDir, 'nodes', `${number}-pods`),
      }
    }),
  }
}

/** Whether the machine's own address is that of its end of the cable; one that had several nodes keeps it. */
export const usesNodesNetwork = (config: Parameters<typeof planNodes>[0] & Pick<Config, 'role' | 'nodeIP'>): boolean =>
  config.role === 'server' && (config.nodes > 1 || nodeIPs(config).includes(planNodes(config).address))

/** What is wrong with the settings, in words for the person who gave them. Their values may be of any type. */
export function nodesProblems({ nodes, nodeNetwork }: Pick<Config, 'nodes' | 'nodeNetwork'>): string[] {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > mostNodes) return [`nodes ${JSON.stringify(nodes)} must be between 1 and ${mostNodes}`]
  try {
    const { bits, prefix } = parseCidr(nodeNetwork)
    return bits === 32 && prefix <= 26 && prefix >= 8 ? [] : [`nodeNetwork ${nodeNetwork} must be of IPv4 and have room for 64 addresses, like 10.213.0.0/24`]
  } catch {
    return [`nodeNetwork ${JSON.stringify(nodeNetwork)} is not a network like 10.213.0.0/24`]
  }
}
