import { internal, invalid } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Reservation, StorageHook } from '../storage-hooks.ts'
import type { Tools } from '../tools.ts'
import { IpPool } from './ip-pool.ts'
import { PortPool } from './port-pool.ts'
import { addressesOf, isHeadless, nodePortsOf, wantsAddress, wantsHealthPort, wantsNodePorts } from './service-spec.ts'

export interface ServiceAllocatorOptions {
  readonly cidr: string
  readonly ports: readonly [number, number]
  /** A number in [0, 1). */
  readonly random: () => number
}

/** Gives services their cluster IPs and node ports, around each write of a Service. */
export interface ServiceAllocator extends StorageHook {
  /** The address of the service `kubernetes`. */
  readonly firstAddress: string
  /** Marks what the services in the store hold; writes of services wait for it. */
  load(tools: Tools): Promise<void>
}

export function createServiceAllocator({ cidr, ports, random }: ServiceAllocatorOptions): ServiceAllocator {
  const pools: Pools = { addresses: new IpPool(cidr), ports: new PortPool(ports[0], ports[1]), random }
  const loading = Promise.withResolvers<void>()
  loading.promise.catch(() => {})
  return {
    firstAddress: pools.addresses.first,

    async load(tools) {
      try {
        const { entries } = await tools.resources.cache(services).list()
        for (const entry of entries) {
          const service = entry.object as Service
          for (const address of addressesOf(service)) if (pools.addresses.take(address)) tools.log.warn({ service: entry.key, address }, 'Found a cluster IP that is out of range or held twice')
          for (const port of nodePortsOf(service)) if (pools.ports.take(port)) tools.log.warn({ service: entry.key, port }, 'Found a node port that is out of range or held twice')
        }
        loading.resolve()
      } catch (error) {
        loading.reject(error)
        throw error
      }
    },

    async begin(service: Service, old: Service | undefined) {
      await loading.promise
      const taken = new Taken(pools)
      try {
        takeAddresses(taken, service, old)
        takePorts(taken, service, old)
        if (taken.errors.length > 0) throw invalid(services, service.metadata.name, taken.errors)
        return taken.reservation(service, old)
      } catch (error) {
        taken.rollback()
        throw error
      }
    },

    deleted(service: Service) {
      for (const address of addressesOf(service)) pools.addresses.release(address)
      for (const port of nodePortsOf(service)) pools.ports.release(port)
    },
  }
}

interface Pools { readonly addresses: IpPool; readonly ports: PortPool; readonly random: () => number }

/** What one write has taken so far. */
class Taken {
  readonly pools: Pools
  readonly addresses: string[] = []
  readonly ports: number[] = []
  readonly errors: FieldError[] = []

  constructor(pools: Pools) {
    this.pools = pools
  }

  rollback(): void {
    for (const address of this.addresses) this.pools.addresses.release(address)
    for (const port of this.ports) this.pools.ports.release(port)
  }

  /** What the new service no longer holds is free once the write is done, and only then. */
  reservation(service: Service, old: Service | undefined): Reservation {
    const addresses = new Set(addressesOf(service))
    const ports = new Set(nodePortsOf(service))
    return {
      rollback: () => this.rollback(),
      commit: () => {
        for (const address of addressesOf(old)) if (!addresses.has(address)) this.pools.addresses.release(address)
        for (const port of nodePortsOf(old)) if (!ports.has(port)) this.pools.ports.release(port)
      },
    }
  }
}

function takeAddresses(taken: Taken, service: Service, old: Service | undefined): void {
  const { spec } = service
  if (!wantsAddress(spec) || isHeadless(spec)) return
  const held = new Set(addressesOf(old))
  const { addresses } = taken.pools
  const asked = addressesOf(service)
  if (spec.ipFamilyPolicy === 'RequireDualStack') taken.errors.push({ type: 'Invalid', field: 'spec.ipFamilyPolicy', value: spec.ipFamilyPolicy, detail: 'this cluster is not configured for dual-stack services' })
  spec.ipFamilies?.forEach((family, i) => {
    if (family !== 'IPv4') taken.errors.push({ type: 'Invalid', field: `spec.ipFamilies[${i}]`, value: family, detail: 'not configured on this cluster' })
  })
  if (taken.errors.length > 0) return
  for (const address of asked.filter((one) => !held.has(one))) {
    const refusal = addresses.take(address)
    if (!refusal) taken.addresses.push(address)
    else taken.errors.push({ type: 'Invalid', field: 'spec.clusterIPs', value: asked, detail: `failed to allocate IP ${address}: ${refusal === 'taken' ? 'provided IP is already allocated' : `the provided network does not match the current range: the provided IP (${address}) is not in the valid range. The range of valid IPs is ${addresses.cidr}`}` })
  }
  if (asked.length > 0) return
  const address = addresses.takeAny(taken.pools.random())
  if (address === undefined) throw internal('failed to allocate a serviceIP: range is full')
  taken.addresses.push(address)
  spec.clusterIP = address
  spec.clusterIPs = [address]
}

function takePorts(taken: Taken, service: Service, old: Service | undefined): void {
  const { spec } = service
  const held = new Set(nodePortsOf(old))
  const { ports } = taken.pools
  const mine = new Set<number>()
  const take = (port: number, field: string): void => {
    if (held.has(port) || mine.has(port)) return
    const refusal = ports.take(port)
    if (refusal) taken.errors.push({ type: 'Invalid', field, value: port, detail: refusal === 'taken' ? 'provided port is already allocated' : `provided port is not in the valid range. The range of valid ports is ${ports.first}-${ports.last}` })
    else taken.ports.push(port)
    mine.add(port)
  }
  const takeAny = (): number => {
    const port = ports.takeAny(taken.pools.random())
    if (port === undefined) throw internal('failed to allocate a nodePort: range is full')
    taken.ports.push(port)
    mine.add(port)
    return port
  }
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.ports?.forEach((port, i) => { if (port.nodePort) take(port.nodePort, `spec.ports[${i}].nodePort`) })
  if (wantsNodePorts(spec)) {
    for (const port of spec.ports ?? []) {
      // The same port in another protocol of the same service gets the same number.
      port.nodePort ||= spec.ports?.find((other) => other.port === port.port && other.nodePort && other.protocol !== port.protocol)?.nodePort ?? takeAny()
    }
  }
  if (!wantsHealthPort(spec)) return
  if (spec.healthCheckNodePort) take(spec.healthCheckNodePort, 'spec.healthCheckNodePort')
  else spec.healthCheckNodePort = takeAny()
}
