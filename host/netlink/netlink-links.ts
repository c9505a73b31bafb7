import { closeSync, openSync } from 'node:fs'
import { cidrBytes, ipBytes } from '../ip-bytes.ts'
import { LinkError, type ForwardingEntry, type LinkChange, type Links, type NewRoute, type NewVeth, type NewVxlan, type OpenLinks } from '../links.ts'
import { decodeAddress, decodeForwarding, decodeLink, decodeNeighbour, decodeRoutes } from './decode.ts'
import { attribute, macBytes, NLM, RTM, u16be, u8 } from './message.ts'
import { openNetlink, type NetlinkSocket } from './socket.ts'
import { AF, IFA, IFA_F_NODAD, ifaddrmsg, IFF, ifinfomsg, IFLA, IFLA_BRPORT_MODE, IFLA_INFO, IFLA_VXLAN, NDA, ndmsg, NTF_SELF, NUD_PERMANENT, RT_SCOPE, RT_TABLE_MAIN, RTA, rtmsg, RTN_UNICAST, RTNH_F_ONLINK, RTPROT_BOOT, VETH_INFO_PEER } from './structs.ts'

const CREATE = NLM.CREATE | NLM.EXCL
const SET = NLM.CREATE | NLM.REPLACE

/** `Links` over rtnetlink: no process is started, a link with address and route takes about a millisecond. */
export const openNetlinkLinks: OpenLinks = netns => createNetlinkLinks(openNetlink(netns))

