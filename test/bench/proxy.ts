/**
 * `node test/bench/proxy.ts [sizes] [modes]` (root): what the service proxy costs, from a few Services to tens of
 * thousands, in a network namespace of its own with a real API server, the real proxy loop and real packets.
 * kube-proxy cannot be had here; our iptables mode, whose rules are laid out as kube-proxy's, is what nftables is
 * compared with. Prints one line a figure; changes nothing outside.
 */
import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createInformers, type Informers } from '../../api/client/informers.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import { startCluster, type Cluster } from '../../cli/embed/start-cluster.ts'
import { systemClock as clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import { createExec } from '../../host/exec.ts'
import type { Backend } from '../../proxy/backend.ts'
import { startProxy, type Proxy } from '../../proxy/proxy.ts'
import { iptables, nftables } from '../proxy/contenders.ts'
import type { Contender } from '../proxy/flow-cluster.ts'
import { clusterCIDRs, createFlowLab, podIP, servingPods, type FlowLab } from '../proxy/flow-lab.ts'
import { createUserspaceProcesses } from '../proxy/userspace-processes.ts'
import { cost, heapMiB, since, type Cost } from './proxy/cost.ts'
import { lineOf, percentile, type Figure } from './report.ts'

const [sizesAsked = '10,1000,5000,10000,30000', modesAsked = 'nftables,iptables-nft'] = process.argv.slice(2)
const sizes = sizesAsked.split(',').map(Number)
const userspaceProcesses = createUserspaceProcesses()
/** Its sockets must be in the node's network, so it is a process of its own; the whole table goes there at each change. */
const userspace: Contender = { ...nftables, name: 'userspace', create: ({ exec, netns }, options) => userspaceProcesses.backend({ exec, netns }, 'nftables', options) }
/** Beyond these, minutes pass: iptables writes a chain a Service and reads them one after the other, userspace opens a socket for each. */
const most: Readonly<Record<string, number>> = { 'iptables-nft': 10_000, 'iptables-legacy': 10_000, userspace: 1000 }
const modes: readonly Contender[] = [nftables, iptables('nft'), iptables('legacy'), userspace].filter(({ name }) => modesAsked.split(',').includes(name))
const changes = 20
const connections = 1000
const log = pino({ level: 'silent' })
const connectProgram = readFileSync(new URL('proxy/connect.pl', import.meta.url), 'utf8')

const figures = new Map<string, number>()
function show(mode: string, size: number, name: string, value: number, unit: string, aim?: Figure['aim']): void {
  const peer = figures.get(`nftables ${size} ${name}`)
  figures.set(`${mode} ${size} ${name}`, value)
  const ratio = mode !== 'nftables' && peer ? `  nftables ${(peer / value).toPrecision(2)} of it` : ''
  console.log(lineOf({ name: `${mode}, ${size} Services: ${name}`, value, unit, ...(aim && mode === 'nftables' && { aim }) }) + ratio)
}

/** The address of the Service with this number: 10.96.x.y, past those that have a meaning. */
const ipOf = (number: number): string => `10.96.${Math.floor((number + 300) / 250)}.${((number + 300) % 250) + 1}`
const serviceName = (number: number): string => `service-${number}`

/** Three endpoints that answer, as most Services have. */
async function createService({ client }: Cluster, number: number): Promise<void> {
  const metadata = { name: serviceName(number), namespace: 'default' }
  await client.create(services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: ipOf(number), ports: [{ name: 'http', port: 80, targetPort: 8080 }] } })
  await createSlice(client, number)
}

const createSlice = (client: Cluster['client'], number: number) => client.create(endpointSlices, {
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
  metadata: { name: serviceName(number), namespace: 'default', labels: { 'kubernetes.io/service-name': serviceName(number) } },
  ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  endpoints: servingPods.map((pod) => ({ addresses: [podIP(pod, 'ipv4')], conditions: { ready: true } })),
})

async function fill(cluster: Cluster, from: number, to: number): Promise<void> {
  process.stderr.write(`Creating Services ${from} to ${to} …\n`)
  let next = from
  await Promise.all(Array.from({ length: 32 }, async () => { while (next < to) await createService(cluster, next++) }))
}

const run = (lab: FlowLab, backend: Backend, informers: Informers): Proxy => startProxy({
  services: informers.of(services), endpointSlices: informers.of(endpointSlices), backend,
  conntrack: createConntrack({ exec: lab.nodes.n1.exec }), node: { name: 'n1', clusterCIDRs }, clock, log, metrics: new Registry(),
})

/** Microseconds of connections made one after the other inside the node, and how many a second. */
async function connect(lab: FlowLab, host: string): Promise<number[]> {
  const { stdout } = await lab.nodes.n1.exec.run('perl', ['-e', connectProgram, host, '80', String(connections)], { timeoutMs: 120_000 })
  return stdout.trim().split(' ').map(Number)
}

/** A backend, and what its calls of `apply` came to: how many have ended, when the last one did, and our own processor time in all of them. */
function watched(backend: Backend) {
  const seen = { count: 0, ended: 0, ownMs: 0 }
  const watching: Backend = {
    ...backend,
    async apply(table, following) {
      const before = process.cpuUsage()
      await backend.apply(table, following)
      seen.ended = performance.now()
      seen.count += 1
      const { user, system } = process.cpuUsage(before)
      seen.ownMs += (user + system) / 1000
    },
  }
  return { backend: watching, seen }
}

