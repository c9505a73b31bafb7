import { createHash } from 'node:crypto'
import { canonicalIP } from '../../api/kinds/validation/ip.ts'
import type { Family, Protocol, Route, Target } from '../table.ts'
import { hostPort, markBase, markOfUDP, member, purposes, serverAt, serverOfMark, setName, type KernelState, type SetPurpose, type VirtualServer } from './kernel-state.ts'

export interface Planning {
  readonly family: Family
  readonly scheduler: string
  /** The node's own addresses: no Service gets them on our link, for they are where others reach the node. */
  readonly ownIPs: ReadonlySet<string>
  /** Those on which node ports are answered. */
  readonly nodePortIPs: readonly string[]
}

/** What shall be in the kernel for one family. Where two routes claim one address and port, the first has it. */
export function plan(routes: readonly Route[], { family, scheduler, ownIPs, nodePortIPs }: Planning): KernelState {
  const servers = new Map<string, VirtualServer>()
  const sets = new Map(purposes.map((purpose) => [purpose, new Set<string>()]))
  const addresses = new Set<string>()
  const marks = new Set<number>()
  const into = (purpose: SetPurpose, text: string) => void sets.get(purpose)!.add(text)

  for (const route of routes) {
    if (route.family !== family) continue
    const { protocol } = route
    const options = `-s ${scheduler}${route.affinitySeconds ? ` -p ${route.affinitySeconds}` : ''}`
    /** Makes a virtual server, unless somebody has the address and port; true when it did. */
    const serve = (ip: string, port: number, targets: readonly Target[], drop: boolean): boolean => {
      const key = member(protocol, ip, port)
      if (sets.get('OURS')!.has(key)) return false
      into('OURS', key)
      if (targets.length === 0) into(drop ? 'DROPPED' : 'REFUSED', key)
      // One without real servers refuses by itself; it is there for connections that outlive their endpoint. Silence is not its to give.
      if (targets.length > 0 || !drop) servers.set(serverAt(protocol, ip, port), { options, reals: realsOf(targets) })
      return true
    }
    const bind = (ip: string) => {
      if (ownIPs.has(ip)) return
      addresses.add(ip)
      into('VIPS', ip)
    }

    const clusterIP = canonicalIP(route.clusterIP)
    if (serve(clusterIP, route.port, route.internal, route.dropInternal)) into('CLUSTER', member(protocol, clusterIP, route.port))
    bind(clusterIP)

    const balancers = new Set(route.loadBalancerIPs.map(canonicalIP))
    const outer = [...new Set([...route.externalIPs.map(canonicalIP), ...balancers])]
    outer.forEach(bind)
    const ways = [...outer.map((ip) => [ip, route.port] as const), ...(route.nodePort === undefined ? [] : nodePortIPs.map((ip) => [ip, route.nodePort!] as const))]
    const mark = ways.length > 0 && !sameTargets(route.insiders, route.external) ? freeMark(route, marks) : undefined
    for (const [ip, port] of ways) {
      if (!serve(ip, port, route.external, route.dropExternal)) continue
      const key = member(protocol, ip, port)
      if (route.masqueradeExternal) into('MASQUERADE', key)
      if (mark !== undefined) into('INSIDERS', `${key} skbmark 0x${mark.toString(16)}`)
      const ranges = balancers.has(ip) ? route.loadBalancerSourceRanges : []
      if (ranges.length === 0 || ranges.some((range) => range.endsWith('/0'))) continue
      into('FENCED', key)
      for (const range of ranges) into('SOURCES', `${key},${range}`)
    }
    if (mark !== undefined) servers.set(serverOfMark(family, mark), { options, reals: realsOf(route.insiders) })
    for (const { ip, port } of [...route.internal, ...route.external, ...route.insiders]) into('LOOPBACK', `${member(protocol, canonicalIP(ip), port)},${canonicalIP(ip)}`)
  }
  return { servers, addresses, sets: new Map([...sets].map(([purpose, members]) => [setName(family, purpose), members])) }
}

const realsOf = (targets: readonly Target[]) => new Map(targets.map(({ ip, port }) => [hostPort(canonicalIP(ip), port), 1]))

const sameTargets = (a: readonly Target[], b: readonly Target[]): boolean =>
  a === b || (a.length === b.length && a.every((target, index) => target.ip === b[index]!.ip && target.port === b[index]!.port))

/** Drawn from the route's id, so that it is the same after a restart; the next one where two meet. */
function freeMark({ id, protocol }: { readonly id: string; readonly protocol: Protocol }, taken: Set<number>): number {
  // 21 bits, around those that others use for masquerading and dropping (0x4000 and 0x8000).
  for (let drawn = createHash('sha256').update(id).digest().readUInt32BE(); ; drawn++) {
    const mark = (markBase | (protocol === 'UDP' ? markOfUDP : 0) | (((drawn >>> 14) & 0x7f) << 16) | (drawn & 0x3fff)) >>> 0
    if (taken.has(mark)) continue
    taken.add(mark)
    return mark
  }
}
