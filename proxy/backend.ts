import type { ForwardingTable, RouteChanges } from './table.ts'

export type ProxyMode = 'nftables' | 'iptables' | 'ipvs' | 'userspace'

/**
 * Makes the kernel equal to a forwarding table. `apply` is atomic where the kernel allows it: packets see the old table or
 * the new one, never a mixture. A failed `apply` leaves the old rules, and the next one writes everything anew.
 */
export interface Backend {
  readonly name: ProxyMode
  /** `apply` deletes the kernel's memory of UDP flows that must move on itself; absent: whoever calls it does, afterwards (`conntrack.ts`). */
  readonly forgetsFlows?: true
  /** Undefined when the machine can do it; else one sentence that says what is missing. */
  supported(): Promise<string | undefined>
  /**
   * `changes`: how `table` follows the one of the `apply` before. Given only when that one succeeded, and then the cost
   * of a change need not grow with the table; a backend may just as well compare for itself.
   */
  apply(table: ForwardingTable, changes?: RouteChanges): Promise<void>
  /**
   * Whether the kernel still holds what the last `apply` wrote, as far as that is ours. False: somebody took away or
   * altered something, and the next `apply`, also of the same table, writes everything anew. Cheap when nobody did.
   */
  intact(): Promise<boolean>
  /** Removes all that is ours and touches nothing else. Also right when nothing is there. */
  cleanup(): Promise<void>
  /** Ends what a backend does in this process itself; absent where that is nothing. What is in the kernel stays. */
  stop?(): Promise<void>
}

/** What every backend must be told beside the table; fixed for the life of a backend. */
export interface BackendOptions {
  /** Pod networks of the whole cluster, of both families. */
  readonly clusterCIDRs: readonly string[]
  /** CIDRs of those of the node's own addresses on which node ports are answered (`--nodeport-addresses`). Empty: on all but loopback. */
  readonly nodePortAddresses: readonly string[]
}

/** The bit in the packet mark by which a packet is remembered for masquerading, as kube-proxy has it. */
export const masqueradeMark = 0x4000
