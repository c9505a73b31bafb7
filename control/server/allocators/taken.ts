import { ApiError, internal, invalid } from '../../../api/errors.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { canonicalIP } from '../../../api/kinds/validation/ip.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Reservation } from '../storage-hooks.ts'
import type { IpRefusal } from './ip-pool.ts'
import type { Pools } from './pools.ts'
import type { PortRefusal } from './port-pool.ts'
import type { Family } from './service-families.ts'
import { addressesOf, nodePortsOf } from './service-spec.ts'

/** The error for a port that cannot be had. */
export type RefusePort = (refusal: PortRefusal) => ApiError

/** What one write of a service has taken so far. */
export class Taken {
  readonly #pools: Pools
  readonly #service: Service
  readonly #addresses = new Set<string>()
  readonly #recorded = new Set<string>()
  readonly #ports = new Set<number>()
  readonly #recordedPorts = new Set<number>()
  /** The families of addresses that were not asked for but drawn. */
  readonly #drawn = new Map<string, Family>()
  /** How to say that ports that were asked for cannot be had. */
  readonly #asked = new Map<number, RefusePort>()

  constructor(pools: Pools, service: Service) {
    this.#pools = pools
    this.#service = service
  }

  /** Takes a certain address; throws when it cannot be had. */
  address(address: string): void {
    const refusal = this.#pools.addresses.take(address)
    if (refusal) throw this.#cannot(address, refusal)
    this.#keepAddress(address)
  }

  /** Takes any address of a family; throws when all are taken. */
  drawAddress(family: Family): string {
    const address = this.#pools.addresses.takeAny(family, this.#pools.random())
    if (address === undefined) throw internal('failed to allocate a serviceIP: range is full')
    this.#keepAddress(address)
    this.#drawn.set(address, family)
    return address
  }

  /** Takes a certain port; throws what `refuse` makes of it when it cannot be had. */
  port(port: number, refuse: RefusePort): void {
    const refusal = this.#pools.ports.take(port)
    if (refusal) throw refuse(refusal)
    this.#keepPort(port)
    this.#asked.set(port, refuse)
  }

  /** Undefined when all are taken. */
  drawPort(): number | undefined {
    const port = this.#pools.ports.takeAny(this.#pools.random())
    if (port !== undefined) this.#keepPort(port)
    return port
  }

  /** Writes down who holds what. When another server of the same store was faster, another is drawn, or the write refused. */
  async record(): Promise<void> {
    await this.#recordAddresses()
    await this.#recordPorts()
  }

  async #recordAddresses(): Promise<void> {
    for (const address of this.#addresses) {
      if (await this.#pools.addressRecords!.write(address, this.#service)) {
        this.#recorded.add(address)
        continue
      }
      const family = this.#drawn.get(address)
      if (family === undefined) throw this.#cannot(address, 'taken')
      this.#dropAddress(address)
      // What is added to a set while it is walked is walked, too.
      const { spec } = this.#service
      const another = this.drawAddress(family)
      setAddresses(this.#service, spec.clusterIPs!.map((one) => (one === address ? another : one)))
    }
  }

  async #recordPorts(): Promise<void> {
    for (const port of this.#ports) {
      if (await this.#pools.portRecords!.write(port, this.#service)) {
        this.#recordedPorts.add(port)
        continue
      }
      const refuse = this.#asked.get(port)
      if (refuse) throw refuse('taken')
      this.#dropPort(port)
      const another = this.drawPort()
      if (another === undefined) throw internal('failed to allocate a nodePort: range is full')
      replacePort(this.#service, port, another)
    }
  }

  async rollback(): Promise<void> {
    for (const port of this.#recordedPorts) await this.#pools.portRecords!.remove(port, this.#service)
    for (const address of this.#recorded) await this.#pools.addressRecords!.remove(address, this.#service)
    this.#settle()
  }

  /** What the new service no longer holds is free once the write is done, and only then. */
  reservation(old: Service | undefined): Reservation {
    const addresses = new Set(addressesOf(this.#service).map(canonicalIP))
    const ports = new Set(nodePortsOf(this.#service))
    return {
      rollback: () => this.rollback(),
      commit: async () => {
        this.#settle()
        for (const address of addressesOf(old)) if (!addresses.has(canonicalIP(address))) await this.#pools.addressRecords!.remove(address, old!)
        for (const port of nodePortsOf(old)) if (!ports.has(port)) await this.#pools.portRecords!.remove(port, old!)
      },
    }
  }

  #cannot(address: string, refusal: IpRefusal): ApiError {
    const detail = `failed to allocate IP ${address}: ${refusal === 'taken' ? 'provided IP is already allocated' : 'the provided network does not match the current range'}`
    return invalid(services, this.#service.metadata.name, [{ type: 'Invalid', field: 'spec.clusterIPs', value: this.#service.spec.clusterIPs, detail }])
  }

  /** From here on memory and store agree. */
  #settle(): void {
    for (const address of this.#addresses) this.#dropAddress(address)
    for (const port of this.#ports) this.#dropPort(port)
  }

  #keepAddress(address: string): void {
    const text = canonicalIP(address)
    this.#addresses.add(text)
    this.#pools.pendingAddresses.add(text)
  }

  #dropAddress(address: string): void {
    this.#addresses.delete(address)
    this.#pools.pendingAddresses.delete(address)
    this.#pools.letGoAddress(address)
  }

  #dropPort(port: number): void {
    this.#ports.delete(port)
    this.#pools.pendingPorts.delete(port)
    this.#pools.letGoPort(port)
  }

  #keepPort(port: number): void {
    this.#ports.add(port)
    this.#pools.pendingPorts.add(port)
  }
}

/** `clusterIP` is the first of `clusterIPs`. */
export function setAddresses({ spec }: Service, addresses: string[]): void {
  spec.clusterIPs = addresses
  spec.clusterIP = addresses[0]!
}

/** TCP and UDP of one port may share a number. */
function replacePort({ spec }: Service, from: number, to: number): void {
  for (const port of spec.ports ?? []) if (port.nodePort === from) port.nodePort = to
  if (spec.healthCheckNodePort === from) spec.healthCheckNodePort = to
}
