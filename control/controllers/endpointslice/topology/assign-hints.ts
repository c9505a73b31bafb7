import type { Endpoint, EndpointSlice } from '../../../../api/types/discovery-v1.ts'
import type { Allocations } from './allocations.ts'
import { add, allocate, exchange } from './allocations.ts'

/** The slices of one service and family: those that are to be written anyhow, and those that could stay as they are. */
export interface FamilySlices {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly unchanged: readonly EndpointSlice[]
}

export interface Hinted {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  /** Endpoints by zone, as hinted. */
  readonly allocated: ReadonlyMap<string, number>
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true
const countReady = (slices: readonly EndpointSlice[]): number => slices.reduce((sum, { endpoints }) => sum + (endpoints ?? []).filter(isReady).length, 0)

/**
 * Hints for which zone each ready endpoint is, in proportion to the zones' CPUs; a sentence when there can be none. Hints that
 * are good enough stay, so that slices nothing else changes in are not written.
 */
export function assignHints({ create, update, unchanged }: FamilySlices, ratios: ReadonlyMap<string, number> | undefined): Hinted | string {
  const allocations = allocate(ratios, countReady([...create, ...update, ...unchanged]))
  if (typeof allocations === 'string') return allocations
  const allocated = new Map<string, number>()
  const unfit = unchanged.filter((slice) => !keepHints(slice, allocations, allocated))
  const drafts = [...create, ...update, ...unfit].map((slice) => ({ ...slice, endpoints: (slice.endpoints ?? []).map(withoutHints) }))
  const ready = drafts.flatMap(({ endpoints }) => endpoints.filter(isReady))
  if (ready.some(({ zone }) => !zone)) return 'One or more endpoints do not have a zone specified'
  for (const endpoint of ready) hint(endpoint, endpoint.zone!, allocated)
  redistribute(ready, allocations, allocated)
  if (allocated.size === 0) return 'No hints allocated for zones'
  return { create: drafts.slice(0, create.length), update: drafts.slice(create.length), allocated }
}

/** What is to be written so that no slice has hints. */
export function removeHints({ create, update, unchanged }: FamilySlices): Pick<Hinted, 'create' | 'update'> {
  const bare = (slice: EndpointSlice): EndpointSlice => ({ ...slice, endpoints: (slice.endpoints ?? []).map(withoutHints) })
  const hinted = unchanged.filter(({ endpoints }) => endpoints?.some(({ hints }) => hints !== undefined))
  return { create: create.map(bare), update: [...update, ...hinted].map(bare) }
}

type Draft = { -readonly [field in keyof Endpoint]: Endpoint[field] }

const withoutHints = ({ hints: _, ...endpoint }: Endpoint): Draft => endpoint

function hint(endpoint: Draft, zone: string, allocated: Map<string, number>): void {
  endpoint.hints = { forZones: [{ name: zone }] }
  add(allocated, zone, 1)
}

/** Counts the hints of a slice; false, and nothing is counted, when one is missing or for a zone that has enough or is none. */
function keepHints({ endpoints = [] }: EndpointSlice, allocations: Allocations, allocated: Map<string, number>): boolean {
  const zones = endpoints.filter(isReady).map(({ hints }) => hints?.forZones?.map(({ name }) => name) ?? [])
  if (zones.some((names) => names.length === 0 || names.some((name) => !allocations.has(name)))) return false
  const counts = new Map<string, number>()
  for (const name of zones.flat()) add(counts, name, 1)
  if ([...counts].some(([zone, count]) => count + (allocated.get(zone) ?? 0) > allocations.get(zone)!.maximum)) return false
  for (const [zone, count] of counts) add(allocated, zone, count)
  return true
}

/** Has endpoints of zones with too many serve zones with too few. */
function redistribute(endpoints: readonly Draft[], allocations: Allocations, allocated: Map<string, number>): void {
  const { giving, receiving } = exchange(allocations, allocated)
  for (const endpoint of endpoints) {
    const from = endpoint.zone!
    const [to] = [...receiving].find(([, count]) => count > 0) ?? []
    if (to === undefined) return
    if ((giving.get(from) ?? 0) <= 0) continue
    add(giving, from, -1)
    add(receiving, to, -1)
    add(allocated, from, -1)
    hint(endpoint, to, allocated)
  }
}
