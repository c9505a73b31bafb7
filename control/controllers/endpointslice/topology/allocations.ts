/** No endpoint may get more than its share of the traffic by this part of it (the original's constant). */
const overloadThreshold = 0.2

/** How many endpoints a zone shall have. */
export interface Allocation {
  readonly minimum: number
  readonly maximum: number
  /** What would be fair, in fractions of an endpoint. */
  readonly desired: number
}
export type Allocations = ReadonlyMap<string, Allocation>

const fewestFor = (fair: number): number => Math.ceil(fair * (1 / (1 + overloadThreshold)))

/** Shares endpoints out among zones by their CPUs; a sentence when that cannot be done without overloading one. */
export function allocate(ratios: ReadonlyMap<string, number> | undefined, endpoints: number): Allocations | string {
  if (!ratios) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  const numbers = `(${endpoints} endpoints, ${ratios.size} zones)`
  if (ratios.size > endpoints) return `Insufficient number of endpoints ${numbers}`
  const shares = [...ratios].map(([zone, ratio]) => ({ zone, fair: ratio * endpoints, minimum: fewestFor(ratio * endpoints) }))
  const left = endpoints - shares.reduce((sum, { minimum }) => sum + minimum, 0)
  if (left < 0) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`
  return new Map(shares.map(({ zone, fair, minimum }) => [zone, { minimum, maximum: minimum + left, desired: Math.max(fair, minimum) }]))
}

/** Whether a zone has too few of the endpoints that were allocated, now that the zones' shares are these. */
export function isOverloaded(allocated: ReadonlyMap<string, number>, ratios: ReadonlyMap<string, number> | undefined): boolean {
  if (allocated.size === 0) return false
  if (!ratios) return true
  const total = [...allocated.values()].reduce((sum, count) => sum + count, 0)
  return [...ratios].some(([zone, ratio]) => !allocated.has(zone) || allocated.get(zone)! < fewestFor(total * ratio))
}

/** How many endpoints each zone gives to others, and how many each gets. */
export function exchange(allocations: Allocations, allocated: ReadonlyMap<string, number>): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = [...allocations].map(([zone, { desired }]) => [zone, (allocated.get(zone) ?? 0) - desired] as const)
  const toGive = new Map(surplus.filter(([, more]) => more > 0))
  const toReceive = new Map(surplus.filter(([, more]) => more < 0).map(([zone, more]) => [zone, -more]))
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const from = most(toGive), to = most(toReceive)
    // Half an endpoint is worth moving only where the other side is about a whole one.
    if (!from || !to || (from[1] < 1 && to[1] < 1) || from[1] < 0.5 || to[1] < 0.5) return { giving, receiving }
    add(giving, from[0], 1)
    add(toGive, from[0], -1)
    add(receiving, to[0], 1)
    add(toReceive, to[0], -1)
  }
}

const most = (zones: ReadonlyMap<string, number>): [string, number] | undefined =>
  [...zones].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)[0]

export const add = (counts: Map<string, number>, zone: string, by: number): void => void counts.set(zone, (counts.get(zone) ?? 0) + by)
