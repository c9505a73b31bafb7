import type { Family, Route } from '../table.ts'
import { hashOf, mapsOf, type Memory } from './affinity.ts'
import { nftFamily } from './rows.ts'
import type { Slot, SlotUse } from './slots.ts'
import { ofFamily } from './text.ts'

/** A chain that comes and goes with the routes that need it. */
export interface Chain {
  readonly name: string
  /** Chains of one kind have the same rules but for `varying`: pieces of the kernel's rules, as JSON. */
  readonly kind: string
  readonly varying: readonly string[]
  readonly rules: readonly string[]
}

/** The chain that counts round, for all routes that share it. */
export function slotChain(slot: Slot, family: Family, clusterCIDRs: readonly string[]): Chain {
  const { use, endpoints } = slot
  return { name: slot.chain, kind: use, varying: [counts(endpoints)], rules: [...onlyInsiders(use, family, clusterCIDRs), inTurn(use, endpoints, family)] }
}

/** The chain of a route that remembers its callers: they come first, then it counts round for itself alone. */
export function affineChain(role: string, use: SlotUse, route: Route, memory: Memory, endpoints: number, family: Family, clusterCIDRs: readonly string[]): Chain {
  const ip = nftFamily[family]
  const maps = mapsOf(memory)
  const protocol = route.protocol.toLowerCase()
  return {
    name: `${role}-of-${endpoints}-for-${hashOf(route.id)}-${memory.name.split('-').at(-1)}`, kind: `${use}-affine-${protocol}`, varying: [counts(endpoints), memory.name],
    rules: [
      ...onlyInsiders(use, family, clusterCIDRs),
      `meta l4proto ${protocol} dnat ${ip} to ${ip} saddr map @${maps.ips} : ${ip} saddr map @${maps.ports}`,
      inTurn(use, endpoints, family),
    ],
  }
}

/** The chain that notes which endpoint a caller was sent to, and forgets it after so long without a new connection. */
export function memoryChain(route: Route, memory: Memory, seconds: number, family: Family): Chain {
  const ip = nftFamily[family]
  const maps = mapsOf(memory)
  const protocol = route.protocol.toLowerCase()
  const note = (map: string, what: string) => `update @${map} { ct original ${ip} saddr timeout ${seconds}s : ct reply ${what} }`
  return {
    name: rememberChain(memory, seconds), kind: `remember-${seconds}-${protocol}`, varying: [memory.name],
    // A port of the first packet can only be named where the protocol is.
    rules: [`meta l4proto ${protocol} ${note(maps.ips, `${ip} saddr`)} ${note(maps.ports, 'proto-src')}`],
  }
}

export const rememberChain = (memory: Memory, seconds: number): string => `remember-${seconds}-${memory.name}`

const counts = (endpoints: number): string => `"mod":${endpoints},`

function onlyInsiders(use: SlotUse, family: Family, clusterCIDRs: readonly string[]): string[] {
  if (!use.startsWith('insider')) return []
  const inside = ofFamily(clusterCIDRs, family)
  return [
    `${inside.length ? `${nftFamily[family]} saddr != { ${inside.join(', ')} } ` : ''}fib saddr type != local return`,
    // What this node sends to an outer address may come from that very address.
    'fib saddr type local jump mark-for-masquerade',
  ]
}

const inTurn = (use: SlotUse, endpoints: number, family: Family): string => {
  const ip = nftFamily[family]
  return `dnat ${ip} to ${use.endsWith('nodeport') ? '' : `${ip} daddr . `}meta l4proto . th dport . numgen inc mod ${endpoints} map @${use}-endpoints`
}

/** The rules that every transaction with new chains must begin with; see `text.ts`. */
export const sparedRules = (family: Family): string[] => (['service', 'nodeport', 'insider', 'insider-nodeport'] as const).map((use) => inTurn(use, 1, family))
