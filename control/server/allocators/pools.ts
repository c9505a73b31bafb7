import type { Service } from '../../../api/types/core-v1/service.ts'
import type { AddressRecords } from './address-records.ts'
import { AddressSpace } from './address-space.ts'
import { PortPool } from './port-pool.ts'
import type { PortRecords } from './port-records.ts'
import { nodePortsOf } from './service-spec.ts'

/** What is free. A number is taken while somebody holds it for good, or a write under way has taken it. */
export class Pools {
  readonly addresses = new AddressSpace()
  readonly ports: PortPool
  readonly random: () => number
  addressRecords: AddressRecords | undefined
  portRecords: PortRecords | undefined
  /** Of writes under way. */
  readonly pendingAddresses = new Set<string>()
  readonly pendingPorts = new Set<number>()
  /** How many services hold a port. */
  readonly #holders = new Map<number, number>()

  constructor(cidrs: readonly string[], [first, last]: readonly [number, number], random: () => number) {
    for (const cidr of cidrs) this.addresses.add(cidr)
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
    if (!this.pendingAddresses.has(address) && !this.addressRecords?.has(address)) this.addresses.release(address)
  }

  letGoPort(port: number): void {
    if (!this.pendingPorts.has(port) && !this.#holders.has(port) && !this.portRecords?.has(port)) this.ports.release(port)
  }
}