/** A Service that has no endpoint gets three: milliseconds from the write to the API until a connection is let in. */
async function changeOnce(lab: FlowLab, { client }: Cluster, number: number): Promise<number> {
  const caller = await lab.nodes.n1.exec.spawn('perl', ['-e', connectProgram, ipOf(number), '80', 'until', '60'])
  const lines = createInterface({ input: caller.stdout! })[Symbol.asyncIterator]()
  await lines.next()
  const written = performance.timeOrigin + performance.now()
  await createSlice(client, number)
  const { value } = await lines.next()
  await caller.exited
  return Number(value) * 1000 - written
}

type Say = (name: string, value: number, unit: string, aim?: Figure['aim']) => void

async function measure(lab: FlowLab, cluster: Cluster, informers: Informers, contender: Contender, size: number, spare: number): Promise<void> {
  const say: Say = (name, value, unit, aim) => show(contender.name, size, name, value, unit, aim)
  const { backend, seen } = watched(contender.create(lab.nodes.n1, { clusterCIDRs, nodePortAddresses: [] }))
  await backend.cleanup()
  const [heapBefore, before] = [heapMiB(), cost()]
  const begun = performance.now()
  const proxy = run(lab, backend, informers)
  try {
    await proxy.ready
    say('all of them from nothing', (performance.now() - begun) / 1000, 's', size === 10_000 ? { atMost: 1 } : undefined)
    const used = since(before)
    say('… of which processor time: own', used.own / 1000, 's')
    say('… and of programs', used.children / 1000, 's')
    say('objects of tracker and backend', heapMiB() - heapBefore, 'MiB')
    const took: number[] = []
    for (let change = 0; change < changes; change++) took.push(await changeOnce(lab, cluster, spare + change))
    say('write to the API → first packet, p50', percentile(took, 0.5), 'ms')
    say('write to the API → first packet, p99', percentile(took, 0.99), 'ms')
    await measureChanges(cluster, informers, seen, say, spare)
    for (const [which, number] of [['first', 0], ['last', size - 1]] as const) {
      const times = await connect(lab, ipOf(number))
      say(`connection through the ${which} Service, p50`, percentile(times, 0.5), 'µs')
      say(`connection through the ${which} Service, p99`, percentile(times, 0.99), 'µs')
      say(`connections through the ${which} Service`, 1e6 / (times.reduce((sum, time) => sum + time, 0) / times.length), '/s')
    }
    await measureLook(lab, backend, say)
    say('resident memory, API server and proxy in one', process.memoryUsage.rss() / 2 ** 20, 'MiB')
  } finally {
    await proxy.stop()
    await backend.cleanup()
    for (let change = 0; change < changes; change++) await cluster.client.delete(endpointSlices, { namespace: 'default', name: serviceName(spare + change) }).catch(() => undefined)
  }
}

/** The same Services lose their endpoints again, while nothing else goes on: from the event of the informer until the kernel has it, and processor time. */
async function measureChanges({ client }: Cluster, informers: Informers, seen: { readonly count: number; readonly ended: number; readonly ownMs: number }, say: Say, spare: number): Promise<void> {
  let heard = 0
  const off = informers.of(endpointSlices).on({ delete: () => { heard = performance.now() } })
  const [took, before, own]: [number[], Cost, number] = [[], cost(), seen.ownMs]
  for (let change = 0; change < changes; change++) {
    const { count } = seen
    await client.delete(endpointSlices, { namespace: 'default', name: serviceName(spare + change) })
    while (seen.count === count) await clock.sleep(1)
    took.push(seen.ended - heard)
  }
  off()
  say('event of the informer → kernel, p50', percentile(took, 0.5), 'ms', { atMost: 20 })
  say('event of the informer → kernel, p99', percentile(took, 0.99), 'ms')
  say('… of which processor time: own', (seen.ownMs - own) / changes, 'ms')
  say('… and of programs', since(before).children / changes, 'ms')
}

/** What it costs to see that nobody touched our rules: when nobody wrote any, and when somebody wrote his own. */
async function measureLook(lab: FlowLab, backend: Backend, say: Say): Promise<void> {
  const look = async (when: string) => {
    const [begun, before] = [performance.now(), cost()]
    if (!await backend.intact()) throw new Error('The rules are not as they were written')
    const [took, used] = [performance.now() - begun, since(before)]
    say(`a look at the rules ${when}`, took, 'ms')
    say('… of which processor time, with programs', used.own + used.children, 'ms')
  }
  await look('that nobody touched')
  await lab.nodes.n1.exec.run('sh', ['-ec', 'nft add table ip stranger; nft delete table ip stranger'])
  await look('after others wrote theirs')
}

const lab = await createFlowLab({ exec: createExec(), prefix: 'proxybench', protocols: ['TCP'] })
const cluster = await startCluster({ controllers: 'none', scheduler: false })
const ending = new AbortController()
const informers = createInformers(cluster.client, { clock, log, signal: ending.signal })
try {
  const spare = Math.max(...sizes)
  for (let change = 0; change < changes; change++) {
    const metadata = { name: serviceName(spare + change), namespace: 'default' }
    await cluster.client.create(services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: ipOf(spare + change), ports: [{ name: 'http', port: 80, targetPort: 8080 }] } })
  }
  let filled = 0
  for (const size of sizes) {
    await fill(cluster, filled, size)
    filled = size
    const [known, slices] = [informers.of(services), informers.of(endpointSlices)]
    await Promise.all([known.synced, slices.synced])
    while (slices.list().length < size) await clock.sleep(20)
    for (const mode of modes) if (size <= (most[mode.name] ?? Infinity)) await measure(lab, cluster, informers, mode, size, spare)
  }
} finally {
  ending.abort()
  await informers.stop()
  await userspaceProcesses.close()
  await cluster[Symbol.asyncDispose]()
  await lab.close()
}
