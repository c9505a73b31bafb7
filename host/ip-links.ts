import { ExecError, type Exec } from './exec.ts'
import { ipText, ipBytes } from './ip-bytes.ts'
import { LinkError, type Address, type Link, type LinkChange, type Links, type NewRoute, type OpenLinks, type Route, type VxlanSettings } from './links.ts'
import { inNetns } from './netns.ts'

/** `Links` over the `ip` command: for machines where koffi does not load, and as the second witness of the suite. */
export const openIpLinks = ({ exec }: { exec: Exec }): OpenLinks => netns => createIpLinks(netns === undefined ? exec : inNetns(exec, netns))

const createIpLinks = (exec: Exec): Links => {
  const run = async (command: 'ip' | 'bridge', what: string, ...args: (string | number)[]): Promise<string> => {
    try {
      return (await exec.run(command, args.map(String), { timeoutMs: 30_000 })).stdout
    } catch (error) {
      if (error instanceof ExecError) throw new LinkError(errnoOf(error), `${what}: ${error.stderr.trim() || error.message}`)
      throw error
    }
  }
  const ip = (what: string, ...args: (string | number)[]): Promise<string> => run('ip', what, ...args)
  const json = async (what: string, args: string[], command: 'ip' | 'bridge' = 'ip'): Promise<unknown[]> => {
    const text = await run(command, what, '-j', ...args)
    return text.trim() ? (JSON.parse(text) as unknown[]) : []
  }

  const list: Links['list'] = async () => decodeLinks(await json('list links', ['-d', 'link', 'show']) as IpLink[])
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
    async addVxlan({ name, vni, port, underlay, learning, up, ...vxlan }) {
      const [group, on] = [underlay === 'IPv6' ? ['remote', '::'] : [], learning ? 'learning' : 'nolearning']
      await ip(`add vxlan ${name}`, 'link', 'add', 'name', name, ...address(vxlan.mac), ...mtu(vxlan.mtu), 'type', 'vxlan', 'id', vni, 'dstport', port, ...group, on)
      if (up) await ip(`set link ${name}`, 'link', 'set', name, 'up')
    },
    async set(name, change) {
      const args = setArgs(change)
      if (args.length > 0) await ip(`set link ${name}`, 'link', 'set', name, ...args)
      if (change.hairpin !== undefined) await ip(`set hairpin of ${name}`, 'link', 'set', name, 'type', 'bridge_slave', 'hairpin', change.hairpin ? 'on' : 'off')
    },
    delete: name => absent(['ENODEV'], ip(`delete link ${name}`, 'link', 'delete', name)),

    async addresses(name) {
      const links = await json('list addresses', ['address', 'show']) as IpLink[]
      return links.filter(link => name === undefined || link.ifname === name).flatMap(decodeAddresses)
    },
    async addAddress(name, cidr) {
      await ip(`add address ${cidr} to ${name}`, 'address', 'add', cidr, 'dev', name, ...(cidr.includes(':') ? ['nodad'] : []))
    },
    deleteAddress: (name, cidr) => absent(['EADDRNOTAVAIL'], ip(`delete address ${cidr} of ${name}`, 'address', 'delete', cidr, 'dev', name)),

    async routes() {
      const both = await Promise.all((['IPv4', 'IPv6'] as const).map(async family =>
        (await json('list routes', ['-N', family === 'IPv4' ? '-4' : '-6', 'route', 'show', 'table', 'main']) as IpRoute[]).flatMap(route => decodeRoute(route, family))))
      return both.flat()
    },
    async setRoute(route) { await ip(`set route to ${route.to}`, ...routeArgs('replace', route)) },
    deleteRoute: route => absent(['ESRCH', 'ENODEV'], ip(`delete route to ${route.to}`, ...routeArgs('delete', route))),

    async neighbours(name) {
      const found = await json('list neighbours', ['neighbour', 'show', 'nud', 'all']) as { dst: string; dev: string; lladdr?: string; state?: string[] }[]
      return found.filter(({ dev }) => name === undefined || dev === name)
        .map(({ dst, dev, lladdr, state }) => ({ dev, address: dst, mac: lladdr, permanent: state?.includes('PERMANENT') ?? false }))
    },
    async setNeighbour({ dev, address: to, mac }) {
      await ip(`set neighbour ${to} of ${dev}`, 'neighbour', 'replace', to, 'lladdr', mac, 'nud', 'permanent', 'dev', dev)
    },
    deleteNeighbour: ({ dev, address: to }) => absent(['ENODEV', 'ENOENT'], ip(`delete neighbour ${to} of ${dev}`, 'neighbour', 'delete', to, 'dev', dev)),

    async forwarding(name) {
      if (!await get(name)) return []
      const found = await json(`list forwarding entries of ${name}`, ['fdb', 'show', 'dev', name], 'bridge') as { mac: string; dst?: string }[]
      return found.flatMap(({ mac, dst }) => dst === undefined ? [] : [{ dev: name, mac, host: dst }])
    },
    async setForwarding({ dev, mac, host }) {
      await run('bridge', `set forwarding of ${mac} on ${dev}`, 'fdb', 'replace', mac, 'dev', dev, 'dst', host, 'self', 'permanent')
    },
    deleteForwarding: ({ dev, mac, host }) =>
      absent(['ENODEV', 'ENOENT'], run('bridge', `delete forwarding of ${mac} on ${dev}`, 'fdb', 'delete', mac, 'dev', dev, 'dst', host, 'self')),
    close() {},
  }
}

