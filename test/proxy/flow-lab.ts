import { readFileSync } from 'node:fs'
import type { Exec } from '../../host/exec.ts'
import { inNetns, netnsPath } from '../../host/netns.ts'
import { reapTestNamespaces } from '../../host/testing/namespaces.ts'
import type { Family, Protocol } from '../../proxy/table.ts'
import { startAsker, type Asker } from './asker.ts'

/**
 * Three nodes with pods on one switch, and a machine that is no member of the cluster, all as network namespaces, in
 * both families:
 *
 *     n1 192.0.2.1, .11 ── bridge 10.244.1.1 ── p1 10.244.1.11, p2 …12, c1 …20        2001:db8:2::1, fd00:244:1::11, …
 *     n2 192.0.2.2      ── bridge 10.244.2.1 ── p3 10.244.2.13
 *     n3 192.0.2.3      ── bridge 10.244.3.1 ── c3 10.244.3.20
 *     outside 192.0.2.100, .101: sends 198.51.100.0/24 and 2001:db8:51::/64 to n1, 203.0.113.0/24 and 2001:db8:113::/64 to n3,
 *              and what is for cluster IPs to n1
 *
 * p1…p3 answer with their name and the address they were called from; c1 and c3 only ask. Everything is done by
 * commands through one `Exec`, so that the lab may stand on another machine.
 */
export interface FlowLab {
  readonly nodes: Readonly<Record<NodeName, LabNode>>
  /** `p1 192.0.2.100`, or an error's name (`ECONNREFUSED`, …), or `timeout`; one for each time asked. */
  ask(question: Question): Promise<string[]>
  /** The first answer of a connection that stays open, a function that asks on it once more, and one that ends it. */
  hold(question: Question): Promise<{ readonly first: string; again(): Promise<string>; drop(): Promise<void> }>
  close(): Promise<void>
}

export interface LabNode {
  readonly name: NodeName
  /** Commands inside the node's network. */
  readonly exec: Exec
  /** The path of its network namespace, on the machine of the lab. */
  readonly netns: string
}

export interface Question {
  readonly from: Place
  readonly protocol: Lowercase<Protocol>
  readonly host: string
  readonly port: number
  /** Default 1. */
  readonly times?: number
  /** Seconds to wait for each answer. Default 30, as a busy machine may need them; 1 where silence is what is expected. */
  readonly patience?: number
  readonly sourceAddress?: string
  readonly sourcePort?: number
}

export type NodeName = 'n1' | 'n2' | 'n3'
export type PodName = 'p1' | 'p2' | 'p3' | 'c1' | 'c3'
export type Place = NodeName | PodName | 'outside'

export const nodeNames: readonly NodeName[] = ['n1', 'n2', 'n3']
/** Where each pod lives, and the last part of its address. */
const pods: Readonly<Record<PodName, { readonly node: NodeName; readonly host: number }>> = {
  p1: { node: 'n1', host: 11 }, p2: { node: 'n1', host: 12 }, p3: { node: 'n2', host: 13 }, c1: { node: 'n1', host: 20 }, c3: { node: 'n3', host: 20 },
}
export const podNames = Object.keys(pods) as PodName[]
/** Those with an echo server. */
export const servingPods = ['p1', 'p2', 'p3'] as const satisfies PodName[]
export const targetPorts: Readonly<Record<Protocol, number>> = { TCP: 8080, UDP: 8053, SCTP: 8132 }

export const nodeOf = (pod: PodName): NodeName => pods[pod].node
export const nodeIP = (node: NodeName, family: Family): string => (family === 'ipv4' ? '192.0.2.' : '2001:db8:2::') + node[1]
/** A second address of n1. */
export const secondIP = (family: Family): string => `${nodeIP('n1', family)}1`
export const bridgeIP = (node: NodeName, family: Family): string => (family === 'ipv4' ? `10.244.${node[1]}.1` : `fd00:244:${node[1]}::1`)
export const podIP = (pod: PodName, family: Family): string => {
  const { node, host } = pods[pod]
  return family === 'ipv4' ? `10.244.${node[1]}.${host}` : `fd00:244:${node[1]}::${host}`
}
/** `way`: the node by which the packets of `outside` get there. */
export const foreignIP = (way: 'n1' | 'n3', number: number, family: Family): string =>
  (family === 'ipv4' ? { n1: '198.51.100.', n3: '203.0.113.' } : { n1: '2001:db8:51::', n3: '2001:db8:113::' })[way] + number
