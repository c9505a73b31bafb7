import type { ForwardingEntry, Link, Neighbour, NewRoute, NewVxlan, Route } from '../../host/links.ts'
import { familyOf, gatewayOf, type Family, type Subnet } from '../addresses.ts'
import type { NodeView, OverlayMode, Path, Tunnel } from './paths.ts'
import { isOverlayLink, overlayLink, overlayFamilies, overlayLinkName, tunnelAddress, tunnelMac, tunnelNextHop, vxlanOverhead, type VxlanOptions } from './vxlan-link.ts'

/** By this we know our own routes again (`proto 244` in `ip route`); those of others are never touched. */
export const routeProtocol = 244

export interface OverlayWorld extends NodeView {
  /** Of the tunnel's links. */
  readonly neighbours: readonly Neighbour[]
  readonly forwarding: readonly ForwardingEntry[]
}

/** What to do, in this order: links, then what leads over them. Everything empty when all is right. */
export interface OverlayPlan {
  readonly deleteLinks: readonly string[]
  readonly addLinks: readonly NewVxlan[]
  readonly setLinks: readonly { readonly name: string; readonly mtu: number }[]
  readonly addAddresses: readonly { readonly dev: string; readonly cidr: string }[]
  readonly deleteRoutes: readonly NewRoute[]
  readonly deleteNeighbours: readonly { readonly dev: string; readonly address: string }[]
  readonly deleteForwarding: readonly ForwardingEntry[]
  readonly setForwarding: readonly ForwardingEntry[]
  readonly setNeighbours: readonly { readonly dev: string; readonly address: string; readonly mac: string }[]
  readonly setRoutes: readonly NewRoute[]
}

export interface PlanOptions {
  readonly own: readonly Subnet[]
  readonly vxlan: VxlanOptions
}

/** Makes routes, neighbours, forwarding entries and tunnel links equal to what the paths ask for. Pure. */
export const planOverlay = (paths: readonly Path[], world: OverlayWorld, { own, vxlan }: PlanOptions): OverlayPlan => {
  const mac = tunnelMac(own)
  const wanted = mac === undefined ? [] : tunnelMtus(paths, world).map(({ underlay, mtu }) => overlayLink(underlay, mac, mtu, vxlan))
  const mine = tunnelAddress(own)
  const present = world.links.filter(link => isOverlayLink(link.name))
  const keep = present.filter(link => wanted.some(other => sameLink(link, other)))
  // What a link that goes, or comes anew, had or has not is not counted: the kernel takes it along.
  const kept = <T extends { readonly dev?: string }>(entry: T): boolean => keep.some(link => link.name === entry.dev)

  const neighbours = unique(paths.flatMap(neighbourOf), ({ dev, address }) => `${dev} ${address}`)
  const forwarding = unique(paths.flatMap(forwardingOf), ({ dev, mac }) => `${dev} ${mac}`)
  const routes = paths.flatMap(path => routeOf(path, own))
  const heldNeighbours = world.neighbours.filter(neighbour => neighbour.permanent && kept(neighbour))
  const heldForwarding = world.forwarding.filter(kept)
  const heldRoutes = world.routes.filter(route => route.protocol === routeProtocol && (!isOverlayLink(route.dev ?? '') || kept(route)))
  return {
    deleteLinks: present.filter(link => !keep.includes(link)).map(link => link.name),
    addLinks: wanted.filter(link => !keep.some(other => other.name === link.name)),
    setLinks: wanted.flatMap(({ name, mtu }) => keep.some(link => link.name === name && (link.mtu !== mtu || !link.up)) ? [{ name, mtu: mtu! }] : []),
    // Without one `rp_filter` is strict whatever its value, and a peer that answers directly is not heard.
    addAddresses: mine === undefined ? [] : wanted.filter(({ name }) => !world.addresses.some(({ dev, address }) => dev === name && address === mine && keep.some(link => link.name === dev))).map(({ name }) => ({ dev: name, cidr: `${mine}/32` })),
    // One that leads elsewhere than it shall is replaced in one step, not deleted; a second one beside the right one goes.
    deleteRoutes: heldRoutes.filter(held => {
      const right = routes.find(route => route.to === held.to)
      return !right || (!sameRoute(held, right) && heldRoutes.some(other => sameRoute(other, right)))
    }).map(toDelete),
    deleteNeighbours: heldNeighbours.filter(held => !neighbours.some(other => other.dev === held.dev && other.address === held.address)).map(({ dev, address }) => ({ dev, address })),
    deleteForwarding: heldForwarding.filter(held => !forwarding.some(other => other.dev === held.dev && other.mac === held.mac)),
    setForwarding: forwarding.filter(entry => !heldForwarding.some(held => held.dev === entry.dev && held.mac === entry.mac && held.host === entry.host)),
    setNeighbours: neighbours.filter(entry => !heldNeighbours.some(held => held.dev === entry.dev && held.address === entry.address && held.mac === entry.mac)),
    setRoutes: routes.filter(route => !heldRoutes.some(held => sameRoute(held, route))),
  }
}

