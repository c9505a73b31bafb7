import { internal, invalid } from '../../../api/errors.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { validateClusterIPs } from '../../../api/kinds/validation/service-addresses.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { StorageHook } from '../storage-hooks.ts'
import type { Tools } from '../tools.ts'
import { createAddressRecords } from './address-records.ts'
import { keepServiceCIDR } from './default-service-cidr.ts'
import { followRanges } from './follow-ranges.ts'
import { IpPool } from './ip-pool.ts'
import { Pools } from './pools.ts'
import { createPortRecords } from './port-records.ts'
import { familyOf, settleFamilies } from './service-families.ts'
import type { Family } from './service-families.ts'
import { addressesOf, isHeadless, nodePortsOf, wantsAddress, wantsHealthPort, wantsNodePorts } from './service-spec.ts'
import type { RefusePort } from './taken.ts'
import { setAddresses, Taken } from './taken.ts'

export interface ServiceAllocatorOptions {
  /** The ranges of cluster IPs, one of each family at most; the first is the primary one. */
  readonly cidrs: readonly string[]
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
 * Who holds what is recorded in the store, an object for each address and port (`records.ts`). Memory follows that through the watch cache, so that it
 * knows what other servers of the same store have given out; what writes under way have taken is known to this server alone.
 */
export function createServiceAllocator({ cidrs, ports, random }: ServiceAllocatorOptions): ServiceAllocator {
  const pools = new Pools(cidrs, ports, random)
  const families = cidrs.map(familyOf)
  const loading = Promise.withResolvers<void>()
  loading.promise.catch(() => {})
  return {
    firstAddress: new IpPool(cidrs[0]!).first,

    async load(tools) {
      try {
        await followRanges(tools, pools.addresses, cidrs)
        const cache = tools.resources.cache(services)
        await cache.ready()
        for (const { key, object } of cache.peekAll()) warnOf(tools, pools, key, object as Service)
        cache.observe((current, previous) => pools.follow(current?.object as Service | undefined, previous?.object as Service | undefined))
        pools.addressRecords = createAddressRecords(tools, (address, held) => held ? pools.addresses.occupy(address) : pools.letGoAddress(address))
        pools.portRecords = createPortRecords(tools, (port, held) => held ? void pools.ports.take(port) : pools.letGoPort(port))
        await keepServiceCIDR(tools, cidrs)
        await Promise.all([pools.addressRecords.repair(), pools.portRecords.repair()])
        loading.resolve()
      } catch (error) {
        loading.reject(error)
        throw error
      }
    },

    prepare(service: Service, old: Service | undefined) {
      if (!wantsAddress(service.spec)) return
      const malformed = validateClusterIPs(service.spec)
      const errors = malformed.length > 0 ? malformed : settleFamilies(service, old, families)
      if (errors.length > 0) throw invalid(services, service.metadata.name, errors)
    },

    async begin(service: Service, old: Service | undefined, dryRun: boolean) {
      await loading.promise
      const taken = new Taken(pools, service)
      try {
        takeAddresses(taken, service, old)
        takePorts(taken, service, old, ports)
        takeHealthPort(taken, service, old, ports)
        if (!dryRun) await taken.record()
        return taken.reservation(old)
      } catch (error) {
        await taken.rollback()
        throw error
      }
    },

    async deleted(service: Service) {
      for (const address of addressesOf(service)) await pools.addressRecords!.remove(address, service)
      for (const port of nodePortsOf(service)) await pools.portRecords!.remove(port, service)
    },
  }
}

/** Tells of what should not be. */
function warnOf({ log }: Tools, pools: Pools, key: string, service: Service): void {
  for (const address of addressesOf(service)) {
    if (!pools.addresses.take(address)) continue
    log.warn({ service: key, address }, 'Found a cluster IP that is out of range or held twice')
    pools.addresses.occupy(address)
  }
  for (const port of nodePortsOf(service)) if (pools.ports.take(port)) log.warn({ service: key, port }, 'Found a node port that is out of range or held twice')
}

/** Takes what is asked for and was not held before, and draws what is lacking: one address of each family. */
function takeAddresses(taken: Taken, service: Service, old: Service | undefined): void {
  const { spec } = service
  if (!wantsAddress(spec) || isHeadless(spec)) return
  const held = new Set(addressesOf(old))
  const asked = addressesOf(service)
  // One of a time before families has an address all the same.
  const all = ((spec.ipFamilies ?? asked.map(familyOf)) as readonly Family[]).map((family, i) => {
    const address = asked[i]
    if (address === undefined) return taken.drawAddress(family)
    if (!held.has(address)) taken.address(address)
    return address
  })
  setAddresses(service, all)
}

function takePorts(taken: Taken, service: Service, old: Service | undefined, range: readonly [number, number]): void {
  const { spec } = service
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return
  const held = new Set(nodePortsOf(old))
  const refused = (i: number, value: number): RefusePort => (refusal) =>
    invalid(services, service.metadata.name, [{ type: 'Invalid', field: `spec.ports[${i}].nodePort`, value, detail: refusalText(refusal, range) }])
  spec.ports?.forEach(({ nodePort }, i) => {
    if (!nodePort || held.has(nodePort)) return
    taken.port(nodePort, refused(i, nodePort))
    held.add(nodePort)
  })
  if (!wantsNodePorts(spec)) return
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue
    // A new service gets one number for TCP and UDP of one port.
    const shared = old ? undefined : spec.ports!.find((other) => other.port === port.port && other.nodePort)?.nodePort
    port.nodePort = shared ?? taken.drawPort()
    if (port.nodePort === undefined) throw internal('failed to allocate a nodePort: range is full')
  }
}

/** The original says here that the server, not the service, is wrong. */
function takeHealthPort(taken: Taken, { spec }: Service, old: Service | undefined, range: readonly [number, number]): void {
  if (!wantsHealthPort(spec) || (old && wantsHealthPort(old.spec) && old.spec.healthCheckNodePort === spec.healthCheckNodePort)) return
  const asked = spec.healthCheckNodePort
  if (!asked) {
    spec.healthCheckNodePort = taken.drawPort()
    if (spec.healthCheckNodePort === undefined) throw internal('failed to allocate a HealthCheck NodePort 0: range is full')
    return
  }
  taken.port(asked, (refusal) => internal(`failed to allocate requested HealthCheck NodePort ${asked}: ${refusalText(refusal, range)}`))
}

const refusalText = (refusal: 'taken' | 'not in range', [first, last]: readonly [number, number]): string =>
  refusal === 'taken' ? 'provided port is already allocated' : `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
