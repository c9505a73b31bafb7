import { ExecError, type Exec } from './exec.ts'
import { ipText, ipBytes } from './ip-bytes.ts'
import { LinkError, type Address, type Link, type LinkChange, type Links, type NewRoute, type OpenLinks, type Route } from './links.ts'
import { inNetns } from './netns.ts'

/** `Links` over the `ip` command: for machines where koffi does not load, and as the second witness of the suite. */
export const openIpLinks = ({ exec }: { exec: Exec }): OpenLinks => netns => createIpLinks(netns === undefined ? exec : inNetns(exec, netns))

const createIpLinks = (exec: Exec): Links => {
  const ip = async (what: string, ...args: (string | number)[]): Promise<string> => {
    try {
      return (await exec.run('ip', args.map(String), { timeoutMs: 30_000 })).stdout
    } catch (error) {
      if (error instanceof ExecError) throw new LinkError(errnoOf(error), `${what}: ${error.stderr.trim() || error.message}`)
      throw error
    }
  }
  const json = async (what: string, ...args: string[]): Promise<unknown[]> => {
    const text = await ip(what, '-j', ...args)
    return text.trim() ? (JSON.parse(text) as unknown[]) : []
  }

  const list: Links['list'] = async () => decodeLinks(await json('list links', '-d', 'link', 'show') as IpLink[])
  const get: Links['get'] = async name => (await list()).find(link => link.name === name)

  return {
    list, get,
    async addBridge(bridge) {
      await ip(`add bridge ${bridge.name}`, 'link', 'add', 'name', bridge.name, ...address(bridge.mac), ...mtu(bridge.mtu), 'type', 'bridge')
      if (bridge.up) await ip(`set link ${bridge.name}`, 'link', 'set', bridge.name, 'up')
    },
    async addVeth(veth) {
      const { peer } = veth
      await ip(`add veth ${veth.name}`, 'link', 'add', 'name', veth.name, ...address(veth.mac), ...mtu(veth.mtu), 'type', 'veth',
        'peer', 'name', peer.name, ...address(peer.mac), ...mtu(veth.mtu), ...(peer.netns === undefined ? [] : ['netns', peer.netns]))
      const change = [...(veth.master === undefined ? [] : ['master', veth.master]), ...(veth.up ? ['up'] : [])]
      if (change.length > 0) await ip(`set link ${veth.name}`, 'link', 'set', veth.name, ...change)
    },
    async set(name, change) {
      const args = setArgs(change)
      if (args.length > 0) await ip(`set link ${name}`, 'link', 'set', name, ...args)
      if (change.hairpin !== undefined) await ip(`set hairpin of ${name}`, 'link', 'set', name, 'type', 'bridge_slave', 'hairpin', change.hairpin ? 'on' : 'off')
    },
    delete: name => absent(['ENODEV'], ip(`delete link ${name}`, 'link', 'delete', name)),

    async addresses(name) {
      const links = await json('list addresses', 'address', 'show') as IpLink[]
      return links.filter(link => name === undefined || link.ifname === name).flatMap(decodeAddresses)
    },
    async addAddress(name, cidr) {
      await ip(`add address ${cidr} to ${name}`, 'address', 'add', cidr, 'dev', name, ...(cidr.includes(':') ? ['nodad'] : []))
    },
    deleteAddress: (name, cidr) => absent(['EADDRNOTAVAIL'], ip(`delete address ${cidr} of ${name}`, 'address', 'delete', cidr, 'dev', name)),

    async routes() {
      const both = await Promise.all((['IPv4', 'IPv6'] as const).map(async family =>
        (await json('list routes', family === 'IPv4' ? '-4' : '-6', 'route', 'show', 'table', 'main') as IpRoute[]).flatMap(route => decodeRoute(route, family))))
      return both.flat()
    },
    async setRoute(route) { await ip(`set route to ${route.to}`, ...routeArgs('replace', route)) },
    deleteRoute: route => absent(['ESRCH', 'ENODEV'], ip(`delete route to ${route.to}`, ...routeArgs('delete', route))),

    async neighbours(name) {
      const found = await json('list neighbours', 'neighbour', 'show', 'nud', 'all') as { dst: string; dev: string; lladdr?: string }[]
      return found.filter(({ dev }) => name === undefined || dev === name).map(({ dst, dev, lladdr }) => ({ dev, address: dst, mac: lladdr }))
    },
    async setNeighbour({ dev, address: to, mac }) {
      await ip(`set neighbour ${to} of ${dev}`, 'neighbour', 'replace', to, 'lladdr', mac, 'nud', 'permanent', 'dev', dev)
    },
    close() {},
  }
}