const createNetlinkLinks = (socket: NetlinkSocket): Links => {
  const send = (what: string, type: number, flags: number, ...parts: Buffer[]) => socket.request(what, type, flags, Buffer.concat(parts))

  const list: Links['list'] = async () => (await send('list links', RTM.GETLINK, NLM.DUMP, ifinfomsg({}))).map(decodeLink)

  const get: Links['get'] = async name => {
    try {
      const [found] = await send(`get link ${name}`, RTM.GETLINK, 0, ifinfomsg({}), ifname(name))
      return found && decodeLink(found)
    } catch (error) {
      if (error instanceof LinkError && error.code === 'ENODEV') return undefined
      throw error
    }
  }
  const index = async (name: string): Promise<number> => {
    const link = await get(name)
    if (!link) throw new LinkError('ENODEV', `no link ${name}`)
    return link.index
  }
  const names = async (): Promise<(index: number) => string> => {
    const known = new Map((await list()).map(link => [link.index, link.name]))
    return index => known.get(index) ?? `#${index}`
  }

  return {
    list, get,

    async addBridge({ name, mtu, mac, up }) {
      await send(`add bridge ${name}`, RTM.NEWLINK, CREATE, ifinfomsg(upFlags(up)), ifname(name), ...common({ mtu, mac }), kind('bridge'))
    },
    async addVeth(veth) {
      const master = veth.master === undefined ? undefined : await index(veth.master)
      const netns = veth.peer.netns === undefined ? undefined : openNetns(veth.peer.netns)
      try {
        await send(`add veth ${veth.name}`, RTM.NEWLINK, CREATE, ifinfomsg(upFlags(veth.up)), ifname(veth.name),
          ...common(veth), ...(master === undefined ? [] : [attribute(IFLA.MASTER, master)]), kind('veth', peer(veth, netns)))
      } finally {
        if (netns !== undefined) closeSync(netns)
      }
    },

    async addVxlan(vxlan) {
      await send(`add vxlan ${vxlan.name}`, RTM.NEWLINK, CREATE, ifinfomsg(upFlags(vxlan.up)), ifname(vxlan.name), ...common(vxlan), kind('vxlan', ...vxlanData(vxlan)))
    },

    async set(name, change) {
      const master = typeof change.master === 'string' ? await index(change.master) : change.master === null ? 0 : undefined
      const parts = [...common(change), ...(master === undefined ? [] : [attribute(IFLA.MASTER, master)])]
      if (parts.length > 0 || change.up !== undefined) await send(`set link ${name}`, RTM.SETLINK, 0, ifinfomsg(upFlags(change.up)), ifname(name), ...parts)
      if (change.hairpin !== undefined) await send(`set hairpin of ${name}`, RTM.NEWLINK, 0, ifinfomsg({}), ifname(name), bridgePort(change.hairpin))
    },

    delete: name => absent(['ENODEV'], send(`delete link ${name}`, RTM.DELLINK, 0, ifinfomsg({}), ifname(name))),

    async addresses(name) {
      const nameOf = await names()
      const found = (await send('list addresses', RTM.GETADDR, NLM.DUMP, ifaddrmsg({}))).map(message => decodeAddress(message, nameOf))
      return name === undefined ? found : found.filter(address => address.dev === name)
    },
    async addAddress(name, cidr) {
      await send(`add address ${cidr} to ${name}`, RTM.NEWADDR, CREATE, ...addressMessage(await index(name), cidr), attribute(IFA.FLAGS, IFA_F_NODAD))
    },
    async deleteAddress(name, cidr) {
      return absent(['EADDRNOTAVAIL'], send(`delete address ${cidr} of ${name}`, RTM.DELADDR, 0, ...addressMessage(await index(name), cidr)))
    },

    async routes() {
      const nameOf = await names()
      return (await send('list routes', RTM.GETROUTE, NLM.DUMP, rtmsg({}))).flatMap(message => decodeRoutes(message, nameOf))
    },
    async setRoute(route) {
      await send(`set route to ${route.to}`, RTM.NEWROUTE, SET, ...routeMessage(route, route.dev === undefined ? undefined : await index(route.dev), true))
    },
    async deleteRoute(route) {
      const dev = route.dev === undefined ? undefined : (await get(route.dev))?.index
      if (route.dev !== undefined && dev === undefined) return false
      return absent(['ESRCH'], send(`delete route to ${route.to}`, RTM.DELROUTE, 0, ...routeMessage(route, dev, false)))
    },

    async neighbours(name) {
      const nameOf = await names()
      const found = (await send('list neighbours', RTM.GETNEIGH, NLM.DUMP, ndmsg({}))).flatMap(message => decodeNeighbour(message, nameOf) ?? [])
      return name === undefined ? found : found.filter(neighbour => neighbour.dev === name)
    },
    async setNeighbour({ dev, address, mac }) {
      const dst = ipBytes(address)
      await send(`set neighbour ${address} of ${dev}`, RTM.NEWNEIGH, SET, ndmsg({ family: familyOf(dst), index: await index(dev), state: NUD_PERMANENT }),
        attribute(NDA.DST, dst), attribute(NDA.LLADDR, macBytes(mac)))
    },

    async deleteNeighbour({ dev, address }) {
      const link = await get(dev)
      const dst = ipBytes(address)
      return link !== undefined && absent(['ENOENT'], send(`delete neighbour ${address} of ${dev}`, RTM.DELNEIGH, 0, ndmsg({ family: familyOf(dst), index: link.index }), attribute(NDA.DST, dst)))
    },

    async forwarding(name) {
      const link = await get(name)
      if (!link) return []
      const found = await send(`list forwarding entries of ${name}`, RTM.GETNEIGH, NLM.DUMP, ndmsg({ family: AF.BRIDGE, index: link.index }))
      return found.flatMap(message => decodeForwarding(message, name) ?? [])
    },
    async setForwarding(entry) {
      await send(`set forwarding of ${entry.mac} on ${entry.dev}`, RTM.NEWNEIGH, SET, ...forwardingMessage(entry, await index(entry.dev), NUD_PERMANENT))
    },
    async deleteForwarding(entry) {
      const link = await get(entry.dev)
      return link !== undefined && absent(['ENOENT'], send(`delete forwarding of ${entry.mac} on ${entry.dev}`, RTM.DELNEIGH, 0, ...forwardingMessage(entry, link.index, 0)))
    },

    close: () => socket.close(),
  }
}

const familyOf = (bytes: Buffer): number => bytes.length === 4 ? AF.INET : AF.INET6

const ifname = (name: string): Buffer => {
  // The kernel would cut a longer name short, and then it is another link's.
  if (name === '' || Buffer.byteLength(name) > 15 || /[/\s\0]/.test(name) || name === '.' || name === '..') {
    throw new LinkError('EINVAL', `not a name of a link: ${JSON.stringify(name)}`)
  }
  return attribute(IFLA.IFNAME, name)
}

const upFlags = (up: boolean | undefined) => up === undefined ? {} : { flags: up ? IFF.UP : 0, change: IFF.UP }

