import { isIPv6 } from 'node:net'
import type { Clock } from '../../host/clock.ts'
import type { Conntrack, FlowMatch } from '../../host/conntrack.ts'
import type { DummyLink, LinkAddress } from '../../host/dummy-link.ts'
import type { Ipset } from '../../host/ipset.ts'
import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Ipvs } from '../../host/ipvs.ts'
import type { Sysctl } from '../../host/sysctl.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import { chosenAddresses } from '../chosen-addresses.ts'
import { forgetFlows } from '../conntrack.ts'
import type { Family, ForwardingTable } from '../table.ts'
import { delta, lingeringIn, release, sameState, type Delta, type Lingering } from './delta.ts'
import { ownServers, parseConnections, parseServers, parseSets, type KernelState } from './kernel-state.ts'
import { plan } from './plan.ts'
import { ownLines, removalText, rulesOf, writeText } from './rules.ts'
import type { IpvsScheduler } from './schedulers.ts'

/** The name of the link that holds the addresses of Services. */
export const ipvsLink = 'k8ts-ipvs0'

export interface IpvsOptions extends BackendOptions {
  readonly ipvs: Ipvs
  readonly ipset: Ipset
  readonly iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>
  /** Over a link of the name `ipvsLink`. */
  readonly link: DummyLink
  readonly sysctl: Sysctl
  readonly conntrack: Pick<Conntrack, 'deleteUdp' | 'listUdp'>
  readonly clock: Clock
  /** Default `rr`: strictly in turn. */
  readonly scheduler?: IpvsScheduler
  /** The node answers ARP requests for its own addresses only on the link that has them. For load balancers that announce addresses by ARP. */
  readonly strictARP?: boolean
}

const families = ['ipv4', 'ipv6'] as const
const ipFamily: Readonly<Record<Family, IpFamily>> = { ipv4: 'IPv4', ipv6: 'IPv6' }

/** `conntrack`: rules see what IPVS forwards. The other two: flows and callers leave a real server once it is gone. */
const settings: readonly (readonly [string, number])[] = [['conntrack', 1], ['expire_nodest_conn', 1], ['expire_quiescent_template', 1]]
const strictARPSettings: readonly (readonly [string, number])[] = [['arp_ignore', 1], ['arp_announce', 2]]

/** A real server with open connections is kept so long, at most, and looked at after the first time, then ever less often. */
const lingerMs = 15 * 60_000
const firstSweepMs = 1_000
const longestSweepMs = 15_000

/** `rules`: undefined where the family was never begun. */
interface Kept { readonly state: KernelState; readonly rules: readonly string[] | undefined }
/** What is to be done for one family; `rules`: those that are there already. */
interface Step { readonly family: Family; readonly change: Delta; readonly rules: readonly string[] | undefined }

