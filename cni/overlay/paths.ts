import type { Address, Link, Route } from '../../host/links.ts'
import { familyOf, inSubnet, parseSubnet, type Family, type Subnet } from '../addresses.ts'
import { isOverlayLink } from './vxlan-link.ts'

/** Another node of the cluster: its pods, and where to send what is for them. */
export interface Peer {
  readonly name: string
  /** One of each family at most. */
  readonly podCIDRs: readonly string[]
  /** Its `InternalIP`s, the first first. */
  readonly addresses: readonly string[]
}

/** `auto`: by pair, direct where both are on one network, else the tunnel. */
export const overlayModes = ['auto', 'host-gw', 'vxlan'] as const
export type OverlayMode = typeof overlayModes[number]

/** This node's network, as `Links` lists it. */
export interface NodeView {
  readonly links: readonly Link[]
  readonly addresses: readonly Address[]
  readonly routes: readonly Route[]
}

/** Through the tunnel to this address of the peer, which is reached by `dev`. */
export interface Tunnel { readonly host: string; readonly dev: string }

/** How the pods of one family on one peer are reached. */
export type Path = { readonly peer: Peer; readonly subnet: Subnet } & (
  /** Over the peer as a router: it is on a network of ours. The peer may see it otherwise and come to us by `tunnel`. */
  | { readonly kind: 'direct'; readonly via: string; readonly dev: string; readonly tunnel: Tunnel | undefined }
  | { readonly kind: 'vxlan'; readonly tunnel: Tunnel }
  | { readonly kind: 'none'; readonly why: string }
)

export interface PathOptions {
  readonly mode: OverlayMode
  /** Pods of this node. */
  readonly own: readonly Subnet[]
  readonly clusterCIDRs: readonly Subnet[]
}

/** Decides for every peer and family. Pure. What a Node object claims is believed only within the cluster's range and outside our own. */
export const choosePaths = (peers: readonly Peer[], view: NodeView, { mode, own, clusterCIDRs }: PathOptions): Path[] => {
  const claimed: Subnet[] = [...own]
  return [...peers].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(peer => peer.podCIDRs.flatMap((cidr): Path[] => {
    const subnet = parseSubnet(cidr)
    if (!subnet) return []
    const none = (why: string): Path[] => [{ peer, subnet, kind: 'none', why }]
    // Without a subnet of the family of our own nobody here would have a use for it.
    if (!own.some(({ family }) => family === subnet.family)) return []
    if (!clusterCIDRs.some(cluster => within(subnet, cluster))) return none(`${cidr} is not part of the cluster's pod network`)
    const other = claimed.find(other => overlap(other, subnet))
    if (other) return none(`${cidr} overlaps ${other.cidr}, which is another node's`)
    claimed.push(subnet)
    return [choosePath(peer, subnet, view, mode)]
  }))
}

const choosePath = (peer: Peer, subnet: Subnet, view: NodeView, mode: OverlayMode): Path => {
  const direct = mode === 'vxlan' ? undefined : directWay(peer, subnet.family, view)
  const tunnel = mode === 'host-gw' ? undefined : tunnelWay(peer, view)
  if (direct) return { peer, subnet, kind: 'direct', ...direct, tunnel }
  if (mode === 'host-gw') return { peer, subnet, kind: 'none', why: `no ${subnet.family} address of it is on a network of this node, which host-gw needs` }
  return tunnel ? { peer, subnet, kind: 'vxlan', tunnel } : { peer, subnet, kind: 'none', why: `there is no route to ${peer.addresses.join(' or ') || 'it, which has no address'}` }
}

/** The kernel itself would reach the peer without a router, over a link that has neighbours. */
const directWay = (peer: Peer, family: Family, view: NodeView): { via: string; dev: string } | undefined => {
  for (const via of peer.addresses.filter(address => familyOf(address) === family)) {
    const route = routeTo(view, via)
    if (!route || route.dev === undefined || route.via !== undefined || route.to === 'default' || isOwn(view, via)) continue
    if (hasNeighbours(view, route.dev)) return { via, dev: route.dev }
  }
  return undefined
}

/** WireGuard and other links without MAC addresses carry only what they were told to, which pods are not. */
const hasNeighbours = ({ links }: NodeView, dev: string): boolean => links.find(link => link.name === dev)?.mac !== undefined

/** IPv4 first, whatever the order of the addresses: both ends of a pair must come to the same tunnel. */
const tunnelWay = (peer: Peer, view: NodeView): Tunnel | undefined => {
  for (const host of [...peer.addresses].sort((a, b) => familyOf(a).localeCompare(familyOf(b)))) {
    const dev = routeTo(view, host)?.dev
    if (dev !== undefined && !isOwn(view, host)) return { host, dev }
  }
  return undefined
}

/** A peer with an address of ours is ourselves under another name, or a mistake: a route to it would be a loop. */
const isOwn = ({ addresses }: NodeView, address: string): boolean => addresses.some(own => own.address === address)

/** The kernel's choice: the longest prefix, then the lowest metric. Never through the pod network itself. */
const routeTo = ({ links, routes }: NodeView, address: string): Route | undefined => {
  const family = familyOf(address)
  const usable = routes.filter(route => route.family === family && !isOverlayLink(route.dev ?? '') && links.some(link => link.name === route.dev && link.up && !link.loopback))
  const matching = usable.flatMap(route => {
    if (route.to === 'default') return [{ route, prefix: 0 }]
    const subnet = parseSubnet(route.to)
    return subnet && inSubnet(subnet, address) ? [{ route, prefix: subnet.prefix }] : []
  })
  return matching.sort((a, b) => b.prefix - a.prefix || (a.route.metric ?? 0) - (b.route.metric ?? 0))[0]?.route
}

const within = (subnet: Subnet, cluster: Subnet): boolean => subnet.family === cluster.family && subnet.first >= cluster.first && subnet.last <= cluster.last
const overlap = (a: Subnet, b: Subnet): boolean => a.family === b.family && a.first <= b.last && b.first <= a.last
