import { familyOf, formatAddress, inSubnet, parseAddress, podRange, type Subnet } from './addresses.ts'
import type { PortMapping } from './config.ts'

/** What is known of the pods on this node's network. Plain data: it is the state file. */
export interface NetworkState {
  /** Subnet → the address handed out last. */
  readonly last: Readonly<Record<string, string>>
  readonly attachments: readonly Attachment[]
}

export interface Attachment {
  readonly containerID: string
  readonly ifname: string
  readonly netns: string
  /** Our end of the pair. */
  readonly veth: string
  /** Without prefix length, in the order of the subnets. */
  readonly addresses: readonly string[]
  readonly ports: readonly PortMapping[]
  /** `namespace/name`, where the runtime told. */
  readonly pod?: string
  /** ADD has not ended: what it began must be taken back before another may begin. */
  readonly pending?: boolean
}

export const emptyState: NetworkState = Object.freeze({ last: {}, attachments: [] })

type Key = Pick<Attachment, 'containerID' | 'ifname'>
const same = (a: Key, b: Key): boolean => a.containerID === b.containerID && a.ifname === b.ifname

export const findAttachment = (state: NetworkState, key: Key): Attachment | undefined =>
  state.attachments.find(attachment => same(attachment, key))

/**
 * One address of every subnet, and the state after. The search goes on behind the address handed out last, so that a
 * released one rests as long as there are others: connections to the old pod must not reach a new one.
 * `undefined`: a subnet is full.
 */
export const reserve = (state: NetworkState, subnets: readonly Subnet[]): { addresses: string[]; last: NetworkState['last'] } | undefined => {
  const used = new Set(state.attachments.flatMap(attachment => attachment.addresses))
  const last: Record<string, string> = { ...state.last }
  const addresses: string[] = []
  for (const subnet of subnets) {
    const address = nextFree(subnet, last[subnet.cidr], used)
    if (address === undefined) return undefined
    addresses.push(address)
    last[subnet.cidr] = address
  }
  return { addresses, last }
}

const nextFree = (subnet: Subnet, after: string | undefined, used: ReadonlySet<string>): string | undefined => {
  const { first, last, size } = podRange(subnet)
  const start = after !== undefined && inSubnet(subnet, after) ? parseAddress(after)! : last
  // Among one more than are used, one is free: a vast IPv6 subnet is never walked to its end.
  const tries = size < BigInt(used.size + 1) ? size : BigInt(used.size + 1)
  for (let n = 1n; n <= tries; n++) {
    const candidate = formatAddress(first + (((start - first + n) % size) + size) % size, subnet.family)
    if (!used.has(candidate)) return candidate
  }
  return undefined
}

/** How many more pods fit. */
export const freeAddresses = (state: NetworkState, subnets: readonly Subnet[]): bigint => {
  const used = state.attachments.flatMap(attachment => attachment.addresses)
  const free = subnets.map(subnet => podRange(subnet).size - BigInt(used.filter(address => inSubnet(subnet, address)).length))
  return free.reduce((least, count) => count < least ? count : least, free[0] ?? 0n)
}

/** The state with this attachment in it, instead of the one of the same key. */
export const withAttachment = (state: NetworkState, attachment: Attachment, last = state.last): NetworkState =>
  ({ last, attachments: [...state.attachments.filter(other => !same(other, attachment)), attachment] })

export const withoutAttachment = (state: NetworkState, key: Key): NetworkState =>
  ({ ...state, attachments: state.attachments.filter(other => !same(other, key)) })

/** The attachment that already has one of these host ports, if any. A port without address is at all of them. */
export const hostPortHolder = (state: NetworkState, key: Key, ports: readonly PortMapping[]): { holder: Attachment; port: PortMapping } | undefined => {
  for (const holder of state.attachments) {
    if (same(holder, key)) continue
    const port = ports.find(port => holder.ports.some(other => overlaps(port, other)))
    if (port) return { holder, port }
  }
  return undefined
}

const overlaps = (a: PortMapping, b: PortMapping): boolean =>
  a.protocol === b.protocol && a.hostPort === b.hostPort && (a.hostIP === undefined || b.hostIP === undefined || a.hostIP === b.hostIP)

/** The pod's address for a mapping: of the family of its host address, else each it has. */
export const targetsOf = (attachment: Attachment, port: PortMapping): string[] =>
  attachment.addresses.filter(address => port.hostIP === undefined || familyOf(address) === familyOf(port.hostIP))