/** The protocol that `ip` does not mention. */
const boot = 3

/** What `ip -j` says, as far as we read it. */
interface IpLink {
  ifindex: number; ifname: string; flags: string[]; mtu: number; address?: string; master?: string; link?: string | null; link_index?: number
  linkinfo?: { info_kind?: string; info_data?: { id?: number; port?: number; learning?: boolean } }
  addr_info?: { family: string; local: string; prefixlen: number; scope: string }[]
}
interface IpRoute { protocol?: string; flags?: string[]; dst: string; gateway?: string; via?: { host: string }; dev?: string; prefsrc?: string; metric?: number; type?: string; nexthops?: { gateway?: string; dev?: string }[] }

const decodeLinks = (links: IpLink[]): Link[] => {
  const indexes = new Map(links.map(link => [link.ifname, link.ifindex]))
  return links.map(link => ({
    index: link.ifindex, name: link.ifname, kind: link.linkinfo?.info_kind, mac: link.address, mtu: link.mtu,
    up: link.flags.includes('UP'), loopback: link.flags.includes('LOOPBACK'),
    master: link.master === undefined ? undefined : indexes.get(link.master),
    peer: link.linkinfo?.info_kind === 'veth' ? link.link_index ?? indexes.get(link.link ?? '') : undefined,
    ...(link.linkinfo?.info_kind === 'vxlan' && { vxlan: decodeVxlan(link.linkinfo.info_data) }),
  }))
}

const decodeVxlan = ({ id = 0, port = 0, learning = true }: NonNullable<IpLink['linkinfo']>['info_data'] = {}): VxlanSettings => ({ vni: id, port, learning })

const decodeAddresses = (link: IpLink): Address[] =>
  (link.addr_info ?? []).map(({ family, local, prefixlen, scope }) => ({
    dev: link.ifname, family: family === 'inet' ? 'IPv4' : 'IPv6', address: local, prefix: prefixlen, scope: scope as Address['scope'],
  }))

const decodeRoute = (route: IpRoute, family: Route['family']): Route[] => {
  if (route.type !== undefined && route.type !== 'unicast') return []
  const common = {
    family, to: wholeCidr(route.dst), protocol: Number(route.protocol ?? boot), ...(route.flags?.includes('onlink') && { onlink: true }),
    ...(route.prefsrc && { src: route.prefsrc }), ...(route.metric !== undefined && { metric: route.metric }),
  }
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

const routeArgs = (verb: string, { to, via, dev, src, metric, onlink, protocol }: NewRoute): string[] => [
  (via ?? to).includes(':') ? '-6' : '-4', 'route', verb, to,
  ...(via === undefined ? [] : ['via', via]), ...(dev === undefined ? [] : ['dev', dev]),
  ...(src === undefined ? [] : ['src', src]), ...(metric === undefined ? [] : ['metric', String(metric)]),
  ...(onlink ? ['onlink'] : []), ...(protocol === undefined ? [] : ['protocol', String(protocol)]),
]

/** The C library's sentences, which are all `ip` tells. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/File exists|already exists|Address already assigned/, 'EEXIST'],
  [/Cannot find device|No such device|does not exist/, 'ENODEV'],
  [/No such process/, 'ESRCH'],
  [/Cannot assign requested address|Address not found/, 'EADDRNOTAVAIL'],
  [/Network is unreachable|Nexthop has invalid gateway/, 'ENETUNREACH'],
  [/Operation not permitted/, 'EPERM'],
  [/Device or resource busy/, 'EBUSY'],
  [/No such file or directory|Invalid "netns" value/, 'ENOENT'],
  [/Address family not supported/, 'EAFNOSUPPORT'],
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
