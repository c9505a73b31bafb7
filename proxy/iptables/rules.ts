import { createHash } from 'node:crypto'
import { masqueradeMark } from '../backend.ts'
import type { Family, Protocol, Route, Target } from '../table.ts'

/**
 * The rules of one family as chains of rule lines, without the `-A CHAIN` before them. `nat` decides where a
 * connection goes; `filter` refuses what has nowhere to go.
 *
 *     PREROUTING, OUTPUT → K8TS-SERVICES ─ cluster IP ─────────→ K8TS-SVC-… ─ nth ─→ DNAT
 *                              │           external IP ─→ K8TS-EXT-… (mark) ─→ DNAT
 *                              └ local address → K8TS-NODEPORTS ─→ K8TS-EXT-…
 *     POSTROUTING → K8TS-POSTROUTING: marked, or a pod that reached itself → MASQUERADE
 *     INPUT, FORWARD, OUTPUT → K8TS-REFUSE
 */
export interface Ruleset {
  readonly nat: ReadonlyMap<string, readonly string[]>
  readonly filter: ReadonlyMap<string, readonly string[]>
}

/** Where the built-in chains send packets to ours. */
export const jumps: readonly { readonly table: 'nat' | 'filter'; readonly from: string; readonly rule: string }[] = [
  { table: 'nat', from: 'PREROUTING', rule: '-m comment --comment "k8ts service portals" -j K8TS-SERVICES' },
  { table: 'nat', from: 'OUTPUT', rule: '-m comment --comment "k8ts service portals" -j K8TS-SERVICES' },
  { table: 'nat', from: 'POSTROUTING', rule: '-m comment --comment "k8ts service replies" -j K8TS-POSTROUTING' },
  { table: 'filter', from: 'INPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "k8ts services without endpoints" -j K8TS-REFUSE' },
  { table: 'filter', from: 'FORWARD', rule: '-m conntrack --ctstate NEW -m comment --comment "k8ts services without endpoints" -j K8TS-REFUSE' },
  { table: 'filter', from: 'OUTPUT', rule: '-m conntrack --ctstate NEW -m comment --comment "k8ts services without endpoints" -j K8TS-REFUSE' },
]

/** Chains that are ours, by name. */
export const isOurChain = (name: string): boolean => /^K8TS-(SERVICES|NODEPORTS|POSTROUTING|MARK-MASQ|REFUSE|SVC-[A-Z2-7]{16}|EXT-[A-Z2-7]{16})$/.test(name)

export function rulesetOf(family: Family, routes: readonly Route[], clusterCIDRs: readonly string[]): Ruleset {
  const mask = family === 'ipv4' ? 32 : 128
  const loopback = family === 'ipv4' ? '127.0.0.0/8' : '::1/128'
  const mark = `0x${masqueradeMark.toString(16)}`
  const inside = clusterCIDRs.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
  const nat = new Map<string, string[]>()
  const services: string[] = []
  const nodePorts: string[] = []
  const refuse: string[] = []
  const hairpins = new Set<string>()

  for (const route of routes) {
    if (route.family !== family) continue
    const protocol = route.protocol.toLowerCase() as Lowercase<Protocol>
    const to = (ip: string) => `-d ${ip}/${mask} -p ${protocol} -m ${protocol} --dport ${route.port} ${comment(route)}`
    const nodePort = `-p ${protocol} -m ${protocol} --dport ${route.nodePort} ${comment(route)}`
    const svc = `K8TS-SVC-${hash(route.id)}`
    const ext = `K8TS-EXT-${hash(route.id)}`

    if (route.internal.length === 0) refuse.push(`${to(route.clusterIP)} -j REJECT`)
    else {
      nat.set(svc, inTurn(route.internal, protocol))
      if (inside.length === 1) services.push(`! -s ${inside[0]} ${to(route.clusterIP)} -j K8TS-MARK-MASQ`)
      services.push(`${to(route.clusterIP)} -j ${svc}`)
    }
    const addresses = [...route.externalIPs, ...route.loadBalancerIPs]
    const verdict = route.dropExternal ? 'DROP' : 'REJECT'
    if (route.external.length === 0) {
      refuse.push(...addresses.map((ip) => `${to(ip)} -j ${verdict}`))
      if (route.nodePort !== undefined) refuse.push(`-m addrtype --dst-type LOCAL ${nodePort} -j ${verdict}`)
    } else if (addresses.length > 0 || route.nodePort !== undefined) {
      nat.set(ext, [...(route.masqueradeExternal ? ['-j K8TS-MARK-MASQ'] : []), ...inTurn(route.external, protocol)])
      services.push(...addresses.map((ip) => `${to(ip)} -j ${ext}`))
      if (route.nodePort !== undefined) nodePorts.push(`${nodePort} -j ${ext}`)
    }
    for (const { ip } of [...route.internal, ...route.external]) hairpins.add(ip)
  }

  nat.set('K8TS-MARK-MASQ', [`-j MARK --set-xmark ${mark}/${mark}`])
  nat.set('K8TS-NODEPORTS', nodePorts)
  nat.set('K8TS-SERVICES', [...services, `! -d ${loopback} -m addrtype --dst-type LOCAL -j K8TS-NODEPORTS`])
  nat.set('K8TS-POSTROUTING', [
    ...[...hairpins].map((ip) => `-s ${ip}/${mask} -d ${ip}/${mask} -m conntrack --ctstate DNAT -j MASQUERADE --random-fully`),
    `-m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-j MARK --set-xmark ${mark}/0x0`,
    '-j MASQUERADE --random-fully',
  ])
  return { nat, filter: new Map([['K8TS-REFUSE', refuse]]) }
}

/** Strict round robin: the first rule takes every Nth packet, the second every (N-1)th of the rest, and so on. */
function inTurn(targets: readonly Target[], protocol: string): string[] {
  return targets.map(({ ip, port }, index) => {
    const left = targets.length - index
    const turn = left > 1 ? `-m statistic --mode nth --every ${left} --packet 0 ` : ''
    return `-p ${protocol} ${turn}-j DNAT --to-destination ${ip.includes(':') ? `[${ip}]` : ip}:${port}`
  })
}

/** Names of API objects have no quotes and no spaces, and a comment may be 255 long. */
const comment = (route: Route): string => `-m comment --comment "${route.id.replace(/[^\w./:-]/g, '_').slice(0, 255)}"`

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** 16 characters, as chain names are at most 28 long. */
const hash = (id: string): string => [...createHash('sha256').update(id).digest().subarray(0, 16)].map((byte) => base32[byte & 31]).join('')