/** What a pod may send so that it fits every way out: that of the default route, those to the peers, and their tunnels. */
export const podMtu = (paths: readonly Path[], view: NodeView, mode: OverlayMode): number | undefined => {
  const [uplink] = view.routes.filter(route => route.to === 'default').sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
  const ways = [
    // With `vxlan` every peer will need the tunnel, also the first one to come.
    ...mtuOf(view, uplink?.dev).map(mtu => mtu - (mode === 'vxlan' ? vxlanOverhead(uplink!.family) : 0)),
    ...paths.flatMap(path => path.kind === 'direct' ? mtuOf(view, path.dev) : path.kind === 'vxlan' ? throughTunnel(view, path.tunnel) : []),
  ]
  return ways.length === 0 ? undefined : Math.min(...ways)
}

/** The links of the tunnel and what they carry: of every family by which a peer is reached or may reach us. */
const tunnelMtus = (paths: readonly Path[], view: NodeView): { underlay: Family; mtu: number }[] =>
  overlayFamilies.flatMap(underlay => {
    const tunnels = paths.flatMap(path => path.kind === 'none' || path.tunnel === undefined ? [] : [path.tunnel]).filter(({ host }) => familyOf(host) === underlay)
    return tunnels.length === 0 ? [] : [{ underlay, mtu: Math.min(...tunnels.flatMap(tunnel => throughTunnel(view, tunnel))) }]
  })

const throughTunnel = (view: NodeView, { host, dev }: Tunnel): number[] => mtuOf(view, dev).map(mtu => mtu - vxlanOverhead(familyOf(host)))
const mtuOf = ({ links }: NodeView, dev: string | undefined): number[] => links.filter(link => link.name === dev).map(link => link.mtu)

const sameLink = (link: Link, wanted: NewVxlan): boolean =>
  link.name === wanted.name && link.kind === 'vxlan' && link.mac === wanted.mac && link.vxlan?.vni === wanted.vni && link.vxlan.port === wanted.port && !link.vxlan.learning

const routeOf = (path: Path, own: readonly Subnet[]): NewRoute[] => {
  if (path.kind === 'none') return []
  const { subnet } = path
  if (path.kind === 'direct') return [{ to: subnet.cidr, via: path.via, dev: path.dev, protocol: routeProtocol }]
  const mac = tunnelMac(path.peer.podCIDRs)
  const mine = own.find(({ family }) => family === subnet.family)
  if (mac === undefined || !mine) return []
  return [{
    to: subnet.cidr, via: tunnelNextHop(subnet, mac), dev: overlayLinkName(familyOf(path.tunnel.host)), protocol: routeProtocol,
    // What the node itself sends has an address that the peer answers through the tunnel, as it does to pods.
    src: gatewayOf(mine), ...(subnet.family === 'IPv4' && { onlink: true }),
  }]
}

const neighbourOf = (path: Path) => {
  const mac = tunnelMac(path.peer.podCIDRs)
  return path.kind !== 'vxlan' || mac === undefined ? [] : [{ dev: overlayLinkName(familyOf(path.tunnel.host)), address: tunnelNextHop(path.subnet, mac), mac }]
}

const forwardingOf = (path: Path): ForwardingEntry[] => {
  const mac = tunnelMac(path.peer.podCIDRs)
  return path.kind !== 'vxlan' || mac === undefined ? [] : [{ dev: overlayLinkName(familyOf(path.tunnel.host)), mac, host: path.tunnel.host }]
}

const sameRoute = (held: Route, wanted: NewRoute): boolean =>
  held.to === wanted.to && held.dev === wanted.dev && held.via === wanted.via && held.src === wanted.src && (held.onlink ?? false) === (wanted.onlink ?? false)

const toDelete = ({ to, via, dev, protocol, metric }: Route): NewRoute => ({
  to, ...(via !== undefined && { via }), ...(dev !== undefined && { dev }), ...(protocol !== undefined && { protocol }), ...(metric !== undefined && { metric }),
})

const unique = <T>(entries: readonly T[], key: (entry: T) => string): T[] => [...new Map(entries.map(entry => [key(entry), entry])).values()]