export const outsideIP = (family: Family, which: 0 | 1 = 0): string => (family === 'ipv4' ? '192.0.2.10' : '2001:db8:2::10') + which
/** Networks that Services' cluster IPs are of, for the routes of `outside`. */
export const clusterIPNetwork: Readonly<Record<Family, string>> = { ipv4: '10.96.0.0/16', ipv6: 'fd00:96::/112' }
export const clusterCIDRs: readonly string[] = ['10.244.0.0/16', 'fd00:244::/32']

const program = (name: string): string => readFileSync(new URL(`programs/${name}`, import.meta.url), 'utf8')

/** `protocols`: what the kernel of the lab's machine speaks. `prefix` tells labs side by side apart. */
export async function createFlowLab({ exec, prefix, protocols }: { exec: Exec; prefix: string; protocols: readonly Protocol[] }): Promise<FlowLab> {
  const netns = (place: Place | 'switch') => `k8ts-${prefix}-${process.pid}-${place}`
  const inside = (place: Place) => inNetns(exec, netnsPath(netns(place)))
  const places = [...nodeNames, ...podNames, 'outside', 'switch'] as const
  const perl = (place: Place, name: string, args: readonly (string | number)[]) => inside(place).run('perl', ['-e', program(name), ...args.map(String)], { timeoutMs: 300_000 })
  let servers: string[] = []
  let held = 0
  const askers = new Map<Place, Promise<Asker>>()
  const askerIn = (place: Place) => askers.get(place) ?? askers.set(place, startAsker(inside(place), program('ask.pl'))).get(place)!

  const close = async () => {
    await Promise.all([...askers.values()].map(async (asker) => (await asker).close()))
    if (servers.length) await exec.run('kill', servers, { okCodes: [0, 1] })
    await exec.run('sh', ['-c', places.map((place) => `for pid in $(ip netns pids ${netns(place)} 2>/dev/null); do kill -9 $pid; done; ip netns del ${netns(place)} 2>/dev/null`).join('\n')], { okCodes: [0, 1] })
  }
  const args = ({ protocol, host, port, times = 1, patience = 30, sourceAddress = '', sourcePort = 0 }: Question) => [protocol, host, port, times, patience, sourceAddress, sourcePort]
  await reapTestNamespaces(prefix)
  try {
    await exec.run('sh', ['-ec', construction(netns)], { timeoutMs: 600_000 })
    const listeners = protocols.map((protocol) => `${protocol.toLowerCase()}:${targetPorts[protocol]}`)
    servers = await Promise.all(servingPods.map(async (pod) => (await perl(pod, 'echo.pl', [pod, ...listeners])).stdout.trim()))
  } catch (error) {
    await close()
    throw error
  }
  return {
    nodes: Object.fromEntries(nodeNames.map((name) => [name, { name, exec: inside(name), netns: netnsPath(netns(name)) }])) as Record<NodeName, LabNode>,
    close,
    async ask(question) {
      return (await askerIn(question.from)).ask(args(question))
    },
    async hold(question) {
      const name = `${netns(question.from)}-held-${(held += 1)}`
      const asker = await askerIn(question.from)
      const [first] = await asker.ask([...args(question), name])
      return { first: first!, again: async () => (await asker.ask(['again', name]))[0]!, drop: async () => void await asker.ask(['drop', name]) }
    },
  }
}

