import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { createAgent } from '../../agent/agent.ts'
import type { Agent } from '../../agent/agent.ts'
import { fakeMachine } from '../../agent/runtime/fake-machine.ts'
import type { FakeMachine } from '../../agent/runtime/fake-machine.ts'
import { fakeRuntime } from '../../agent/runtime/fake.ts'
import type { FakeRuntime } from '../../agent/runtime/fake.ts'
import type { Client } from '../../api/client/client.ts'
import { nodes as nodeKind } from '../../api/kinds/core-v1/node.ts'
import { quantityMilliValue, quantityValue } from '../../api/schema/quantity.ts'
import type { UserInfo } from '../../api/transport.ts'
import type { Taint } from '../../api/types/core-v1/common.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Clock } from '../../host/clock.ts'
import type { EventuallyOptions } from './eventually.ts'
import type { EmbeddedNetworks } from './networks.ts'

export interface NodeOptions {
  /** Default `node-1`, `node-2`, … */
  readonly name?: string
  /** Default 4 CPUs, 8Gi and 110 pods. */
  readonly capacity?: { readonly cpu?: number | string; readonly memory?: string; readonly pods?: number }
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly Taint[]
}

/** A node of an embedded cluster: the real agent on a machine and a runtime in memory. */
export interface ClusterNode {
  readonly name: string
  /** Its containers: end them, make images missing, have probes fail. */
  readonly runtime: FakeRuntime
  readonly machine: FakeMachine
  /** The node falls silent, as when its agent has died: containers run on, nobody reports. Without effect on a silent node. */
  stop(): Promise<void>
  /** The agent comes back to what it left. Resolves when the node is Ready. Without effect on one that runs. */
  start(): Promise<void>
}

export interface NodesDeps {
  readonly clientFor: (user: UserInfo) => Client
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly networks: EmbeddedNetworks
  readonly wait: <T>(attempt: () => T | Promise<T>, options?: EventuallyOptions) => Promise<T>
  /** Whether somebody takes the taint off nodes that have become ready. */
  readonly untaints: () => boolean
}

export interface Nodes {
  readonly all: readonly ClusterNode[]
  add(options?: NodeOptions): Promise<ClusterNode>
  /** Ends all agents. */
  stop(): Promise<void>
}

export function createNodes(deps: NodesDeps): Nodes {
  const all: ClusterNode[] = []
  return {
    all,
    async add(options = {}) {
      const index = all.length + 1
      const node = createNode(deps, index, { name: `node-${index}`, ...options })
      all.push(node)
      await node.start()
      return node
    },
    async stop() { await Promise.all(all.map((node) => node.stop())) },
  }
}

function createNode(deps: NodesDeps, index: number, { name, capacity = {}, labels = {}, taints = [] }: NodeOptions & { readonly name: string }): ClusterNode {
  const { clock, log } = deps
  const machine = fakeMachine({
    hostname: name,
    capacity: { ...(capacity.cpu !== undefined && { cpus: quantityMilliValue(capacity.cpu) / 1000 }), ...(capacity.memory && { memoryBytes: quantityValue(capacity.memory) }) },
  })
  const runtime = fakeRuntime({ clock, files: machine.files, podIP: (n) => deps.networks.podIPs(index, n) })
  const client = deps.clientFor({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })
  let agent: Agent | undefined

  const begin = (): Agent => createAgent({
    client, clock, log: log.child({ node: name }), runtime, machine, nodeName: name, nodeIP: deps.networks.nodeIPs(index),
    rootDir: '/var/lib/kubelet', podLogsDir: '/var/log/pods', containerLogsDir: null, cgroupRoot: '/', cgroupDriver: 'cgroupfs',
    serving: null, network: { ready: () => undefined }, metrics: new Registry(), nodeLabels: labels, registerTaints: taints,
    ...(capacity.pods !== undefined && { maxPods: capacity.pods }),
  })

  return {
    name, runtime, machine,
    async start() {
      if (agent) return
      agent = begin()
      // Time has to pass while it registers: one that fails at first tries again half a second later.
      let settled: Promise<void> | undefined
      const done = () => { settled = ready }
      const ready = agent.ready
      ready.then(done, done)
      await deps.wait(async () => {
        if (!settled) throw new Error(`Node ${name} does not register`)
        await settled
        const problem = whyNotUsable(await deps.client.get(nodeKind, { name }), deps.untaints())
        if (problem) throw new Error(`Node ${name} does not become Ready: ${problem}`)
      })
    },
    async stop() {
      const stopping = agent
      agent = undefined
      await stopping?.stop()
    },
  }
}

/** Why pods would not run on the node, or undefined. Where nobody takes taints off, a leftover one is nobody's fault. */
function whyNotUsable(node: Node, untaints: boolean): string | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'True') return ready?.message ?? 'no status yet'
  const taint = untaints && node.spec?.taints?.find(({ key }) => key === 'node.kubernetes.io/not-ready' || key === 'node.kubernetes.io/unreachable')
  return taint ? `it still has the taint ${taint.key}` : undefined
}
