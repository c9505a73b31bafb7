import { canonicalIP } from '../../api/kinds/validation/ip.ts'
import type { Family, Protocol } from '../table.ts'

/** What of ours is in the kernel, or shall be; of one family. */
export interface KernelState {
  /** By the words that name it for `ipvsadm` (`-t 10.96.0.1:80`, `-f 1258291201 -6`). */
  readonly servers: ReadonlyMap<string, VirtualServer>
  /** Members by set, as `ipset save` shows them. A set that is there and empty has no members. */
  readonly sets: ReadonlyMap<string, ReadonlySet<string>>
  /** Addresses on our link. */
  readonly addresses: ReadonlySet<string>
}

export interface VirtualServer {
  /** `-s rr`, and `-p SECONDS` for those who come back. */
  readonly options: string
  /** Weights by `ADDRESS:PORT` of the real server. Weight 0: gets no new connections. */
  readonly reals: ReadonlyMap<string, number>
}

/** What a set is for; its name in the kernel has the family in it. */
export type SetPurpose = keyof typeof setTypes

/** Sets and their types. `ip,port` is where a packet goes to, the third field who sends it. */
export const setTypes = {
  /** Addresses of Services on our link: the machine's own programs shall not be reached at them. */
  'VIPS': 'hash:ip',
  /** All virtual servers of ours that go by address. */
  'OURS': 'hash:ip,port',
  /** Cluster IPs: masqueraded for callers from outside the cluster. */
  'CLUSTER': 'hash:ip,port',
  /** Where every caller is masqueraded. */
  'MASQUERADE': 'hash:ip,port',
  /** Endpoints that call themselves. */
  'LOOPBACK': 'hash:ip,port,ip',
  /** No endpoint anywhere. */
  'REFUSED': 'hash:ip,port',
  /** None where the policy wants one. */
  'DROPPED': 'hash:ip,port',
  /** Load balancers with source ranges, and the ranges. */
  'FENCED': 'hash:ip,port',
  'SOURCES': 'hash:ip,port,net',
  /** Where callers from inside the cluster have endpoints of their own: with the mark of the virtual server for them. */
  'INSIDERS': 'hash:ip,port',
} as const

export const setName = (family: Family, purpose: SetPurpose): string => `K8TS${family === 'ipv6' ? '6' : ''}-${purpose}`
export const purposes = Object.keys(setTypes) as SetPurpose[]

export const createSet = (family: Family, purpose: SetPurpose): string =>
  `create ${setName(family, purpose)} ${setTypes[purpose]} family ${family === 'ipv6' ? 'inet6' : 'inet'} maxelem 1048576${purpose === 'INSIDERS' ? ' skbinfo' : ''}`

const letters: Readonly<Record<Protocol, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' }
export const hostPort = (ip: string, port: number): string => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
export const serverAt = (protocol: Protocol, ip: string, port: number): string => `${letters[protocol]} ${hostPort(ip, port)}`
export const serverOfMark = (family: Family, mark: number): string => `-f ${mark}${family === 'ipv6' ? ' -6' : ''}`
/** The same of the mark that a member of `INSIDERS` gives. */
export const serverOfInsider = (family: Family, text: string): string => serverOfMark(family, Number(text.split(' skbmark ')[1]?.split('/')[0]))
/** A member of a set of type `hash:ip,port`. */
export const member = (protocol: Protocol, ip: string, port: number): string => `${ip},${protocol.toLowerCase()}:${port}`

/** Virtual servers by mark have numbers that nobody else is likely to have chosen, without the bit for masquerading. */
export const markBase = 0x4b00_0000
/** In the mark of a virtual server for UDP. */
export const markOfUDP = 0x0080_0000

export const isUDP = (server: string): boolean => server.startsWith('-u ') || (server.startsWith('-f ') && (Number(server.split(' ')[1]) & markOfUDP) !== 0)

/** The virtual server that a member of `OURS` stands for. */
function serverOfMember(text: string): string {
  const [ip = '', protocol = '', port] = text.split(/,|:(?=\d+$)/)
  return serverAt(protocol.toUpperCase() as Protocol, ip, Number(port))
}

/** The member of `OURS` that stands for a virtual server; undefined for one that goes by mark. */
export function memberOf(server: string): string | undefined {
  const [, letter, bracketed, plain, port] = /^(\S+) (?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(server) ?? []
  const protocol = (Object.keys(letters) as Protocol[]).find((candidate) => letters[candidate] === letter)
  return protocol && port ? member(protocol, (bracketed ?? plain)!, Number(port)) : undefined
}

/** `ipvsadm --save`: all virtual servers of the machine. */
export function parseServers(text: string): Map<string, VirtualServer> {
  const servers = new Map<string, { options: string; reals: Map<string, number> }>()
  for (const line of text.split('\n')) {
    const [, added, options] = /^-A (.+?) (-s .*)$/.exec(line.trim()) ?? []
    if (added) servers.set(added, { options: options!, reals: new Map() })
    const [, server, real, weight] = /^-a (.+?) -r (\S+) .*-w (\d+)/.exec(line) ?? []
    if (server) servers.get(server)?.reals.set(real!, Number(weight))
  }
  return servers
}

/** `ipset save`: the sets of ours of one family. */
export function parseSets(text: string, family: Family): Map<string, Set<string>> {
  const names = new Set(purposes.map((purpose) => setName(family, purpose)))
  const sets = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [verb, name, ...rest] = line.split(' ')
    if (!name || !names.has(name)) continue
    if (verb === 'create') sets.set(name, new Set())
    else if (verb === 'add') sets.get(name)?.add(rest.join(' '))
  }
  return sets
}

/** Which virtual servers are ours: those at the addresses in one set, and by the marks in the other. */
export function ownServers(sets: ReadonlyMap<string, ReadonlySet<string>>, family: Family): Set<string> {
  const of = (purpose: SetPurpose) => [...sets.get(setName(family, purpose)) ?? []]
  return new Set([...of('OURS').map(serverOfMember), ...of('INSIDERS').map((text) => serverOfInsider(family, text))])
}

/** `/proc/net/ip_vs`: connections (active and closing) by virtual server and real server. */
export function parseConnections(text: string): Map<string, Map<string, number>> {
  const servers = new Map<string, Map<string, number>>()
  let head = ''
  for (const line of text.split('\n')) {
    const [, kind, what] = /^(TCP|UDP|SCTP|FWM) +(\S+)/.exec(line) ?? []
    if (kind) head = kind === 'FWM' ? `-f ${Number.parseInt(what!, 16)}` : `${letters[kind as Protocol]} ${fromHex(what!)}`
    const [, real, active, inactive] = /^ +-> (\S+:\S+) +\S+ +\d+ +(\d+) +(\d+)/.exec(line) ?? []
    if (!real) continue
    // A mark says nothing of its family.
    const server = head.startsWith('-f') && real.startsWith('[') ? `${head} -6` : head
    servers.set(server, (servers.get(server) ?? new Map<string, number>()).set(fromHex(real), Number(active) + Number(inactive)))
  }
  return servers
}

/** `0A600001:0050`, `[fd00:0096:0000:0000:0000:0000:0000:0001]:0050`. */
function fromHex(text: string): string {
  const [, six, four = '', port = ''] = /^(?:\[(.+)\]|(\w+)):(\w+)$/.exec(text) ?? []
  return hostPort(six ? canonicalIP(six) : Buffer.from(four, 'hex').join('.'), Number.parseInt(port, 16))
}
