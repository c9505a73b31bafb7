import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Client } from '../../api/client/client.ts'
import type { Informer } from '../../api/client/informer.ts'
import { startInformer } from '../../api/client/start-informer.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../api/errors.ts'
import { leases } from '../../api/kinds/coordination-v1/lease.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { Taint } from '../../api/types/core-v1/common.ts'
import type { Node, NodeStatus } from '../../api/types/core-v1/node.ts'
import type { Clock } from '../../host/clock.ts'
import type { Machine } from '../machine.ts'
import { rfc3339Micro } from '../rfc3339.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { isWorthWriting, newNode, nodeLabels, nodeStatus, resources } from './node-object.ts'
import type { NodeInputs } from './node-object.ts'

/** This node in the API: registered, its status kept true, its lease renewed. */
export interface NodeKeeper {
  /** Registers (or adopts) the node and writes its first status. Tries for ever; rejects only when stopped. */
  start(): Promise<void>
  /** The node as last seen or written. */
  current(): Node | undefined
  allocatable(): Promise<Record<string, string>>
  /** Looks at once: the network has come up, say. */
  refresh(): void
  /** Why pods cannot run here, or undefined. */
  notReady(): string | undefined
}

export interface NodeKeeperOptions {
  readonly client: Client
  readonly runtime: Runtime
  readonly machine: Machine
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly nodeName: string
  readonly nodeIPs: readonly string[]
  readonly maxPods: number
  /** Of the agent's server; undefined without one. */
  readonly port: () => number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  /** Why pods cannot have a network, or undefined. */
  readonly networkReady: () => string | undefined
  /** Called when the node has become ready. */
  readonly becameReady: () => void
}

const look = 10_000
const lookWhileNotReady = 500
const write = 300_000
const leaseSeconds = 40
const renewEvery = 10_000

export function createNodeKeeper(options: NodeKeeperOptions): NodeKeeper {
  const { client, runtime, machine, clock, log, signal, nodeName } = options
  let node: Node | undefined
  let written = -Infinity
  let notReady: string | undefined = 'container runtime status check may not have completed yet'
  let inputs: NodeInputs | undefined
  let hurry = (): void => {}
  /** Others write to the node too: labels, taints, its pod network. */
  let watched: Informer<Node> | undefined

  async function gather(): Promise<NodeInputs> {
    const [info, capacity, version] = await Promise.all([machine.facts.info(), machine.facts.capacity(), runtime.version()])
    return {
      name: nodeName, ips: options.nodeIPs, info, capacity, maxPods: options.maxPods, port: options.port(),
      runtimeVersion: `${version.runtimeName}://${version.runtimeVersion.replace(/^v/, '')}`, labels: options.labels, taints: options.taints,
    }
  }

  async function register(known: NodeInputs): Promise<Node> {
    try {
      return await client.create(nodes, newNode(known))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    const found = await client.get(nodes, { name: nodeName })
    const labels = nodeLabels(known)
    const differs = Object.entries(labels).some(([key, value]) => found.metadata.labels?.[key] !== value)
    return differs ? client.patch(nodes, { name: nodeName }, { type: 'strategic', patch: { metadata: { labels } } }) : found
  }

  /** What is wrong with runtime and network, in the original's words. */
  async function examine(): Promise<string | undefined> {
    try {
      const { conditions } = await runtime.status()
      const problem = (type: string): string | undefined => {
        const condition = conditions.find((each) => each.type === type)
        return condition && !condition.status ? `container runtime ${type === 'NetworkReady' ? 'network' : ''} not ready: ${type}=false reason:${condition.reason} message:${condition.message}`.replace('runtime  ', 'runtime ') : undefined
      }
      const own = options.networkReady()
      return problem('RuntimeReady') ?? problem('NetworkReady') ?? (own && `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${own}`)
    } catch (error) {
      return `[container runtime is down] ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async function round(): Promise<void> {
    const before = notReady
    notReady = await examine()
    inputs ??= await gather()
    const [usage, images] = await Promise.all([machine.facts.usage(), runtime.listImages().catch(() => [])])
    node = watched?.get(nodeName) ?? node ?? await register(inputs)
    const status = nodeStatus({ ...inputs, now: clock.now(), usage, images, notReady, old: node.status })
    if (isWorthWriting(node.status, status) || clock.now() - written >= write) await publish(status)
    if (before !== undefined && notReady === undefined) options.becameReady()
  }

  async function publish(status: NodeStatus): Promise<void> {
    try {
      node = await client.patch(nodes, { name: nodeName }, { type: 'strategic', patch: { status: { ...status, addresses: [{ $patch: 'replace' }, ...status.addresses!] } } }, { subresource: 'status' })
      written = clock.now()
    } catch (error) {
      // Someone deleted the node: it registers again, as a node does that comes back.
      if (isNotFound(error)) node = undefined
      throw error
    }
  }

  async function keepStatus(): Promise<void> {
    while (!signal.aborted) {
      const wait = new AbortController()
      hurry = () => wait.abort()
      await clock.sleep(notReady === undefined ? look : lookWhileNotReady, AbortSignal.any([signal, wait.signal])).catch(() => {})
      if (!signal.aborted) await round().catch((error: unknown) => log.warn({ err: error }, 'Write node status: will try again'))
    }
  }

  async function renewLease(): Promise<void> {
    const key = { namespace: 'kube-node-lease', name: nodeName }
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime: rfc3339Micro(clock.now()) }
    try {
      await client.patch(leases, key, { type: 'merge', patch: { spec } })
    } catch (error) {
      if (!isNotFound(error)) throw error
      const owner = node?.metadata.uid ? [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid }] : []
      await client.create(leases, { metadata: { ...key, ownerReferences: owner }, spec }).catch((again: unknown) => { if (!isAlreadyExists(again) && !isConflict(again)) throw again })
    }
  }

  async function keepLease(): Promise<void> {
    while (!signal.aborted) {
      const ok = await renewLease().then(() => true, (error: unknown) => { log.warn({ err: error }, 'Renew node lease: will try again'); return false })
      // Nodes that started together do not renew together.
      await clock.sleep(ok ? renewEvery * (0.96 + 0.08 * spread(nodeName)) : 1000, signal).catch(() => {})
    }
  }

  return {
    async start() {
      for (;;) {
        try {
          await round()
          break
        } catch (error) {
          signal.throwIfAborted()
          log.warn({ err: error }, 'Register node: will try again')
          await clock.sleep(500, signal)
        }
      }
      watched = startInformer(client, nodes, { fieldSelector: `metadata.name=${nodeName}` }, options)
      watched.on({ delete: () => { node = undefined; hurry() } })
      void keepStatus()
      void keepLease()
    },
    current: () => watched?.get(nodeName) ?? node,
    async allocatable() {
      inputs ??= await gather()
      return resources(inputs).allocatable
    },
    refresh() { hurry() },
    notReady: () => notReady,
  }
}

/** A number in [0, 1) that is always the same for a name. */
const spread = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32
