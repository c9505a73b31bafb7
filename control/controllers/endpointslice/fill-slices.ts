import type { Endpoint, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { same } from '../shared/same.ts'

/** What becomes of the slices of one family and one set of ports. */
export interface Filling {
  /** The endpoints of slices to be made. */
  readonly create: readonly Endpoint[][]
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: Endpoint[] }[]
  readonly remove: readonly EndpointSlice[]
}

/** Whether an endpoint is as it is wanted. */
export type IsSame = (wanted: Endpoint, old: Endpoint) => boolean

interface Draft { readonly slice: EndpointSlice; readonly endpoints: Endpoint[]; changed: boolean }

/**
 * Puts the wanted endpoints into slices so that few slices change: every node reads every changed slice. Endpoints stay
 * where they are; new ones go into slices that change anyhow, then into the fullest slice that has room for all of them,
 * then into new slices. Slices are never merged for tidiness' sake.
 */
export function fillSlices(existing: readonly EndpointSlice[], wanted: readonly Endpoint[], most: number, isStale: (slice: EndpointSlice) => boolean, isSame: IsSame = same): Filling {
  const left = new Map(wanted.map((endpoint) => [endpointKey(endpoint), endpoint]))
  const drafts = existing.map((slice) => keep(slice, left, isStale(slice), isSame))
  const remove = drafts.filter(({ endpoints }) => endpoints.length === 0)
  const kept = drafts.filter((draft) => !remove.includes(draft))
  const rest = [...left.values()]
  for (const draft of kept.filter(({ changed }) => changed).toSorted((a, b) => b.endpoints.length - a.endpoints.length)) pour(rest, draft, most)
  if (rest.length > 0 && rest.length < most) {
    const roomy = kept.filter(({ changed, endpoints }) => !changed && endpoints.length + rest.length <= most)
    const fullest = roomy.toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0]
    if (fullest) pour(rest, fullest, most)
  }
  const create: Endpoint[][] = []
  while (rest.length > 0) create.push(rest.splice(0, most))
  return { create, update: kept.filter(({ changed }) => changed), remove: remove.map(({ slice }) => slice) }
}

/** The endpoints of a slice that are still wanted, in their newest state; taken out of `left`. */
function keep(slice: EndpointSlice, left: Map<string, Endpoint>, stale: boolean, isSame: IsSame): Draft {
  const endpoints: Endpoint[] = []
  let changed = stale
  for (const old of slice.endpoints ?? []) {
    const key = endpointKey(old)
    const wanted = left.get(key)
    if (!wanted || !isSame(wanted, old)) changed = true
    if (!wanted) continue
    left.delete(key)
    endpoints.push(wanted)
  }
  return { slice, endpoints, changed }
}

function pour(rest: Endpoint[], draft: Draft, most: number): void {
  const moved = rest.splice(0, Math.max(0, most - draft.endpoints.length))
  if (moved.length === 0) return
  draft.endpoints.push(...moved)
  draft.changed = true
}

/** What an endpoint is, as opposed to how it fares. */
const endpointKey = ({ addresses, hostname, targetRef }: Endpoint): string => `${addresses} ${hostname ?? ''} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''} ${targetRef?.uid ?? ''}`
