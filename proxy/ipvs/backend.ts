import { BlockList, isIPv6 } from 'node:net'
import type { Clock } from '../../host/clock.ts'
import type { Conntrack, FlowMatch } from '../../host/conntrack.ts'
import type { DummyLink, LinkAddress } from '../../host/dummy-link.ts'
import type { Ipset } from '../../host/ipset.ts'
import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Ipvs } from '../../host/ipvs.ts'
import type { Sysctl } from '../../host/sysctl.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import { forgetFlows } from '../conntrack.ts'
import type { Family, ForwardingTable } from '../table.ts'
import { delta, lingeringIn, release, sameState, type Delta } from './delta.ts'
import { familyOfServer, memberOf, ownServers, parseConnections, parseServers, parseSets, type KernelState } from './kernel-state.ts'
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

/** A real server with open connections is kept so long, at most, and looked at so often. */
const lingerMs = 15 * 60_000
const firstSweepMs = 1_000
const sweepMs = 15_000

interface Written { readonly state: KernelState; readonly rules: readonly string[] }
/** What is to be done for one family; `rules`: those that are there already. */
interface Step { readonly family: Family; readonly change: Delta; readonly rules: readonly string[] | undefined }

/** The IPVS backend: the kernel's own load balancer, with addresses on a link of ours, and a fixed handful of iptables rules over sets. */
export function createIpvsBackend({ ipvs, ipset, iptables, link, sysctl, conntrack, clock, clusterCIDRs, nodePortAddresses, scheduler = 'rr', strictARP = false }: IpvsOptions): Backend {
  /** What the kernel has, by family; absent: not known, look before writing. */
  const written = new Map<Family, Written>()
  let nodePortIPs = ''
  /** When each real server that lingers was given up. */
  const since = new Map<string, number>()
  let cancelSweep: (() => void) | undefined
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

  async function apply({ routes }: ForwardingTable): Promise<void> {
    const addresses = await link.addresses()
    const chosen = nodeIPs(addresses, nodePortAddresses)
    const own = new Set(addresses.filter((address) => address.link !== ipvsLink).map(({ ip }) => ip))
    let looked: Look | undefined
    const steps: Step[] = []
    for (const family of families) {
      const before = written.get(family)
      const isWanted = routes.some((route) => route.family === family)
      if (!before) looked ??= await look()
      const wanted = plan(routes, { family, scheduler, ownIPs: own, nodePortIPs: chosen.filter((ip) => isOf(family, ip)) })
      const now = before?.state ?? stateOf(looked!, family, wanted)
      if (!isWanted && !before && family === 'ipv6' && now.sets.size === 0) continue
      steps.push({ family, change: delta(family, now, wanted), rules: before?.rules })
    }
    await write(steps, addresses)
    nodePortIPs = chosen.join(' ')
    sweepIn(firstSweepMs)
  }

  async function prepare(): Promise<void> {
    for (const [name, value] of settings) await sysctl.set(`net/ipv4/vs/${name}`, value)
    if (strictARP) for (const [name, value] of strictARPSettings) await sysctl.set(`net/ipv4/conf/all/${name}`, value)
  }

  /** Both families at once, as each tool that is started costs more than what it is told. Rules name sets, so the sets come first; both before there is an address at which they are needed. */
  async function write(steps: readonly Step[], addresses: readonly LinkAddress[]): Promise<void> {
    const all = (text: (change: Delta) => string) => steps.map(({ change }) => text(change)).join('')
    const isFirst = steps.some(({ rules }) => rules === undefined)
    for (const { family } of steps) written.delete(family)
    if (isFirst) await prepare()
    await ipset.restore(all(({ widen }) => widen))
    const rules = new Map<Family, readonly string[]>()
    for (const step of steps) rules.set(step.family, step.rules ?? await writeRules(step.family))
    await ipvs.restore(all(({ servers }) => servers))
    const add = steps.flatMap(({ change }) => change.addresses.add)
    const remove = steps.flatMap(({ change }) => change.addresses.remove)
    if (isFirst || add.length + remove.length > 0) await link.change(add, remove, addresses)
    await ipset.restore(all(({ narrow }) => narrow))
    await forgetFlows(steps.filter((step) => step.rules).flatMap(({ change }) => change.forget.flatMap(flowsTo)), conntrack)
    for (const { family, change } of steps) written.set(family, { state: change.after, rules: rules.get(family)! })
  }

  async function writeRules(family: Family): Promise<string[]> {
    const found = ownLines(await iptables.save(ipFamily[family]))
    await iptables.restore(ipFamily[family], writeText(rulesOf(family, clusterCIDRs), found), { noflush: true })
    return ownLines(await iptables.save(ipFamily[family]))
  }

  function sweepIn(ms: number): void {
    const lingering = [...written.values()].flatMap(({ state }) => lingeringIn(state))
    const names = new Set(lingering.map(({ server, real }) => `${server} ${real}`))
    for (const name of since.keys()) if (!names.has(name)) since.delete(name)
    for (const name of names) if (!since.has(name)) since.set(name, clock.now())
    cancelSweep?.()
    cancelSweep = lingering.length === 0 ? undefined : clock.after(ms, () => {
      // What fails is tried again with the next sweep.
      void inTurn(sweep).catch(() => undefined).then(() => sweepIn(sweepMs))
    }, { unref: true })
  }

  /** Takes away real servers whose last connection has ended, or whose time is up. */
  async function sweep(): Promise<void> {
    const connections = parseConnections(await ipvs.list())
    for (const [family, { state, rules }] of written) {
      const gone = lingeringIn(state).filter(({ server, real }) =>
        (connections.get(server)?.get(real) ?? 0) === 0 || clock.now() - since.get(`${server} ${real}`)! >= lingerMs)
      if (gone.length === 0) continue
      const { lines, after } = release(state, gone)
      written.delete(family)
      await ipvs.restore(lines)
      written.set(family, { state: after, rules })
    }
  }

  async function intact(): Promise<boolean> {
    const looked = await look()
    const rules = await Promise.all([...written.keys()].map(async (family) => ownLines(await iptables.save(ipFamily[family]))))
    const whole = nodeIPs(looked.addresses, nodePortAddresses).join(' ') === nodePortIPs
      && [...written].every(([family, known], index) => sameState(known.state, stateOf(looked, family)) && known.rules.join('\n') === rules[index]!.join('\n'))
    if (!whole) written.clear()
    return whole
  }

  async function cleanup(): Promise<void> {
    cancelSweep?.()
    cancelSweep = undefined
    written.clear()
    for (const family of families) {
      const text = removalText(ownLines(await iptables.save(ipFamily[family]).catch(() => '')))
      if (text) await iptables.restore(ipFamily[family], text, { noflush: true })
    }
    // A kernel without sets has none of ours, and no virtual servers either: those begin with a set that tells whose they are.
    const sets = await ipset.unsupported() === undefined ? await ipset.save() : ''
    for (const family of families) {
      const own = parseSets(sets, family)
      if (own.size === 0) continue
      if (await ipvs.unsupported() === undefined) await ipvs.restore([...ownServers(parseServers(await ipvs.save()), own, family).keys()].map((server) => `-D ${server}\n`).join(''))
      await ipset.restore([...own.keys()].map((name) => `destroy ${name}\n`).join(''))
    }
    await link.remove()
  }

  return {
    name: 'ipvs',
    async supported() {
      const [servers, sets, rules] = await Promise.all([ipvs.unsupported(), ipset.unsupported(), iptables.unsupported('IPv4')])
      return servers ?? sets ?? rules
    },
    apply: (table) => inTurn(() => apply(table)),
    intact: () => inTurn(intact),
    cleanup: () => inTurn(cleanup),
  }
}

