import { isDeepStrictEqual } from 'node:util'
import type { Service } from '../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import { keyOf } from '../api/object.ts'
import { healthCheckOf, routesOf } from './routes.ts'
import type { ForwardingTable, HealthCheck, NodeView, Route } from './table.ts'

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

  table(): ForwardingTable {
    for (const key of this.#dirty) this.#refresh(key)
    this.#dirty.clear()
    const routes = [...this.#routes.values()].flat()
    return { routes: routes.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)), healthChecks: [...this.#healthChecks.values()] }
  }

  #refresh(key: string): void {
    const service = this.#services.get(key)
    if (!service) {
      this.#routes.delete(key)
      this.#healthChecks.delete(key)
      return
    }
    const before = this.#routes.get(key) ?? []
    const slices = [...(this.#slices.get(key)?.values() ?? [])]
    const healthCheck = healthCheckOf(service, slices, this.#node)
    if (healthCheck) this.#healthChecks.set(key, healthCheck)
    else this.#healthChecks.delete(key)
    const after = routesOf(service, slices, this.#node)
    this.#routes.set(key, after.map((route) => before.find((old) => isDeepStrictEqual(old, route)) ?? route))
  }
}

function ownerOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name && `${slice.metadata.namespace}/${name}`
}
