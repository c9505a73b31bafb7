import { internal, invalid } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Reservation, StorageHook } from '../storage-hooks.ts'
import type { Tools } from '../tools.ts'
import { createAddressRecords } from './address-records.ts'
import type { AddressRecords } from './address-records.ts'
import { keepServiceCIDR } from './default-service-cidr.ts'
import { IpPool } from './ip-pool.ts'
import type { IpRefusal } from './ip-pool.ts'
import { PortPool } from './port-pool.ts'
import type { PortRefusal } from './port-pool.ts'
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
  /** Learns what is held already, and follows it from then on; writes of services wait for it. */
  load(tools: Tools): Promise<void>
}

/**
 * Addresses are held by `IPAddress` objects (`address-records.ts`), node ports by the services themselves. Memory follows both through the watch cache, so that it
 * knows what other servers of the same store have given out; what writes under way have taken is known to this server alone.
 */
export function createServiceAllocator({ cidr, ports, random }: ServiceAllocatorOptions): ServiceAllocator {
  const pools = new Pools(cidr, ports, random)
  const loading = Promise.withResolvers<void>()
  loading.promise.catch(() => {})
  return {
    firstAddress: pools.addresses.first,

    async load(tools) {
      try {
        const cache = tools.resources.cache(services)
        await cache.ready()
        for (const { key, object } of cache.peekAll()) warnOf(tools, pools, key, object as Service)
        cache.observe((current, previous) => pools.follow(current?.object as Service | undefined, previous?.object as Service | undefined))
        pools.records = createAddressRecords(tools, (address, held) => held ? pools.addresses.take(address) : pools.letGoAddress(address))
        await keepServiceCIDR(tools, cidr)
        await pools.records.repair()
        loading.resolve()
      } catch (error) {
        loading.reject(error)
        throw error
      }
    },

    async begin(service: Service, old: Service | undefined, dryRun: boolean) {
      await loading.promise
      const taken = new Taken(pools, service)
      try {
        takeAddresses(taken, service, old)
        takePorts(taken, service, old)
        if (taken.errors.length > 0) throw invalid(services, service.metadata.name, taken.errors)
        if (!dryRun) await taken.record()
        return taken.reservation(old)
      } catch (error) {
        await taken.rollback()
        throw error
      }
    },

    async deleted(service: Service) {
      for (const address of addressesOf(service)) await pools.records!.remove(address, service)
    },
  }
}

/** What is free. A number is taken while somebody holds it for good, or a write under way has taken it. */
class Pools {
  readonly addresses: IpPool
  readonly ports: PortPool
  readonly random: () => number
  records: AddressRecords | undefined
  /** Of writes under way. */
  readonly pendingAddresses = new Set<string>()
  readonly pendingPorts = new Set<number>()
  /** How many services hold a port. */
  readonly #holders = new Map<number, number>()

  constructor(cidr: string, [first, last]: readonly [number, number], random: () => number) {
    this.addresses = new IpPool(cidr)
    this.ports = new PortPool(first, last)
    this.random = random
  }

