import type { NewVxlan } from '../../host/links.ts'
import { formatAddress, macOf, parseSubnet, type Family, type Subnet } from '../addresses.ts'

/** Numbers that all nodes of a cluster share. */
export interface VxlanOptions {
  readonly vni: number
  readonly port: number
}

/**
 * The port is the kernel's own default, which firewalls for Kubernetes are opened for (flannel's); the identifier is not
 * flannel's 1, so that a `flannel.1` left on the machine is not in the way.
 */
export const vxlanDefaults: VxlanOptions = { vni: 244, port: 8472 }

/** A vxlan link tunnels over one family: one link for each in use. */
export const overlayLinkName = (underlay: Family): string => underlay === 'IPv4' ? 'k8ts-vxlan' : 'k8ts-vxlan6'
export const overlayFamilies: readonly Family[] = ['IPv4', 'IPv6']
export const isOverlayLink = (name: string): boolean => overlayFamilies.some(underlay => overlayLinkName(underlay) === name)

/** What the tunnel takes from every packet: the outer headers (IP, UDP 8, vxlan 8) and the inner Ethernet header. */
export const vxlanOverhead = (underlay: Family): number => underlay === 'IPv4' ? 50 : 70

/**
 * The MAC address of a node's end of the tunnel follows from its pod CIDRs, which everybody knows from the Node object:
 * nobody has to announce it, and no node needs leave to write. IPv4: `0a:58` and the network's address, which no pod
 * has. IPv6 alone: `0a:59` and the four bytes before the host's part, in which the nodes of a cluster differ.
 */
export const tunnelMac = (podCIDRs: readonly (string | Subnet)[]): string | undefined => {
  const subnets = podCIDRs.map(cidr => typeof cidr === 'string' ? parseSubnet(cidr) : cidr).filter(subnet => subnet !== undefined)
  const [v4, v6] = [subnets.find(({ family }) => family === 'IPv4'), subnets.find(({ family }) => family === 'IPv6')]
  if (v4) return macOf(formatAddress(v4.first, 'IPv4'))
  if (!v6) return undefined
  const number = (v6.first >> BigInt(128 - v6.prefix)) & 0xffffffffn
  return `0a:59:${number.toString(16).padStart(8, '0').replace(/(..)(?=.)/g, '$1:')}`
}

/** Of this node's end: the address of its pod network, which no pod has. `undefined` without IPv4. */
export const tunnelAddress = (own: readonly Subnet[]): string | undefined => {
  const v4 = own.find(({ family }) => family === 'IPv4')
  return v4 && formatAddress(v4.first, 'IPv4')
}

/**
 * The next hop behind the tunnel. IPv4: the address of the peer's pod network, said to be on the link. IPv6: the
 * link-local address that belongs to the peer's MAC (EUI-64), since the kernel insists that a global one be on the link.
 */
export const tunnelNextHop = (subnet: Subnet, mac: string): string => {
  if (subnet.family === 'IPv4') return formatAddress(subnet.first, 'IPv4')
  const bytes = mac.split(':').map(byte => Number.parseInt(byte, 16))
  const id = [bytes[0]! ^ 2, bytes[1]!, bytes[2]!, 0xff, 0xfe, bytes[3]!, bytes[4]!, bytes[5]!].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return formatAddress((0xfe80n << 112n) | id, 'IPv6')
}

export const overlayLink = (underlay: Family, mac: string, mtu: number, { vni, port }: VxlanOptions): NewVxlan =>
  ({ name: overlayLinkName(underlay), underlay, vni, port, learning: false, mac, mtu, up: true })
