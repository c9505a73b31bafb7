import { isDeepStrictEqual } from 'node:util'
import type { Service } from '../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import { keyOf } from '../api/object.ts'
import { healthCheckOf, routesOf } from './routes.ts'
import { byId, type ForwardingTable, type HealthCheck, type NodeView, type Route, type RouteChanges } from './table.ts'

const serviceNameLabel = 'kubernetes.io/service-name'

/**
 * Keeps the forwarding table up to date one Service at a time: a change costs what the Service costs, not what the
 * cluster costs, and a route that stays equal stays the same object.
 */
export class Tracker {
  #node: NodeView
  readonly #services = new Map<string, Service>()
  /** Slices by the key of their Service, then by their own name. */
  readonly #slices = new Map<string, Map<string, EndpointSlice>>()
  readonly #routes = new Map<string, readonly Route[]>()
  readonly #healthChecks = new Map<string, HealthCheck>()
  readonly #dirty = new Set<string>()
  #table: ForwardingTable = { routes: [], healthChecks: [] }

  constructor(node: NodeView) {
    this.#node = node
  }

  /** Something about this node or its cluster has changed: every route is looked at again. */
  setNode(node: NodeView): void {
    if (isDeepStrictEqual(node, this.#node)) return
    this.#node = node
    for (const key of this.#services.keys()) this.#dirty.add(key)
  }

  setService(service: Service): void {
    this.#services.set(keyOf(service), service)
    this.#dirty.add(keyOf(service))
  }

  deleteService(service: Service): void {
    this.#services.delete(keyOf(service))
    this.#dirty.add(keyOf(service))
  }

  setSlice(slice: EndpointSlice, old?: EndpointSlice): void {
    if (old && ownerOf(old) !== ownerOf(slice)) this.deleteSlice(old)
    const owner = ownerOf(slice)
    if (!owner) return
    let slices = this.#slices.get(owner)
    if (!slices) this.#slices.set(owner, (slices = new Map()))
    slices.set(slice.metadata.name, slice)
    this.#dirty.add(owner)
  }

  deleteSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice)
    if (!owner) return
    const slices = this.#slices.get(owner)
    slices?.delete(slice.metadata.name)
    if (slices?.size === 0) this.#slices.delete(owner)
    this.#dirty.add(owner)
  }

  get changed(): boolean {
    return this.#dirty.size > 0
  }

  /** Takes over what has been set and deleted: the table as it is then, and how it follows the one of the last `update`. Costs what changed, beside one walk along the table. */
  update(): { readonly table: ForwardingTable; readonly changes: RouteChanges } {
    const gone: Route[] = []
    const come: Route[] = []
    for (const key of this.#dirty) {
      const before = this.#routes.get(key) ?? []
      const after = this.#refresh(key, before)
      for (const route of before) if (!after.includes(route)) gone.push(route)
      for (const route of after) if (!before.includes(route)) come.push(route)
    }
    if (this.#dirty.size > 0) this.#table = { routes: merge(this.#table.routes, gone, come.sort(byId)), healthChecks: [...this.#healthChecks.values()] }
    this.#dirty.clear()
    return { table: this.#table, changes: { gone: gone.sort(byId), come } }
  }

  /** The routes of one Service as they are now; those that stayed equal are the same objects. */
  #refresh(key: string, before: readonly Route[]): readonly Route[] {
    const service = this.#services.get(key)
    const slices = [...(this.#slices.get(key)?.values() ?? [])]
    const healthCheck = service && healthCheckOf(service, slices, this.#node)
    if (healthCheck) this.#healthChecks.set(key, healthCheck)
    else this.#healthChecks.delete(key)
    const found = service ? routesOf(service, slices, this.#node) : []
    const after = before.length === 0 ? found : found.map((route) => before.find((old) => isDeepStrictEqual(old, route)) ?? route)
    if (after.length > 0) this.#routes.set(key, after)
    else this.#routes.delete(key)
    return after
  }
}

/** Sorted routes without some and with others, which are sorted too. */
function merge(routes: readonly Route[], gone: readonly Route[], come: readonly Route[]): readonly Route[] {
  if (gone.length + come.length === 0) return routes
  const without = new Set(gone)
  const merged: Route[] = []
  let next = 0
  for (const route of routes) {
    if (without.has(route)) continue
    while (next < come.length && byId(come[next]!, route) < 0) merged.push(come[next++]!)
    merged.push(route)
  }
  while (next < come.length) merged.push(come[next++]!)
  return merged
}

function ownerOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name && `${slice.metadata.namespace}/${name}`
}
