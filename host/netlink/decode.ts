import { ipText } from '../ip-bytes.ts'
import type { Address, ForwardingEntry, Link, Neighbour, Route, VxlanSettings } from '../links.ts'
import { attributes, macText, number, text, type Message } from './message.ts'
import { AF, IFA, IFF, IFLA, IFLA_INFO, IFLA_VXLAN, ifaddrmsgSize, ifinfomsgSize, NDA, ndmsgSize, NUD_PERMANENT, RTA, RTN_UNICAST, RTNH_F_ONLINK, RT_TABLE_MAIN, rtmsgSize } from './structs.ts'

/** What the kernel's answers say, in our types. `name` gives the name of a link index. */
type NameOf = (index: number) => string

export const decodeLink = ({ body }: Message): Link => {
  const found = attributes(body, ifinfomsgSize)
  const info = found.get(IFLA.LINKINFO)
  const flags = body.readUInt32LE(8)
  const details = info && attributes(info)
  const kind = details && text(details.get(IFLA_INFO.KIND))
  const data = details?.get(IFLA_INFO.DATA)
  return {
    index: body.readInt32LE(4),
    name: text(found.get(IFLA.IFNAME)) ?? '',
    kind,
    mac: macText(found.get(IFLA.ADDRESS)),
    mtu: number(found.get(IFLA.MTU)) ?? 0,
    up: (flags & IFF.UP) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    master: number(found.get(IFLA.MASTER)),
    peer: kind === 'veth' ? number(found.get(IFLA.LINK)) : undefined,
    ...(kind === 'vxlan' && data && { vxlan: decodeVxlan(attributes(data)) }),
  }
}

const decodeVxlan = (found: Map<number, Buffer>): VxlanSettings => ({
  vni: number(found.get(IFLA_VXLAN.ID)) ?? 0,
  port: found.get(IFLA_VXLAN.PORT)?.readUInt16BE(0) ?? 0,
  learning: number(found.get(IFLA_VXLAN.LEARNING)) !== 0,
})

const scopes = new Map<number, Address['scope']>([[200, 'site'], [253, 'link'], [254, 'host']])
const family = (number: number): 'IPv4' | 'IPv6' => number === AF.INET ? 'IPv4' : 'IPv6'

export const decodeAddress = ({ body }: Message, name: NameOf): Address => {
  const found = attributes(body, ifaddrmsgSize)
  return {
    dev: name(body.readUInt32LE(4)),
    family: family(body[0]!),
    address: ipText(found.get(IFA.LOCAL) ?? found.get(IFA.ADDRESS)!),
    prefix: body[1]!,
    scope: scopes.get(body[3]!) ?? 'global',
  }
}

/** The routes of one message: none when it is of another table or kind, several when it has several next hops. */
export const decodeRoutes = ({ body }: Message, name: NameOf): Route[] => {
  const found = attributes(body, rtmsgSize)
  const table = number(found.get(RTA.TABLE)) ?? body[4]
  if (table !== RT_TABLE_MAIN || body[7] !== RTN_UNICAST || (body[0] !== AF.INET && body[0] !== AF.INET6)) return []
  const dst = found.get(RTA.DST)
  const src = found.get(RTA.PREFSRC)
  const metric = number(found.get(RTA.PRIORITY))
  const common = {
    family: family(body[0]), to: dst ? `${ipText(dst)}/${body[1]}` : 'default', protocol: body[5]!,
    ...(body.readUInt32LE(8) & RTNH_F_ONLINK && { onlink: true }),
    ...(src && { src: ipText(src) }), ...(metric !== undefined && { metric }),
  }
  const hop = (index: number | undefined, via: Buffer | undefined): Route =>
    ({ ...common, ...(index !== undefined && { dev: name(index) }), ...(via && { via: ipText(via) }) })
  const multipath = found.get(RTA.MULTIPATH)
  return multipath ? nextHops(multipath, hop) : [hop(number(found.get(RTA.OIF)), found.get(RTA.GATEWAY))]
}

const nextHops = (bytes: Buffer, hop: (index: number, via: Buffer | undefined) => Route): Route[] => {
  const hops: Route[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 8) break
    hops.push(hop(bytes.readInt32LE(at + 4), attributes(bytes.subarray(at, at + length), 8).get(RTA.GATEWAY)))
    at += (length + 3) & ~3
  }
  return hops
}

export const decodeNeighbour = ({ body }: Message, name: NameOf): Neighbour | undefined => {
  const found = attributes(body, ndmsgSize)
  const dst = found.get(NDA.DST)
  return dst && { dev: name(body.readInt32LE(4)), address: ipText(dst), mac: macText(found.get(NDA.LLADDR)), permanent: (body.readUInt16LE(8) & NUD_PERMANENT) !== 0 }
}

export const decodeForwarding = ({ body }: Message, dev: string): ForwardingEntry | undefined => {
  const found = attributes(body, ndmsgSize)
  const [mac, dst] = [macText(found.get(NDA.LLADDR)), found.get(NDA.DST)]
  return mac === undefined || !dst ? undefined : { dev, mac, host: ipText(dst) }
}
