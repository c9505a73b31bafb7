import type { NewRoute, Route } from '../host/links.ts'
import { familyOf, parseSubnet, type Subnet } from './addresses.ts'

/** Another node of the cluster: its pods, and where to send what is for them. */
export interface Peer {
  readonly podCIDRs: readonly string[]
  /** Of each family it has; it must be on a network we are on too. */
  readonly addresses: readonly string[]
}

export interface RouteChange { readonly set: readonly NewRoute[]; readonly remove: readonly NewRoute[] }

/**
 * What to do so that every peer's pods are reached through the peer and nothing else of ours is left. Pure. Ours are the
 * routes over a gateway to a part of the cluster's range: this node's own pods are reached without one.
 */
export const planPeerRoutes = (peers: readonly Peer[], routes: readonly Route[], clusterCIDRs: readonly Subnet[]): RouteChange => {
  const wanted = peers.flatMap(peerRoutes)
  const ours = routes.filter(route => route.via !== undefined && clusterCIDRs.some(cluster => within(route.to, cluster)))
  return {
    set: wanted.filter(({ to, via }) => !ours.some(route => route.to === to && route.via === via)),
    remove: ours.filter(route => !wanted.some(({ to }) => to === route.to)).map(({ to, via }) => ({ to, ...(via !== undefined && { via }) })),
  }
}

/** A pod CIDR without an address of its family cannot be reached, and has no route. */
const peerRoutes = ({ podCIDRs, addresses }: Peer): { to: string; via: string }[] =>
  podCIDRs.flatMap(cidr => {
    const subnet = parseSubnet(cidr)
    const via = addresses.find(address => familyOf(address) === subnet?.family)
    return subnet && via !== undefined ? [{ to: subnet.cidr, via }] : []
  })

const within = (cidr: string, cluster: Subnet): boolean => {
  const subnet = parseSubnet(cidr)
  return subnet?.family === cluster.family && subnet.first >= cluster.first && subnet.last <= cluster.last
}
