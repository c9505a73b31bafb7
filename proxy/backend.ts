import type { ForwardingTable } from './table.ts'

/**
 * Makes the kernel equal to a forwarding table. `apply` is atomic: packets see the old table or the new one, never a
 * mixture. A failed `apply` leaves the old rules, and the next one writes everything anew.
 */
export interface Backend {
  readonly name: 'nftables' | 'iptables'
  /** Undefined when the machine can do it; else one sentence that says what is missing. */
  supported(): Promise<string | undefined>
  apply(table: ForwardingTable): Promise<void>
  /** Removes all that is ours and touches nothing else. Also right when nothing is there. */
  cleanup(): Promise<void>
}

/** The bit in the packet mark by which a packet is remembered for masquerading, as kube-proxy has it. */
export const masqueradeMark = 0x4000
