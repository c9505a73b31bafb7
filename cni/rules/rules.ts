import type { Family } from '../addresses.ts'
import type { PortMapping } from '../config.ts'

/**
 * The kernel rules of one network, as a value: who is masqueraded, and which host port leads to which pod. A writer
 * makes the kernel equal to it in one step, in tables or chains of ours alone.
 */
export interface PodRules {
  /** Of the network; part of the names of our tables and chains. */
  readonly name: string
  readonly families: readonly FamilyRules[]
}

export interface FamilyRules {
  readonly family: Family
  /** The pods of this node. */
  readonly subnet: string
  readonly masquerade: boolean
  /** Never masqueraded: the cluster, this node's pods, multicast and broadcast. */
  readonly direct: readonly string[]
  readonly hostPorts: readonly HostPort[]
}

export interface HostPort {
  readonly protocol: PortMapping['protocol']
  /** At this address of the node only. */
  readonly hostIP: string | undefined
  readonly hostPort: number
  readonly address: string
  readonly port: number
}

export interface RulesWriter {
  readonly kind: 'nftables' | 'iptables'
  apply(rules: PodRules): Promise<void>
  /** Nothing of ours is left, byte for byte. */
  cleanup(name: string): Promise<void>
  /** What the kernel has in our name, as text; `''`: nothing. CHECK looks for a pod's ports in it. */
  text(name: string): Promise<string>
  /** The text that stands in `text()` for one host port, whoever wrote it. */
  shows(port: HostPort, text: string): boolean
}

/** The mark on traffic from a pod to a host port of its own node: the answer must come back this way. As the portmap plugin has it. */
export const hairpinMark = '0x2000'