/** IPVS does not say of a flow that it is translated, so that `conntrack` cannot find it by its endpoint. Flows to endpoints that stay are known to IPVS and go on. */
function flowsTo(server: string): FlowMatch[] {
  const [ip, port] = memberOf(server)?.split(/,udp:/) ?? []
  return ip ? [{ dst: ip, port: Number(port), family: ipFamily[familyOfServer(server)] }] : []
}

interface Look { readonly servers: string; readonly sets: string; readonly addresses: readonly LinkAddress[] }

/** `wanted`: its virtual servers are ours wherever they are there, also when somebody has emptied the sets that would tell. */
function stateOf({ servers, sets, addresses }: Look, family: Family, wanted?: KernelState): KernelState {
  const own = parseSets(sets, family)
  const all = parseServers(servers)
  return {
    sets: own, servers: new Map([...all].filter(([server]) => wanted?.servers.has(server)).concat([...ownServers(all, own, family)])),
    addresses: new Set(addresses.filter((address) => address.link === ipvsLink && isOf(family, address.ip)).map(({ ip }) => ip)),
  }
}

const isOf = (family: Family, ip: string): boolean => isIPv6(ip) === (family === 'ipv6')

/** The addresses on which node ports are answered: those chosen, never loopback. */
function nodeIPs(addresses: readonly LinkAddress[], chosen: readonly string[]): string[] {
  const wanted = new BlockList()
  for (const cidr of chosen) {
    const [network, bits] = cidr.split('/')
    wanted.addSubnet(network!, Number(bits), network!.includes(':') ? 'ipv6' : 'ipv4')
  }
  return addresses
    .filter(({ link, ip }) => link !== ipvsLink && link !== 'lo' && !ip.startsWith('127.') && ip !== '::1')
    .map(({ ip }) => ip)
    .filter((ip) => chosen.length === 0 || wanted.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4'))
}
