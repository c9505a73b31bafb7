import { setImmediate as turn } from 'node:timers/promises'
import { createConntrack } from '../../host/conntrack.ts'
import type { Exec } from '../../host/exec.ts'
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Service, ServicePort, ServiceSpec } from '../../api/types/core-v1/service.ts'
import type { Backend, BackendOptions } from '../../proxy/backend.ts'
import { forgetFlows, staleFlows } from '../../proxy/conntrack.ts'
import { changesBetween, type Family, type ForwardingTable, type Protocol } from '../../proxy/table.ts'
import { Tracker } from '../../proxy/tracker.ts'
import { bridgeIP, clusterCIDRs, createFlowLab, nodeIP, nodeNames, nodeOf, podIP, secondIP, targetPorts, type FlowLab, type LabNode, type NodeName, type PodName, type Question } from './flow-lab.ts'

/** A backend that is put to the test. */
export interface Contender {
  /** `iptables-legacy`; part of the names of namespaces, so short. */
  readonly name: string
  create(node: LabNode, options: BackendOptions): Backend
  /** What the node's kernel holds, as text without counters, to prove that nothing is left behind. */
  ruleset(node: LabNode): Promise<string>
  readonly traits: Traits
  /** Shell scripts that take away or alter what is ours, each of which must be noticed and mended. */
  readonly damage: readonly { readonly what: string; readonly script: string }[]
}

/** In what backends may differ. */
export interface Traits {
  /** Refuses connections to a cluster IP at a port that no Service has. */
  readonly refusesUnknownPorts: boolean
  /** A change to one Service leaves the turns of the others where they are. */
  readonly keepsTurns: boolean
  /** Pods see by which address another pod called them. */
  readonly showsPodSources: boolean
  /** `externalTrafficPolicy: Local` shows the caller's address to the pod. */
  readonly showsOutsideSources: boolean
  /** Takes a connection before an endpoint has: one that the endpoint refuses is reset. */
  readonly takesFirst?: boolean
  /** Remembers closed connections for a while, and with them what a caller has chosen, beyond the time of `sessionAffinity`. */
  readonly remembersClosed?: boolean
  /** What it can forward; default all. */
  readonly protocols?: readonly Protocol[]
}

/** The machine the lab stands on. */
export interface Environment {
  readonly exec: Exec
  readonly families: readonly Family[]
  /** What its kernel speaks. */
  readonly protocols: readonly Protocol[]
}

/** A pod as the endpoint of a Service; ready unless it says otherwise. */
export type GivenEndpoint = PodName | (Omit<Endpoint, 'addresses' | 'nodeName'> & { readonly pod: PodName })

/** A Service that stands in the tables of all nodes. */
export interface Served {
  readonly service: Service
  ip(family: Family): string
  nodePort(protocol: Protocol): number
  /** Other endpoints, on all nodes. */
  to(endpoints: readonly GivenEndpoint[]): Promise<void>
  /** Changes in its specification, on all nodes. */
  change(spec: Partial<ServiceSpec>): Promise<void>
  remove(): Promise<void>
}

export interface Serving extends Partial<ServiceSpec> {
  readonly to: readonly GivenEndpoint[]
  /** Ingress addresses for the status. */
  readonly ingress?: readonly string[]
  /** Default: all of the environment. */
  readonly families?: readonly Family[]
  /** Of the ports, where `ports` are not given. Default: all of the environment. */
  readonly protocols?: readonly Protocol[]
}

export const servicePorts: Readonly<Record<Protocol, number>> = { TCP: 80, UDP: 53, SCTP: 132 }
const zones: Readonly<Record<NodeName, string>> = { n1: 'a', n2: 'b', n3: 'b' }

/** `follows`: the backend has taken the last table, and may be told what has changed since. */
interface Member { readonly node: LabNode; readonly tracker: Tracker; contender: Contender; backend: Backend; follows: boolean }
const nothing: ForwardingTable = { routes: [], healthChecks: [] }

/**
 * The lab with a proxy on each of its nodes, all fed with the same Services. Tests may run side by side here: what they
 * change is written together, and while nobody asks, so that all questions of a step are answered by the same rules.
 */
