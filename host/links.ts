/**
 * Links, addresses, routes and neighbours of one network namespace: ours, or the one it was opened in. Two
 * implementations: rtnetlink (`netlink/netlink-links.ts`) and the `ip` command (`ip-links.ts`); one suite proves both.
 */
export interface Links {
  list(): Promise<Link[]>
  get(name: string): Promise<Link | undefined>
  addBridge(bridge: NewBridge): Promise<void>
  addVeth(veth: NewVeth): Promise<void>
  addVxlan(vxlan: NewVxlan): Promise<void>
  set(name: string, change: LinkChange): Promise<void>
  /** False when there was none. Deleting one end of a veth takes the other with it. Slow in the kernel, never on our event loop. */
  delete(name: string): Promise<boolean>
  /** Global and link-local ones, of one link or of all. */
  addresses(name?: string): Promise<Address[]>
  /** `cidr` is the address with its prefix length (`10.0.0.1/24`). Rejects with EEXIST when it is there already. */
  addAddress(name: string, cidr: string): Promise<void>
  /** False when it was not there. */
  deleteAddress(name: string, cidr: string): Promise<boolean>
  /** Unicast routes of the main table. */
  routes(): Promise<Route[]>
  /** Adds or replaces. */
  setRoute(route: NewRoute): Promise<void>
  /** False when it was not there. */
  deleteRoute(route: NewRoute): Promise<boolean>
  neighbours(name?: string): Promise<Neighbour[]>
  /** Adds or replaces a permanent entry. */
  setNeighbour(neighbour: { readonly dev: string; readonly address: string; readonly mac: string }): Promise<void>
  /** False when it was not there. */
  deleteNeighbour(neighbour: { readonly dev: string; readonly address: string }): Promise<boolean>
  /** The forwarding table of a vxlan link: behind which host a MAC address lives. Entries that lead to no host are left out. */
  forwarding(name: string): Promise<ForwardingEntry[]>
  /** Adds or replaces a permanent entry; rejects with EAFNOSUPPORT when `host` is not of the family the link tunnels over. */
  setForwarding(entry: ForwardingEntry): Promise<void>
  /** False when it was not there. */
  deleteForwarding(entry: ForwardingEntry): Promise<boolean>
  close(): void
}

/** Opens the links of a namespace given by its path; without one, of our own. */
export type OpenLinks = (netns?: string) => Links

export interface Link {
  readonly index: number
  readonly name: string
  /** `bridge`, `veth`, …; `undefined` for a plain device. */
  readonly kind: string | undefined
  readonly mac: string | undefined
  readonly mtu: number
  readonly up: boolean
  readonly loopback: boolean
  /** Index of the bridge it is a port of. */
  readonly master: number | undefined
  /** Index of the other end of a veth, in its own namespace. */
  readonly peer: number | undefined
  /** Of a vxlan link. */
  readonly vxlan?: VxlanSettings
}

export interface VxlanSettings {
  /** The virtual network identifier, 24 bits. */
  readonly vni: number
  /** UDP port, here and at the others. */
  readonly port: number
  /** Does it note by itself behind which host a MAC address lives? */
  readonly learning: boolean
}

export interface NewVxlan extends VxlanSettings {
  readonly name: string
  /** Of the addresses of the hosts it tunnels to: one link knows one family. The kernel does not tell it again. */
  readonly underlay: 'IPv4' | 'IPv6'
  readonly mtu?: number
  readonly mac?: string
  readonly up?: boolean
}

export interface NewBridge {
  readonly name: string
  readonly mtu?: number
  /** A fixed one keeps the bridge from changing its address with every port that comes and goes. */
  readonly mac?: string
  readonly up?: boolean
}

export interface NewVeth {
  readonly name: string
  readonly mtu?: number
  readonly mac?: string
  readonly up?: boolean
  /** Name of a bridge to make it a port of. */
  readonly master?: string
  /**
   * The other end, made inside `netns` (moving it there afterwards costs twenty times as much). It begins down: the
   * kernel cannot bring up an end whose other end is not joined to it yet.
   */
  readonly peer: { readonly name: string; readonly netns?: string; readonly mac?: string }
}

export interface LinkChange {
  readonly up?: boolean
  readonly mtu?: number
  readonly mac?: string
  /** Name of a bridge; `null` leaves it. */
  readonly master?: string | null
  /** Bridge port: may a frame go back out where it came from (a pod reaching itself through its Service)? */
  readonly hairpin?: boolean
}

export interface Address {
  readonly dev: string
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
  readonly prefix: number
  readonly scope: 'global' | 'link' | 'host' | 'site'
}

export interface NewRoute {
  /** A CIDR, or `default` (whose family the gateway tells). */
  readonly to: string
  readonly via?: string
  readonly dev?: string
  readonly src?: string
  readonly metric?: number
  /** The gateway is taken to be on `dev`, whatever the addresses there say. */
  readonly onlink?: boolean
  /** Who made it (`/etc/iproute2/rt_protos`), by which one knows one's own again. Default 3, `boot`. */
  readonly protocol?: number
}

/** A listed route; one with several next hops is listed once for each. */
export interface Route extends NewRoute {
  readonly family: 'IPv4' | 'IPv6'
}

export interface Neighbour {
  readonly dev: string
  readonly address: string
  readonly mac: string | undefined
  /** Set by somebody, for good; not found out. */
  readonly permanent: boolean
}

export interface ForwardingEntry {
  readonly dev: string
  readonly mac: string
  /** Address of the host. */
  readonly host: string
}

/**
 * The one error of this edge. `code` is the errno as a word: `EEXIST`, `ENODEV`, `ENETUNREACH`, `EPERM`, `EINVAL`, …
 * The message is a sentence with the kernel's own explanation where it gives one.
 */
export class LinkError extends Error {
  override readonly name = 'LinkError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
