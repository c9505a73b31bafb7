import { isIP } from 'node:net'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { addressBytes } from '../addresses.ts'
import type { Bytes, Name, ResourceRecord } from '../message.ts'
import { isLabel, join, parseName } from '../names.ts'
import { address, srv } from '../records.ts'

/** What DNS knows of one Service. What is a function is made when it is asked for the first time: most are only ever asked for addresses. */
export interface ServiceView {
  readonly name: Name
  /** Where an ExternalName leads. A Service with it has no other records. */
  readonly target?: Name
  /** Cluster IPs; or of a headless Service the addresses of its endpoints. */
  readonly addresses: readonly ResourceRecord[]
  /** SRV of all ports: what is answered for the Service's own name. */
  readonly srv: () => SrvRecords
  /** SRV by protocol and port name: `tcp` → `http` → … */
  readonly ports: () => ReadonlyMap<string, ReadonlyMap<string, SrvRecords>>
  /** Endpoints by hostname, or the dashed address of one that has none. */
  readonly hosts: () => ReadonlyMap<string, HostView>
  /** A headless Service without endpoints does not exist (specification 2.4.1). */
  readonly exists: boolean
}

export interface HostView {
  readonly name: Name
  readonly addresses: readonly ResourceRecord[]
  readonly srv: () => SrvRecords
}

/** SRV records, and the addresses of their targets for the additional section. */
export interface SrvRecords {
  readonly records: readonly ResourceRecord[]
  readonly targets: readonly ResourceRecord[]
}

interface Port { readonly name: string; readonly protocol: string; readonly port: number }
interface Host { readonly name: Name; readonly addresses: Map<Bytes, ResourceRecord>; readonly ports: Map<string, Port> }

const none: SrvRecords = { records: [], targets: [] }

/**
 * The records of one Service (Kubernetes DNS specification 1.1, sections 2.3 to 2.5). Pure. `below` is the name of its
 * namespace: `default.svc.cluster.local`.
 */
export function viewOf(service: Service, slices: readonly EndpointSlice[], below: Name, ttl: number): ServiceView {
  const { spec } = service
  const name = join([service.metadata.name], below)
  const nothing: ServiceView = { name, addresses: [], srv: () => none, ports: () => new Map(), hosts: () => new Map(), exists: true }
  if (spec.type === 'ExternalName') {
    // An address is no name to point at; the original says as well that there is nothing.
    const target = isIP(spec.externalName ?? '') ? undefined : parseName(spec.externalName ?? '')
    return target ? { ...nothing, target } : { ...nothing, exists: false }
  }
  const found = lazy(() => hostsOf(slices, name, ttl))
  const hosts = lazy(() => new Map([...found()].map(([key, host]) => [key, { name: host.name, addresses: [...host.addresses.values()], srv: lazy(() => srvOf(host.name, ttl, [host])) }])))
  if (spec.clusterIP !== 'None') {
    const addresses = (spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? '']).flatMap((text) => {
      const bytes = addressBytes(text)
      return bytes ? [address(name, ttl, bytes)] : []
    })
    const itself = lazy((): Host => {
      const ports = (spec.ports ?? []).map((port): Port => ({ name: (port.name ?? '').toLowerCase(), protocol: (port.protocol ?? 'TCP').toLowerCase(), port: port.port }))
      return { name, addresses: new Map(addresses.map((record) => [record.data.before, record])), ports: new Map(ports.map((port) => [keyOf(port), port])) }
    })
    return { ...nothing, addresses, hosts, srv: lazy(() => srvOf(name, ttl, [itself()])), ports: lazy(() => byProtocol([itself()], name, ttl)) }
  }
  const all = lazy(() => [...found().values()])
  const addresses = [...new Set(all().flatMap((host) => [...host.addresses.keys()]))].map((bytes) => address(name, ttl, bytes))
  return { ...nothing, addresses, hosts, exists: found().size > 0, srv: lazy(() => srvOf(name, ttl, all())), ports: lazy(() => byProtocol(all(), name, ttl)) }
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/**
 * The ready endpoints by their name. `ready` that is not said counts as ready, and alone decides: it is true for all
 * endpoints of a Service that publishes them early, and `serving` is for connections that last, not for finding new ones.
 */
function hostsOf(slices: readonly EndpointSlice[], below: Name, ttl: number): Map<string, Host> {
  const hosts = new Map<string, Host>()
  for (const slice of slices) {
    const ports = (slice.ports ?? []).flatMap((port): Port[] => (port.port == null ? []
      : [{ name: (port.name ?? '').toLowerCase(), protocol: (port.protocol ?? 'TCP').toLowerCase(), port: port.port }]))
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue
      for (const text of endpoint.addresses) {
        const bytes = addressBytes(text)
        const key = hostOf(endpoint.hostname ?? '', text)
        if (!bytes || !isLabel(key)) continue
        let host = hosts.get(key)
        if (!host) hosts.set(key, (host = { name: join([key], below), addresses: new Map(), ports: new Map() }))
        host.addresses.set(bytes, address(host.name, ttl, bytes))
        for (const port of ports) host.ports.set(keyOf(port), port)
      }
    }
  }
  return hosts
}

/** The name of an endpoint below its Service's: its hostname, else its address with dashes, as CoreDNS has it. */
export const hostOf = (hostname: string, text: string): string => hostname.toLowerCase() || text.toLowerCase().replace(/[.:]/g, '-').replace(/-$/, '-0').replace(/^-/, '0-')

const keyOf = ({ name, protocol, port }: Port): string => `${name}/${protocol}/${port}`
const same = (one: Port, other: Port): boolean => one.name === other.name && one.protocol === other.protocol

/** One record for each host and port, of all ports or those like one; the weights share a hundred among them. */
function srvOf(owner: Name, ttl: number, hosts: readonly Host[], wanted?: Port): SrvRecords {
  const pairs = hosts.flatMap((host) => {
    const numbers = new Set([...host.ports.values()].filter((port) => !wanted || same(port, wanted)).map(({ port }) => port))
    return [...numbers].map((port) => ({ host, port }))
  })
  if (pairs.length === 0) return none
  const weight = Math.max(1, Math.floor(100 / pairs.length))
  const targets = new Set(pairs.map(({ host }) => host))
  return {
    records: pairs.map(({ host, port }) => srv(owner, ttl, { priority: 0, weight, port, target: host.name })),
    targets: [...targets].flatMap((host) => [...host.addresses.values()]),
  }
}

/** Unnamed ports have no SRV record of their own (specification 2.3.2). */
function byProtocol(hosts: readonly Host[], below: Name, ttl: number): Map<string, Map<string, SrvRecords>> {
  const protocols = new Map<string, Map<string, SrvRecords>>()
  for (const port of hosts.flatMap((host) => [...host.ports.values()])) {
    if (!port.name) continue
    let named = protocols.get(port.protocol)
    if (!named) protocols.set(port.protocol, (named = new Map()))
    if (!named.has(port.name)) named.set(port.name, srvOf(join([`_${port.name}`, `_${port.protocol}`], below), ttl, hosts, port))
  }
  return protocols
}