export class FlowCluster {
  readonly lab: FlowLab
  readonly contender: Contender
  readonly environment: Environment
  readonly #members: ReadonlyMap<NodeName, Member>
  /** What the nodes' kernels held before there was any proxy. */
  readonly untouched = new Map<NodeName, string>()
  #count = 0

  /** Those that are not answered yet. */
  readonly #questions = new Set<Promise<void>>()
  /** The write under way, or the last one. */
  #written: Promise<unknown> = Promise.resolve()
  /** The write that waits for a quiet moment; everybody's changes until then go with it. */
  #next: Promise<void> | undefined

  static async start(contender: Contender, environment: Environment): Promise<FlowCluster> {
    const lab = await createFlowLab({ exec: environment.exec, prefix: `flow-${contender.name}`, protocols: environment.protocols })
    const cluster = new FlowCluster(lab, contender, environment)
    await Promise.all(nodeNames.map(async (name) => cluster.untouched.set(name, await contender.ruleset(lab.nodes[name]))))
    return cluster
  }

  private constructor(lab: FlowLab, contender: Contender, environment: Environment) {
    this.lab = { ...lab, ask: (question) => this.#question(() => lab.ask(question)), hold: (question) => this.#question(() => lab.hold(question)) }
    this.contender = contender
    this.environment = environment
    const nodeAddresses = new Set(environment.families.flatMap((family) => [...nodeNames.map((node) => nodeIP(node, family)), secondIP(family), ...nodeNames.map((node) => bridgeIP(node, family))]))
    this.#members = new Map(nodeNames.map((name) => {
      const node = lab.nodes[name]
      const tracker = new Tracker({ name, zone: zones[name], clusterCIDRs, nodeAddresses })
      return [name, { node, tracker, contender, backend: contender.create(node, { clusterCIDRs, nodePortAddresses: [] }), follows: false }]
    }))
  }

  backend(node: NodeName): Backend {
    return this.#members.get(node)!.backend
  }

  /** Whether a node's rules are as written; not asked while they are being written. */
  intact(node: NodeName): Promise<boolean> {
    return this.#question(() => this.backend(node).intact())
  }

  /** A new instance on one node, as after a restart of its agent; it takes over what the last one left. */
  async restart(name: NodeName, options: Partial<BackendOptions> = {}): Promise<void> {
    const member = this.#members.get(name)!
    await member.backend.stop?.()
    member.backend = member.contender.create(member.node, { clusterCIDRs, nodePortAddresses: [], ...options })
    member.follows = false
    await this.apply()
  }

  /** Another mode, as when the agents of these nodes are started with another `--proxy-mode`: once its rules stand, one that does not know what the old one has written takes that away. */
  async switchTo(contender: Contender, nodes: readonly NodeName[] = nodeNames): Promise<void> {
    await Promise.all(nodes.map(async (name) => {
      const member = this.#members.get(name)!
      if (member.contender === contender) return
      const old = member.contender
      await member.backend.stop?.()
      Object.assign(member, { contender, backend: contender.create(member.node, { clusterCIDRs, nodePortAddresses: [] }), follows: false })
      await this.#apply(member)
      await old.create(member.node, { clusterCIDRs, nodePortAddresses: [] }).cleanup()
    }))
  }

  /** Writes what has changed, on every node; in the order in which the proxy does it. */
  apply(): Promise<void> {
    return (this.#next ??= this.#write())
  }

  async #write(): Promise<void> {
    do {
      await this.#written
      await Promise.all(this.#questions)
      await turn() // Whoever has been answered may ask on, or have something to change.
    } while (this.#questions.size > 0)
    this.#next = undefined
    const writes = [...this.#members.values()].map((member) => this.#apply(member))
    this.#written = Promise.allSettled(writes)
    await Promise.all(writes)
  }

  /** A question, which waits for the write under way, and for which the next write waits. */
  #question<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#written.then(ask)
    const settled: Promise<void> = answer.catch(() => {}).then(() => void this.#questions.delete(settled))
    this.#questions.add(settled)
    return answer
  }

  async #apply(member: Member): Promise<void> {
    const { table, changes } = member.tracker.update()
    const { follows, backend } = member
    member.follows = false
    await backend.apply(table, follows ? changes : undefined)
    member.follows = member.backend === backend
    if (!backend.forgetsFlows) await forgetFlows(staleFlows(follows ? changes : changesBetween(nothing, table)), createConntrack({ exec: member.node.exec }))
  }

  async serve(name: string, { to, ingress, families = this.environment.families, protocols = this.environment.protocols, ...spec }: Serving): Promise<Served> {
    const number = (this.#count += 1)
    const ips = families.map((family) => (family === 'ipv4' ? `10.96.0.${number}` : `fd00:96::${number.toString(16)}`))
    const exposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    const ports = spec.ports ?? protocols.map((protocol, index): ServicePort => ({
      name: protocol.toLowerCase(), protocol, port: servicePorts[protocol], targetPort: targetPorts[protocol], ...(exposed && { nodePort: 30_000 + 10 * number + index }),
    }))
    let service: Service = {
      apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' },
      spec: { type: 'ClusterIP', clusterIP: ips[0]!, clusterIPs: ips, ...spec, ports },
      ...(ingress && { status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } } }),
    }
    const set = async (endpoints: readonly GivenEndpoint[] | undefined) => {
      for (const { tracker } of this.#members.values()) {
        tracker.setService(service)
        if (endpoints) for (const slice of families.map((family) => sliceOf(service, family, endpoints))) tracker.setSlice(slice)
      }
      await this.apply()
    }
    await set(to)
    return {
      service,
      ip: (family) => ips[families.indexOf(family)]!,
      nodePort: (protocol) => service.spec.ports!.find((port) => port.protocol === protocol)!.nodePort!,
      to: set,
      change: (changes) => {
        service = { ...service, spec: { ...service.spec, ...changes } }
        return set(undefined)
      },
      remove: async () => {
        for (const { tracker } of this.#members.values()) tracker.deleteService(service)
        await this.apply()
      },
    }
  }

  /** A slice as it stands in the API, to every node. */
  async setSlice(slice: EndpointSlice): Promise<void> {
    for (const { tracker } of this.#members.values()) tracker.setSlice(slice)
    await this.apply()
  }

  /** The names of those who answered, or why nobody did. */
  async ask(question: Question): Promise<string[]> {
    return (await this.lab.ask(question)).map((answer) => answer.split(' ')[0]!)
  }

  /** By which address the pod that answered was called. */
  async sourceSeen(question: Question): Promise<string> {
    const [answer] = await this.lab.ask(question)
    return answer!.split(' ')[1] ?? answer!
  }

  /** Asks all at once, where the answer is silence: `timeout` each. */
  async silence(questions: readonly Question[]): Promise<string[]> {
    return (await Promise.all(questions.map((question) => this.ask({ ...question, patience: 1 })))).flat()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ backend }) => backend.cleanup())).finally(() => this.lab.close())
  }
}

/** The slice of a Service in one family, as the controller would write it. */
export function sliceOf(service: Service, family: Family, endpoints: readonly GivenEndpoint[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: family === 'ipv4' ? 'IPv4' : 'IPv6',
    metadata: { name: `${service.metadata.name}-${family}`, namespace: 'default', labels: { 'kubernetes.io/service-name': service.metadata.name } },
    ports: service.spec.ports!.map((port) => ({ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: typeof port.targetPort === 'number' ? port.targetPort : targetPorts[(port.protocol ?? 'TCP') as Protocol] })),
    endpoints: endpoints.map((given) => {
      const { pod, ...rest } = typeof given === 'string' ? { pod: given } : given
      return { conditions: { ready: true }, ...rest, addresses: [podIP(pod, family)], nodeName: nodeOf(pod) }
    }),
  }
}

/** Whether pods answered strictly in turn; begins with any of them. Undefined when they did, so that a failure shows the answers. */
export function outOfTurn(answers: readonly string[], pods: readonly string[]): string | undefined {
  const start = pods.indexOf(answers[0] ?? '')
  const right = start >= 0 && answers.every((answer, turn) => answer === pods[(start + turn) % pods.length])
  return right ? undefined : answers.join(' ')
}