/** The lab as one shell script: few processes, as each costs much where the machine is emulated. */
function construction(netns: (place: Place | 'switch') => string): string {
  const lines: string[] = ['modprobe -q br_netfilter || true']
  const batch = (text: readonly string[], place?: Place | 'switch') => lines.push(`ip ${place ? `-n ${netns(place)} ` : ''}-batch - <<'END'`, ...text, 'END')
  const machines: readonly Place[] = [...nodeNames, ...podNames, 'outside']

  batch([...machines, 'switch' as const].map((place) => `netns add ${netns(place)}`))
  for (const place of machines) {
    // Before there are links: addresses need no detection of duplicates here, and a second of waiting for it is a second lost.
    // And every refusal is to be seen: kernels send but a few a second to one address.
    const settings = ['net/ipv6/conf/all/accept_dad=0', 'net/ipv6/conf/default/accept_dad=0', 'net/ipv4/icmp_ratelimit=0', 'net/ipv6/icmp/ratelimit=0', ...(isNode(place) ? ['net/ipv4/ip_forward=1', 'net/ipv6/conf/all/forwarding=1', 'net/bridge/bridge-nf-call-iptables=1', 'net/bridge/bridge-nf-call-ip6tables=1'] : [])]
    const write = settings.map((setting) => setting.split('=')).map(([name, value]) => `echo ${value} > /proc/sys/${name}`)
    // An error that comes back while the first packet is still being sent is not heard of; SCTP would send the next one after three seconds.
    write.push('test ! -d /proc/sys/net/sctp || echo 1000 > /proc/sys/net/sctp/rto_initial')
    lines.push(`nsenter --net=${netnsPath(netns(place))} sh -ec '${write.join('; ')}'`)
  }
  lines.push(`nsenter --net=${netnsPath(netns('switch'))} sh -c 'for file in /proc/sys/net/bridge/bridge-nf-call-*; do echo 0 > $file; done'`)

  const bridge = (name: string) => `link add ${name} type bridge mcast_snooping 0`
  batch([bridge('br0'), 'link set br0 up'], 'switch')
  for (const node of nodeNames) batch([bridge('br0')], node)
  const attached = (place: Place) => (isPod(place) ? nodeOf(place) : 'switch')
  batch(machines.map((place) => `link add v-${place} netns ${netns(attached(place))} type veth peer name eth0 netns ${netns(place)}`))
  for (const home of ['switch', ...nodeNames] as const) batch(machines.filter((place) => attached(place) === home).map((place) => `link set v-${place} master br0 up`), home)
  for (const pod of podNames) lines.push(`bridge -n ${netns(nodeOf(pod))} link set dev v-${pod} hairpin on`)

  const families: readonly Family[] = ['ipv4', 'ipv6']
  const length: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 }
  const address = (ip: string, prefix: number, link = 'eth0') => `address add ${ip}/${prefix} dev ${link}${ip.includes(':') ? ' nodad' : ''}`
  // Not to be chosen as a source unless asked for, as IPv4 has it by itself.
  const second = (ip: string, prefix: number) => `${address(ip, prefix)}${ip.includes(':') ? ' preferred_lft 0' : ''}`
  const up = ['link set lo up', 'link set eth0 up']
  for (const node of nodeNames) {
    const others = nodeNames.filter((other) => other !== node)
    batch([...up, 'link set br0 up', ...families.flatMap((family) => [
      address(nodeIP(node, family), length[family]),
      ...(node === 'n1' ? [second(secondIP(family), length[family])] : []),
      address(bridgeIP(node, family), length[family], 'br0'),
      ...others.map((other) => `route add ${podNetwork(other, family)} via ${nodeIP(other, family)}`),
      `route add default via ${outsideIP(family)}`,
    ])], node)
  }
  for (const pod of podNames) batch([...up, ...families.flatMap((family) => [address(podIP(pod, family), length[family]), `route add default via ${bridgeIP(nodeOf(pod), family)}`])], pod)
  batch([...up, ...families.flatMap((family) => [
    address(outsideIP(family), length[family]), second(outsideIP(family, 1), length[family]),
    ...(['n1', 'n3'] as const).map((way) => `route add ${foreignIP(way, 0, family)}/${length[family]} via ${nodeIP(way, family)}`),
    ...nodeNames.map((node) => `route add ${podNetwork(node, family)} via ${nodeIP(node, family)}`),
    `route add ${clusterIPNetwork[family]} via ${nodeIP('n1', family)}`,
  ])], 'outside')
  return lines.join('\n')
}

const podNetwork = (node: NodeName, family: Family): string => (family === 'ipv4' ? `10.244.${node[1]}.0/24` : `fd00:244:${node[1]}::/64`)
const isNode = (place: Place): place is NodeName => (nodeNames as readonly string[]).includes(place)
const isPod = (place: Place): place is PodName => place in pods