/** What `ip -j` says, as far as we read it. */
interface IpLink {
  ifindex: number; ifname: string; flags: string[]; mtu: number; address?: string; master?: string; link?: string | null; link_index?: number
  linkinfo?: { info_kind?: string }
  addr_info?: { family: string; local: string; prefixlen: number; scope: string }[]
}
interface IpRoute { dst: string; gateway?: string; via?: { host: string }; dev?: string; prefsrc?: string; metric?: number; type?: string; nexthops?: { gateway?: string; dev?: string }[] }

const decodeLinks = (links: IpLink[]): Link[] => {
  const indexes = new Map(links.map(link => [link.ifname, link.ifindex]))
  return links.map(link => ({
    index: link.ifindex, name: link.ifname, kind: link.linkinfo?.info_kind, mac: link.address, mtu: link.mtu,
    up: link.flags.includes('UP'), loopback: link.flags.includes('LOOPBACK'),
    master: link.master === undefined ? undefined : indexes.get(link.master),
    peer: link.linkinfo?.info_kind === 'veth' ? link.link_index ?? indexes.get(link.link ?? '') : undefined,
  }))
}

const decodeAddresses = (link: IpLink): Address[] =>
  (link.addr_info ?? []).map(({ family, local, prefixlen, scope }) => ({
    dev: link.ifname, family: family === 'inet' ? 'IPv4' : 'IPv6', address: local, prefix: prefixlen, scope: scope as Address['scope'],
  }))

const decodeRoute = (route: IpRoute, family: Route['family']): Route[] => {
  if (route.type !== undefined && route.type !== 'unicast') return []
  const common = { family, to: wholeCidr(route.dst), ...(route.prefsrc && { src: route.prefsrc }), ...(route.metric !== undefined && { metric: route.metric }) }
  const hops = route.nexthops ?? [{ gateway: route.gateway ?? route.via?.host, dev: route.dev }]
  return hops.map(({ gateway, dev }) => ({ ...common, ...(dev && { dev }), ...(gateway && { via: gateway }) }))
}

/** `ip` leaves out the length of a host route. */
const wholeCidr = (dst: string): string =>
  dst === 'default' || dst.includes('/') ? dst : `${ipText(ipBytes(dst))}/${dst.includes(':') ? 128 : 32}`

const address = (mac: string | undefined): string[] => mac === undefined ? [] : ['address', mac]
const mtu = (value: number | undefined): string[] => value === undefined ? [] : ['mtu', String(value)]

const setArgs = (change: LinkChange): string[] => [
  ...address(change.mac), ...mtu(change.mtu),
  ...(change.master === undefined ? [] : change.master === null ? ['nomaster'] : ['master', change.master]),
  ...(change.up === undefined ? [] : [change.up ? 'up' : 'down']),
]

const routeArgs = (verb: string, { to, via, dev, src, metric }: NewRoute): string[] => [
  (via ?? to).includes(':') ? '-6' : '-4', 'route', verb, to,
  ...(via === undefined ? [] : ['via', via]), ...(dev === undefined ? [] : ['dev', dev]),
  ...(src === undefined ? [] : ['src', src]), ...(metric === undefined ? [] : ['metric', String(metric)]),
]

/** The C library's sentences, which are all `ip` tells. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/File exists|Address already assigned/, 'EEXIST'],
  [/Cannot find device|No such device|does not exist/, 'ENODEV'],
  [/No such process/, 'ESRCH'],
  [/Cannot assign requested address|Address not found/, 'EADDRNOTAVAIL'],
  [/Network is unreachable|Nexthop has invalid gateway/, 'ENETUNREACH'],
  [/Operation not permitted/, 'EPERM'],
  [/Device or resource busy/, 'EBUSY'],
  [/No such file or directory|Invalid "netns" value/, 'ENOENT'],
]

const errnoOf = (error: ExecError): string =>
  error.reason === 'missing' ? 'ENOENT' : sentences.find(([sentence]) => sentence.test(error.stderr))?.[1] ?? 'EINVAL'

const absent = async (codes: string[], request: Promise<unknown>): Promise<boolean> => {
  try {
    await request
    return true
  } catch (error) {
    if (error instanceof LinkError && codes.includes(error.code)) return false
    throw error
  }
}
