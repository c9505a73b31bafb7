import { BlockList, isIP } from 'node:net'
import type { Address, Link, Route } from './links.ts'

/** What the machine's network looks like, as `Links` lists it. */
export interface NetworkView {
  readonly links: readonly Link[]
  readonly addresses: readonly Address[]
  readonly routes: readonly Route[]
}

export interface NodeAddress {
  /** The link that carries it. */
  readonly dev: string
  readonly address: string
  readonly prefix: number
  readonly mtu: number
}

type Family = 'IPv4' | 'IPv6'

/**
 * The address under which other nodes reach this one: on the link that reaches the server when joining one, else on the
 * link of the default route. A hypervisor's NAT card, on which every guest has the same address, is taken only when
 * there is no other. `undefined`: the machine has no address of that family that others could reach.
 */
export const chooseNodeAddress = (view: NetworkView, { server, family = 'IPv4' }: { server?: string; family?: Family } = {}): NodeAddress | undefined => {
  const usable = candidates(view, family)
  const own = usable.find(({ address }) => address === server)
  if (own) return own
  const away = server !== undefined && isIP(server) !== 0 && !isLoopback(server)
  const route = bestRoute(view.routes.filter(route => route.family === family), away ? server : undefined)
  const wanted = usable.filter(({ dev }) => dev === route?.dev)
  const onRoute = wanted.find(({ address }) => address === route?.src) ?? wanted[0]
  // A server named by its address is proof that the link reaches it; the default route is only a hint.
  if (onRoute && (away || !isNatCard(onRoute, view.routes))) return onRoute
  return usable.find(candidate => !isNatCard(candidate, view.routes)) ?? onRoute ?? usable[0]
}

const candidates = ({ links, addresses }: NetworkView, family: Family): NodeAddress[] =>
  links.filter(link => link.up && !link.loopback && !isLocalNetwork(link)).flatMap(link =>
    addresses.filter(address => address.dev === link.name && address.family === family && address.scope === 'global')
      .map(({ dev, address, prefix }) => ({ dev, address, prefix, mtu: link.mtu })))

/** Networks inside the machine: docker0, cni0, virbr0, tunnels. A plain bridge with a card in it (`br0`) may be the machine's own. */
const isLocalNetwork = ({ kind, name }: Link): boolean =>
  (kind === 'bridge' && /^(docker|br-|cni|k8ts|virbr|lxc|lxd|podman)/.test(name)) || /^(flannel|cali|kube-ipvs|tun|tap)/.test(name) || kind === 'dummy' || kind === 'vxlan'

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

/** VirtualBox and QEMU give every guest 10.0.2.15 behind 10.0.2.2; vagrant-libvirt's own network is 192.168.121.0/24. */
const isNatCard = ({ address, dev }: NodeAddress, routes: readonly Route[]): boolean =>
  (address.startsWith('10.0.2.') && routes.some(route => route.dev === dev && route.to === 'default' && route.via === '10.0.2.2'))
  || address.startsWith('192.168.121.')

/** The kernel's choice: the longest prefix that holds `target`, then the lowest metric; without a target the default route. */
export const bestRoute = (routes: readonly Route[], target: string | undefined): Route | undefined => {
  const length = (route: Route): number => route.to === 'default' ? 0 : Number(route.to.split('/')[1])
  return routes
    .filter(route => route.to === 'default' || (target !== undefined && contains(route.to, target)))
    .sort((a, b) => length(b) - length(a) || (a.metric ?? 0) - (b.metric ?? 0))[0]
}

const contains = (cidr: string, address: string): boolean => {
  const [network = '', prefix] = cidr.split('/')
  if (isIP(network) !== isIP(address)) return false
  const type = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(network, Number(prefix), type)
  return list.check(address, type)
}
