import { addressBytes, contains, network, type Network } from './addresses.ts'
import type { Bytes } from './message.ts'

const loopback = ['127.0.0.0/8', '::1/128'].map(network)

/**
 * Who belongs to the cluster: its pods by their networks, its nodes by their addresses, and this machine. Others get no
 * answer, so that nobody's resolver serves the world or is turned against a third party.
 */
export class Membership {
  readonly #networks: readonly Network[]
  readonly #nodes = new Map<string, readonly Bytes[]>()
  readonly #known = new Map<string, boolean>()
  #nodeAddresses = new Set<Bytes>()

  constructor(podNetworks: readonly string[]) {
    this.#networks = podNetworks.map(network)
  }

  /** The addresses of a node, in text; none: it is gone. */
  setNode(name: string, addresses: readonly string[]): void {
    const bytes = addresses.flatMap((text) => addressBytes(text) ?? [])
    if (bytes.join('/') === (this.#nodes.get(name) ?? []).join('/')) return
    if (bytes.length) this.#nodes.set(name, bytes)
    else this.#nodes.delete(name)
    this.#nodeAddresses = new Set([...this.#nodes.values()].flat())
    this.#known.clear()
  }

  /** Whether an address is a pod's or a node's. */
  has(address: Bytes): boolean {
    return this.#nodeAddresses.has(address) || this.#networks.some((each) => contains(each, address))
  }

  /** Whether a peer may ask, by its address as sockets say it: a member, or this machine itself. The answer is remembered: it is asked for every packet. */
  hasPeer(text: string): boolean {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const address = addressBytes(text.replace(/^::ffff:(?=\d+\.)/i, ''))
    const member = address !== undefined && (this.has(address) || loopback.some((each) => contains(each, address)))
    if (this.#known.size >= 4096) this.#known.clear()
    this.#known.set(text, member)
    return member
  }
}