  /** A service is another now. */
  follow(current: Service | undefined, previous: Service | undefined): void {
    for (const port of nodePortsOf(current)) {
      this.#holders.set(port, (this.#holders.get(port) ?? 0) + 1)
      this.ports.take(port)
    }
    for (const port of nodePortsOf(previous)) {
      const others = (this.#holders.get(port) ?? 1) - 1
      if (others > 0) this.#holders.set(port, others)
      else this.#holders.delete(port)
      this.letGoPort(port)
    }
  }

  letGoAddress(address: string): void {
    if (!this.pendingAddresses.has(address) && !this.records?.has(address)) this.addresses.release(address)
  }

  letGoPort(port: number): void {
    if (!this.pendingPorts.has(port) && !this.#holders.has(port)) this.ports.release(port)
  }
}

/** Tells of what should not be. */
function warnOf({ log }: Tools, pools: Pools, key: string, service: Service): void {
  for (const address of addressesOf(service)) if (pools.addresses.take(address)) log.warn({ service: key, address }, 'Found a cluster IP that is out of range or held twice')
  for (const port of nodePortsOf(service)) if (pools.ports.take(port)) log.warn({ service: key, port }, 'Found a node port that is out of range or held twice')
}

/** What one write has taken so far. */
class Taken {
  readonly pools: Pools
  readonly service: Service
  readonly errors: FieldError[] = []
  readonly #addresses = new Set<string>()
  readonly #recorded = new Set<string>()
  readonly #ports = new Set<number>()
  /** The address that was not asked for but drawn. */
  #drawn: string | undefined

  constructor(pools: Pools, service: Service) {
    this.pools = pools
    this.service = service
  }

  address(address: string): IpRefusal | undefined {
    const refusal = this.pools.addresses.take(address)
    if (!refusal) this.#keepAddress(address)
    return refusal
  }

  drawAddress(): void {
    const address = this.pools.addresses.takeAny(this.pools.random())
    if (address === undefined) throw internal('failed to allocate a serviceIP: range is full')
    this.#keepAddress(address)
    this.#drawn = address
    this.service.spec.clusterIP = address
    this.service.spec.clusterIPs = [address]
  }

  port(port: number): PortRefusal | undefined {
    const refusal = this.pools.ports.take(port)
    if (!refusal) this.#keepPort(port)
    return refusal
  }

  drawPort(): number {
    const port = this.pools.ports.takeAny(this.pools.random())
    if (port === undefined) throw internal('failed to allocate a nodePort: range is full')
    this.#keepPort(port)
    return port
  }

  /** Writes down who holds the addresses. When another server of the same store was faster, another is drawn, or the write refused. */
  async record(): Promise<void> {
    for (const address of this.#addresses) {
      if (await this.pools.records!.write(address, this.service)) {
        this.#recorded.add(address)
        continue
      }
      if (address !== this.#drawn) throw invalid(services, this.service.metadata.name, [allocated(this.service, address)])
      this.#dropAddress(address)
      // What is added to a set while it is walked is walked, too.
      this.drawAddress()
    }
  }

  async rollback(): Promise<void> {
    for (const address of this.#recorded) await this.pools.records!.remove(address, this.service)
    this.#settle()
  }

  /** What the new service no longer holds is free once the write is done, and only then. */
  reservation(old: Service | undefined): Reservation {
    const addresses = new Set(addressesOf(this.service))
    return {
      rollback: () => this.rollback(),
      commit: async () => {
        this.#settle()
        for (const address of addressesOf(old)) if (!addresses.has(address)) await this.pools.records!.remove(address, old!)
      },
    }
  }

  /** From here on memory and store agree. */
  #settle(): void {
    for (const address of this.#addresses) this.#dropAddress(address)
    for (const port of this.#ports) {
      this.pools.pendingPorts.delete(port)
      this.pools.letGoPort(port)
    }
  }

  #keepAddress(address: string): void {
    this.#addresses.add(address)
    this.pools.pendingAddresses.add(address)
  }

  #dropAddress(address: string): void {
    this.#addresses.delete(address)
    this.pools.pendingAddresses.delete(address)
    this.pools.letGoAddress(address)
  }

  #keepPort(port: number): void {
    this.#ports.add(port)
    this.pools.pendingPorts.add(port)
  }
}

const allocated = (service: Service, address: string): FieldError =>
  ({ type: 'Invalid', field: 'spec.clusterIPs', value: addressesOf(service), detail: `failed to allocate IP ${address}: provided IP is already allocated` })

function takeAddresses(taken: Taken, service: Service, old: Service | undefined): void {
  const { spec } = service
  if (!wantsAddress(spec) || isHeadless(spec)) return
  const held = new Set(addressesOf(old))
  const asked = addressesOf(service)
  if (spec.ipFamilyPolicy === 'RequireDualStack') taken.errors.push({ type: 'Invalid', field: 'spec.ipFamilyPolicy', value: spec.ipFamilyPolicy, detail: 'this cluster is not configured for dual-stack services' })
  spec.ipFamilies?.forEach((family, i) => {
    if (family !== 'IPv4') taken.errors.push({ type: 'Invalid', field: `spec.ipFamilies[${i}]`, value: family, detail: 'not configured on this cluster' })
  })
  if (taken.errors.length > 0) return
  for (const address of asked.filter((one) => !held.has(one))) {
    const refusal = taken.address(address)
    if (refusal === 'taken') taken.errors.push(allocated(service, address))
    else if (refusal) taken.errors.push({ type: 'Invalid', field: 'spec.clusterIPs', value: asked, detail: `failed to allocate IP ${address}: the provided network does not match the current range` })
  }
  if (asked.length === 0) taken.drawAddress()
}

function takePorts(taken: Taken, service: Service, old: Service | undefined): void {
  const { spec } = service
  const held = new Set(nodePortsOf(old))
  const { ports } = taken.pools
  const mine = new Set<number>()
  const take = (port: number, field: string): void => {
    if (held.has(port) || mine.has(port)) return
    const refusal = taken.port(port)
    if (refusal) taken.errors.push({ type: 'Invalid', field, value: port, detail: refusal === 'taken' ? 'provided port is already allocated' : `provided port is not in the valid range. The range of valid ports is ${ports.first}-${ports.last}` })
    mine.add(port)
  }
  const takeAny = (): number => {
    const port = taken.drawPort()
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