/** The IPVS backend: the kernel's own load balancer, with addresses on a link of ours, and a fixed handful of iptables rules over sets. */
export function createIpvsBackend({ ipvs, ipset, iptables, link, sysctl, conntrack, clock, clusterCIDRs, nodePortAddresses, scheduler = 'rr', strictARP = false }: IpvsOptions): Backend {
  /** What the kernel has, and the addresses of the node that are not ours; undefined: not known, look before writing. */
  let known: { readonly kept: ReadonlyMap<Family, Kept>; readonly others: readonly LinkAddress[] } | undefined
  /** How our rules looked right after they were written. */
  const shown = new Map<Family, readonly string[]>()
  /** When each real server that lingers was given up. */
  const since = new Map<string, number>()
  let cancelSweep: (() => void) | undefined
  let stopped = false
  /** One at a time: a sweep must not fall into the middle of an `apply`. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work)
    last = done.catch(() => undefined)
    return done
  }

  async function look(): Promise<Look> {
    const [servers, sets, addresses] = await Promise.all([ipvs.save(), ipset.save(), link.addresses()])
    return { servers, sets, addresses }
  }

  async function apply(table: ForwardingTable): Promise<void> {
    if (known) return follow(table, undefined)
    // A look may miss a virtual server, which then cannot be added: see `Ipvs.save`.
    await follow(table, await look()).catch(async () => follow(table, await look()))
  }

  /** `looked`: where it is not known what there is. */
  async function follow({ routes }: ForwardingTable, looked: Look | undefined): Promise<void> {
    const others = known?.others ?? othersIn(looked!)
    const own = new Set(others.map(({ ip }) => ip))
    const nodePortIPs = nodeIPs(others, nodePortAddresses)
    const kept = new Map(known?.kept)
    const steps: Step[] = []
    for (const family of families) {
      const wanted = plan(routes, { family, scheduler, ownIPs: own, nodePortIPs: nodePortIPs.filter((ip) => isOf(family, ip)) })
      const before = kept.get(family) ?? { state: stateOf(looked!, family, wanted), rules: undefined }
      kept.set(family, before)
      const alone = family === 'ipv6' && !before.rules && before.state.sets.size === 0 && !routes.some((route) => route.family === family)
      if (!alone) steps.push({ family, change: delta(family, before.state, wanted), rules: before.rules })
    }
    const ours = [...kept.values()].flatMap(({ state }) => [...state.addresses]).map((ip) => ({ link: ipvsLink, ip }))
    known = undefined
    for (const [family, now] of await write(steps, [...others, ...ours])) kept.set(family, now)
    known = { kept, others }
    sweepIn(firstSweepMs)
  }

  async function prepare(): Promise<void> {
    const arp = strictARP ? strictARPSettings.map(([name, value]) => [`ipv4/conf/all/${name}`, value] as const) : []
    await Promise.all([...settings.map(([name, value]) => [`ipv4/vs/${name}`, value] as const), ...arp].map(([name, value]) => sysctl.set(`net/${name}`, value)))
  }

  /** Both families at once, as each tool that is started costs more than what it is told. Rules name sets, so the sets come first; both before there is an address at which they are needed. */
  async function write(steps: readonly Step[], addresses: readonly LinkAddress[]): Promise<[Family, Kept][]> {
    const all = (text: (change: Delta) => string) => steps.map(({ change }) => text(change)).join('')
    const isFirst = steps.some(({ rules }) => rules === undefined)
    if (isFirst) await prepare()
    await ipset.restore(all(({ widen }) => widen))
    const rules = await Promise.all(steps.map((step) => step.rules ?? writeRules(step.family)))
    await ipvs.restore(all(({ servers }) => servers))
    const add = steps.flatMap(({ change }) => change.addresses.add)
    const remove = steps.flatMap(({ change }) => change.addresses.remove)
    if (isFirst || add.length + remove.length > 0) await link.change(add, remove, addresses)
    await ipset.restore(all(({ narrow }) => narrow))
    await forgetFlows(steps.flatMap(({ change }) => change.forget.map(flowsTo)), conntrack)
    return steps.map(({ family, change }, index) => [family, { state: change.after, rules: rules[index]! }])
  }

  async function writeRules(family: Family): Promise<readonly string[]> {
    const found = ownLines(await iptables.save(ipFamily[family]))
    if (shown.get(family)?.join('\n') === found.join('\n')) return found
    await iptables.restore(ipFamily[family], writeText(rulesOf(family, clusterCIDRs), found), { noflush: true })
    const written = ownLines(await iptables.save(ipFamily[family]))
    shown.set(family, written)
    return written
  }

  function sweepIn(ms: number): void {
    const lingering = [...known?.kept.values() ?? []].flatMap(({ state }) => lingeringIn(state))
    const names = new Set(lingering.map(({ server, real }) => `${server} ${real}`))
    for (const name of since.keys()) if (!names.has(name)) since.delete(name)
    for (const name of names) if (!since.has(name)) since.set(name, clock.now())
    cancelSweep?.()
    cancelSweep = lingering.length === 0 || stopped ? undefined : clock.after(ms, () => {
      // What fails is tried again with the next sweep.
      void inTurn(sweep).catch(() => undefined).then(() => sweepIn(Math.min(2 * ms, longestSweepMs)))
    }, { unref: true })
  }

  /** Takes away real servers whose last connection has ended, or whose time is up. */
  async function sweep(): Promise<void> {
    if (!known) return
    const connections = parseConnections(await ipvs.connections())
    const { kept, others } = known
    const isOver = ({ server, real }: Lingering) => (connections.get(server)?.get(real) ?? 0) === 0 || clock.now() - since.get(`${server} ${real}`)! >= lingerMs
    const swept = [...kept].map(([family, { state, rules }]) => ({ family, rules, ...release(state, lingeringIn(state).filter(isOver)) }))
    known = undefined
    await ipvs.restore(swept.map(({ lines }) => lines).join(''))
    known = { others, kept: new Map(swept.map(({ family, after, rules }) => [family, { state: after, rules }])) }
  }

  async function intact(): Promise<boolean> {
    if (!known) return false
    const { kept, others } = known
    const [looked, ...rules] = await Promise.all([look(), ...[...kept].map(async ([family, { rules }]) => rules && ownLines(await iptables.save(ipFamily[family])))])
    const whole = ownIPs(othersIn(looked)) === ownIPs(others)
      && [...kept].every(([family, { state, rules: written }], index) => sameState(state, stateOf(looked, family)) && written?.join('\n') === rules[index]?.join('\n'))
    if (!whole) known = undefined
    return whole
  }

  async function cleanup(): Promise<void> {
    cancelSweep?.()
    cancelSweep = undefined
    known = undefined
    await Promise.all(families.map(async (family) => {
      const text = removalText(ownLines(await iptables.save(ipFamily[family]).catch(() => '')))
      if (text) await iptables.restore(ipFamily[family], text, { noflush: true })
    }))
    // A kernel without sets has none of ours, and no virtual servers either: those begin with a set that tells whose they are.
    const sets = await ipset.unsupported() === undefined ? await ipset.save() : ''
    const own = families.map((family) => ({ family, sets: parseSets(sets, family) })).filter((each) => each.sets.size > 0)
    if (own.length > 0 && await ipvs.unsupported() === undefined) await ipvs.remove(own.flatMap((each) => [...ownServers(each.sets, each.family)]))
    await ipset.restore(own.flatMap((each) => [...each.sets.keys()].map((name) => `destroy ${name}\n`)).join(''))
    await link.remove()
  }

  return {
    name: 'ipvs',
    forgetsFlows: true,
    async supported() {
      const [servers, sets, rules] = await Promise.all([ipvs.unsupported(), ipset.unsupported(), iptables.unsupported('IPv4')])
      return servers ?? sets ?? rules
    },
    apply: (table) => inTurn(() => apply(table)),
    intact: () => inTurn(intact),
    cleanup: () => inTurn(cleanup),
    async stop() {
      stopped = true
      cancelSweep?.()
      await last
    },
  }
}

