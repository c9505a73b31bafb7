import { keyOf } from '../../../api/object.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { addressBytes } from '../addresses.ts'
import type { Bytes, Name, ResourceRecord } from '../message.ts'
import { join, parseName } from '../names.ts'
import { viewOf, type ServiceView } from './service-view.ts'
import { soaOf } from './zone.ts'

export interface ClusterIndexOptions {
  /** `cluster.local`. Throws a `RangeError` when it is no DNS name. */
  readonly domain: string
  /** Seconds that records of the cluster may be kept. */
  readonly ttl: number
}

/** What may be asked of the cluster's objects. Names in lower case. */
export interface ClusterRecords {
  readonly domain: Name
  readonly ttl: number
  /** False until all objects are there: then what is not found may still exist. */
  readonly complete: boolean
  /** Grows with every change. */
  readonly serial: number
  /** The zone's SOA record, which every answer that something is not there carries. */
  readonly soa: ResourceRecord
  hasNamespace(name: string): boolean
  service(namespace: string, name: string): ServiceView | undefined
  /** The names that belong to an address: of a Service's cluster IP, else of ready endpoints. */
  namesOf(address: Bytes): Name[]
}

const serviceNameLabel = 'kubernetes.io/service-name'

/**
 * Services, EndpointSlices and Namespaces, kept as they come. A change is filed at once and costs what the changed object
 * costs; the records of a Service are made when somebody asks for them, and kept until it changes.
 */
export class ClusterIndex implements ClusterRecords {
  readonly domain: Name
  readonly ttl: number
  complete = false
  serial = 1
  readonly #servicesName: Name
  readonly #services = new Map<string, Service>()
  /** Slices by the key of their Service, then by their own name. */
  readonly #slices = new Map<string, Map<string, FiledSlice>>()
  readonly #namespaces = new Set<string>()
  readonly #views = new Map<string, ServiceView>()
  #soa: { readonly serial: number; readonly record: ResourceRecord } | undefined
  readonly #servicesByIP = new Owners()
  readonly #slicesByEndpoint = new Owners()

  constructor({ domain, ttl }: ClusterIndexOptions) {
    const name = parseName(domain)
    if (!name) throw new RangeError(`Cannot answer for domain ${JSON.stringify(domain)}: it is no DNS name`)
    this.domain = name
    this.#servicesName = join(['svc'], name)
    this.ttl = ttl
  }

  setService(service: Service): void {
    const key = keyOf(service)
    const old = this.#services.get(key)
    if (old) this.#servicesByIP.remove(clusterIPsOf(old), key)
    this.#services.set(key, service)
    this.#servicesByIP.add(clusterIPsOf(service), key)
    this.#changed(key)
  }

  deleteService(service: Service): void {
    const key = keyOf(service)
    const old = this.#services.get(key)
    if (old) this.#servicesByIP.remove(clusterIPsOf(old), key)
    this.#services.delete(key)
    this.#changed(key)
  }

  /** `previous`: the state before, whose label may have named another Service. */
  setSlice(slice: EndpointSlice, previous: EndpointSlice = slice): void {
    this.deleteSlice(previous)
    const owner = ownerOf(slice)
    if (!owner) return
    let slices = this.#slices.get(owner)
    if (!slices) this.#slices.set(owner, (slices = new Map()))
    const addresses = endpointsOf(slice)
    slices.set(slice.metadata.name, { slice, addresses })
    this.#slicesByEndpoint.add(addresses, `${owner}/${slice.metadata.name}`)
    this.#changed(owner)
  }

  deleteSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice)
    const slices = owner === undefined ? undefined : this.#slices.get(owner)
    const old = slices?.get(slice.metadata.name)
    if (!owner || !slices || !old) return
    slices.delete(slice.metadata.name)
    if (slices.size === 0) this.#slices.delete(owner)
    this.#slicesByEndpoint.remove(old.addresses, `${owner}/${slice.metadata.name}`)
    this.#changed(owner)
  }

  setNamespace(name: string): void {
    this.#namespaces.add(name)
    this.serial += 1
  }

  deleteNamespace(name: string): void {
    this.#namespaces.delete(name)
    this.serial += 1
  }

  get soa(): ResourceRecord {
    if (this.#soa?.serial !== this.serial) this.#soa = { serial: this.serial, record: soaOf(this.domain, this.ttl, this.serial) }
    return this.#soa.record
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.has(name)
  }

  service(namespace: string, name: string): ServiceView | undefined {
    const key = `${namespace}/${name}`
    const known = this.#views.get(key)
    if (known) return known
    const service = this.#services.get(key)
    if (!service) return undefined
    const slices = [...(this.#slices.get(key)?.values() ?? [])].map(({ slice }) => slice)
    const view = viewOf(service, slices, join([namespace], this.#servicesName), this.ttl)
    this.#views.set(key, view)
    return view
  }

  namesOf(address: Bytes): Name[] {
    const viewsOf = (keys: Iterable<string>) => [...new Set([...keys].map((key) => key.split('/', 2).join('/')))].flatMap((key) => {
      const [namespace = '', name = ''] = key.split('/')
      return this.service(namespace, name) ?? []
    })
    const [service] = viewsOf(this.#servicesByIP.of(address))
    if (service) return [service.name]
    return viewsOf(this.#slicesByEndpoint.of(address)).flatMap(({ hosts }) =>
      [...hosts().values()].filter(({ addresses }) => addresses.some(({ data }) => data.before === address)).map(({ name }) => name))
  }

  #changed(key: string): void {
    this.#views.delete(key)
    this.serial += 1
  }
}

interface FiledSlice { readonly slice: EndpointSlice; readonly addresses: readonly Bytes[] }

/** To whom an address belongs. Nearly always to one: then no set is made for it. */
class Owners {
  readonly #owners = new Map<Bytes, string | Set<string>>()

  of(address: Bytes): Iterable<string> {
    const found = this.#owners.get(address)
    return found === undefined ? [] : typeof found === 'string' ? [found] : found
  }

  add(addresses: readonly Bytes[], owner: string): void {
    for (const address of addresses) {
      const found = this.#owners.get(address)
      if (found === undefined || found === owner) this.#owners.set(address, owner)
      else if (typeof found === 'string') this.#owners.set(address, new Set([found, owner]))
      else found.add(owner)
    }
  }

  remove(addresses: readonly Bytes[], owner: string): void {
    for (const address of addresses) {
      const found = this.#owners.get(address)
      if (found === owner) this.#owners.delete(address)
      else if (found !== undefined && typeof found !== 'string') {
        found.delete(owner)
        if (found.size === 0) this.#owners.delete(address)
      }
    }
  }
}

function ownerOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name ? `${slice.metadata.namespace}/${name}` : undefined
}

const known = (texts: readonly string[]): Bytes[] => texts.flatMap((text) => addressBytes(text) ?? [])
const clusterIPsOf = ({ spec }: Service): Bytes[] => (spec.type === 'ExternalName' ? [] : known(spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? '']))
const endpointsOf = (slice: EndpointSlice): Bytes[] => known((slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses))