const common = ({ mtu, mac }: Pick<LinkChange, 'mtu' | 'mac'> | { mtu: number | undefined; mac: string | undefined }): Buffer[] => [
  ...(mtu === undefined ? [] : [attribute(IFLA.MTU, mtu)]),
  ...(mac === undefined ? [] : [attribute(IFLA.ADDRESS, macBytes(mac))]),
]

const kind = (name: string, ...data: Buffer[]): Buffer =>
  attribute(IFLA.LINKINFO, [attribute(IFLA_INFO.KIND, name), ...(data.length > 0 ? [attribute(IFLA_INFO.DATA, data)] : [])])

const peer = ({ mtu, peer }: NewVeth, netns: number | undefined): Buffer =>
  attribute(VETH_INFO_PEER, Buffer.concat([
    ifinfomsg({}), ifname(peer.name), ...common({ mtu, mac: peer.mac }),
    ...(netns === undefined ? [] : [attribute(IFLA.NET_NS_FD, netns)]),
  ]))

const vxlanData = ({ vni, port, underlay, learning }: NewVxlan): Buffer[] => [
  attribute(IFLA_VXLAN.ID, vni), attribute(IFLA_VXLAN.PORT, u16be(port)), attribute(IFLA_VXLAN.LEARNING, u8(learning ? 1 : 0)),
  // No remote, yet of IPv6: how the kernel is told which family to listen on.
  ...(underlay === 'IPv6' ? [attribute(IFLA_VXLAN.GROUP6, Buffer.alloc(16))] : []),
]

const forwardingMessage = ({ mac, host }: ForwardingEntry, index: number, state: number): Buffer[] =>
  [ndmsg({ family: AF.BRIDGE, index, state, flags: NTF_SELF }), attribute(NDA.LLADDR, macBytes(mac)), attribute(NDA.DST, ipBytes(host))]

const openNetns = (path: string): number => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new LinkError((error as NodeJS.ErrnoException).code ?? 'EINVAL', `cannot open network namespace ${path}: ${(error as Error).message}`)
  }
}

const bridgePort = (hairpin: boolean): Buffer => attribute(IFLA.LINKINFO, [
  attribute(IFLA_INFO.SLAVE_KIND, 'bridge'),
  attribute(IFLA_INFO.SLAVE_DATA, [attribute(IFLA_BRPORT_MODE, u8(hairpin ? 1 : 0))]),
])

const addressMessage = (index: number, cidr: string): Buffer[] => {
  const { bytes, prefix } = cidrBytes(cidr)
  return [ifaddrmsg({ family: familyOf(bytes), prefix, index }), attribute(IFA.LOCAL, bytes), attribute(IFA.ADDRESS, bytes)]
}

const routeMessage = ({ to, via, src, metric, onlink, protocol = RTPROT_BOOT }: NewRoute, index: number | undefined, create: boolean): Buffer[] => {
  const gateway = via === undefined ? undefined : ipBytes(via)
  const dst = to === 'default' ? undefined : cidrBytes(to)
  const family = gateway ? familyOf(gateway) : dst ? familyOf(dst.bytes) : AF.INET
  const scope = create ? (gateway || family === AF.INET6 ? RT_SCOPE.UNIVERSE : RT_SCOPE.LINK) : RT_SCOPE.NOWHERE
  return [
    rtmsg({ family, prefix: dst?.prefix ?? 0, scope, table: RT_TABLE_MAIN, ...(create && { protocol, type: RTN_UNICAST, ...(onlink && { flags: RTNH_F_ONLINK }) }) }),
    ...(dst ? [attribute(RTA.DST, dst.bytes)] : []),
    ...(gateway ? [attribute(RTA.GATEWAY, gateway)] : []),
    ...(index === undefined ? [] : [attribute(RTA.OIF, index)]),
    ...(src === undefined ? [] : [attribute(RTA.PREFSRC, ipBytes(src))]),
    ...(metric === undefined ? [] : [attribute(RTA.PRIORITY, metric)]),
  ]
}

const absent = async (codes: string[], request: Promise<unknown>): Promise<boolean> => {
  try {
    await request
    return true
  } catch (error) {
    if (error instanceof LinkError && codes.includes(error.code)) return false
    throw error
  }
}