/** IPVS does not say of a flow that it is translated, so that `conntrack` cannot find it by its endpoint. Flows to endpoints that stay are known to IPVS and go on. */
function flowsTo(entrance: string): FlowMatch {
  const [dst, port] = entrance.split(',udp:')
  return { dst: dst!, port: Number(port), family: dst!.includes(':') ? 'IPv6' : 'IPv4' }
}

/** Addresses that are the node's own, or at least not ours. */
const othersIn = ({ addresses }: Look): LinkAddress[] => addresses.filter(({ link }) => link !== ipvsLink)
const ownIPs = (addresses: readonly LinkAddress[]): string => [...new Set(addresses.map(({ ip }) => ip))].sort().join(' ')

interface Look { readonly servers: string; readonly sets: string; readonly addresses: readonly LinkAddress[] }

/** `wanted`: its virtual servers are ours wherever they are there, also when somebody has emptied the sets that would tell. */
function stateOf({ servers, sets, addresses }: Look, family: Family, wanted?: KernelState): KernelState {
  const own = parseSets(sets, family)
  const names = ownServers(own, family)
  return {
    sets: own, servers: new Map([...parseServers(servers)].filter(([server]) => names.has(server) || wanted?.servers.has(server))),
    addresses: new Set(addresses.filter((address) => address.link === ipvsLink && isOf(family, address.ip)).map(({ ip }) => ip)),
  }
}

const isOf = (family: Family, ip: string): boolean => isIPv6(ip) === (family === 'ipv6')

/** Of the node's addresses those on which node ports are answered: those chosen, never loopback. */
function nodeIPs(addresses: readonly LinkAddress[], networks: readonly string[]): string[] {
  const ips = addresses.filter(({ link, ip }) => link !== 'lo' && !ip.startsWith('127.') && ip !== '::1').map(({ ip }) => ip)
  return chosenAddresses(networks, ips) ?? ips
}
