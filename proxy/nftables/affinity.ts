import { createHash } from 'node:crypto'
import type { NftObject } from '../../host/nft.ts'
import type { Route, Target } from '../table.ts'

/**
 * What one route remembers of its callers, as the pair of maps `…-ips` and `…-ports`: caller → endpoint. Two maps,
 * because nft 1.0.6 cannot write a caller's and an endpoint's IPv6 address with a port by one statement. `inner` is of
 * callers of the cluster IP; `outer` of those of all other addresses, `local` the same under policy Local: they have
 * other endpoints, and what was remembered under one policy is wrong under the other.
 */
export interface Memory {
  /** The beginning of the maps' names. */
  readonly name: string
  readonly targets: readonly Target[]
}

export const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16)

/** The memories of a route: none, when it does not remember. */
export function memoriesOf(route: Route): { readonly inner?: Memory; readonly outer?: Memory } {
  if (route.affinitySeconds === undefined) return {}
  const name = `affinity-${hashOf(route.id)}`
  const exposed = route.nodePort !== undefined || route.externalIPs.length + route.loadBalancerIPs.length > 0
  return {
    inner: { name: `${name}-inner`, targets: route.internal },
    ...(exposed && { outer: { name: `${name}-${route.masqueradeExternal ? 'outer' : 'local'}`, targets: [...route.external, ...route.insiders] } }),
  }
}

export const mapsOf = ({ name }: Memory) => ({ ips: `${name}-ips`, ports: `${name}-ports` })

/** One caller and where it was sent; `element…` as text that adds it with the time it has left. */
interface Entry { readonly caller: string; readonly ip: string; readonly port: number; readonly times: string }

/** Reads both maps of a memory from what `nft -j list` shows; callers that stand in one alone are in neither list. */
function entriesOf(memory: Memory, objects: readonly NftObject[]): Entry[] {
  const maps = mapsOf(memory)
  const ips = elementsIn(maps.ips, objects)
  const ports = elementsIn(maps.ports, objects)
  return [...ips].flatMap(([caller, { value, times }]) => {
    const port = ports.get(caller)?.value
    return port === undefined ? [] : [{ caller, ip: String(value), port: Number(port), times }]
  })
}

interface Shown { readonly elem?: { readonly val: unknown; readonly timeout?: number; readonly expires?: number } }

function elementsIn(name: string, objects: readonly NftObject[]): Map<string, { readonly value: unknown; readonly times: string }> {
  const elements = objects.flatMap(({ map }) => (map?.name === name ? ((map.elem ?? []) as readonly (readonly [Shown, unknown])[]) : []))
  return new Map(elements.flatMap(([{ elem }, value]) =>
    (typeof elem?.val === 'string' ? [[elem.val, { value, times: elem.timeout ? ` timeout ${elem.timeout}s expires ${Math.max(1, elem.expires ?? 1)}s` : '' }] as const] : [])))
}

const serves = ({ targets }: Memory, { ip, port }: Entry): boolean => targets.some((target) => target.ip === ip && target.port === port)

/** Elements by map that bring back what was remembered, as far as it is still right. */
export function rightElements(memory: Memory, objects: readonly NftObject[]): (readonly [map: string, element: string])[] {
  const maps = mapsOf(memory)
  return entriesOf(memory, objects).filter((entry) => serves(memory, entry))
    .flatMap(({ caller, ip, port, times }) => [[maps.ips, `${caller}${times} : ${ip}`] as const, [maps.ports, `${caller}${times} : ${port}`] as const])
}

/** Callers by map whose endpoint is gone. */
export function wrongElements(memory: Memory, objects: readonly NftObject[]): (readonly [map: string, element: string])[] {
  const maps = mapsOf(memory)
  return entriesOf(memory, objects).filter((entry) => !serves(memory, entry)).flatMap(({ caller }) => [[maps.ips, caller] as const, [maps.ports, caller] as const])
}
