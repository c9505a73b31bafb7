import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import { createClient } from '../../api/client/create-client.ts'
import { isNotFound } from '../../api/errors.ts'
import { events } from '../../api/kinds/core-v1/event.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1/pod.ts'
import { systemMaster } from '../../api/transport.ts'
import { createApiServer } from '../../control/server/api-server.ts'
import { createMemoryLog } from '../../control/store/memory.ts'
import { createObjectStore } from '../../control/store/object-store.ts'
import { createWatchCache } from '../../control/store/watch-cache.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { createAgent } from '../agent.ts'
import type { Agent, AgentOptions } from '../agent.ts'
import { fakeMachine } from '../runtime/fake-machine.ts'
import type { FakeMachine, FakeMachineOptions } from '../runtime/fake-machine.ts'
import { fakeRuntime } from '../runtime/fake.ts'
import type { FakeRuntime } from '../runtime/fake.ts'

/** An agent on a runtime and a machine in memory, under a real API server, with a clock that only the test moves. */
export interface FakeAgent extends AsyncDisposable {
  readonly client: Client
  readonly clock: ManualClock
  readonly runtime: FakeRuntime
  readonly machine: FakeMachine
  readonly agent: Agent
  /** Creates a pod bound to the node and lets things come to rest. `spec.containers` is optional: one named `c`, with what `container` says. */
  run(name: string, spec?: Partial<PodSpec>, container?: Partial<Container>): Promise<Pod>
  pod(name: string): Promise<Pod | undefined>
  node(): Promise<Node>
  /** `Reason: message` of a pod's Events, oldest first. */
  events(name: string): Promise<string[]>
  restart(): Promise<void>
}

export const fakeNodeName = 'node-a'

export async function startFakeAgent(options: Partial<AgentOptions> & { readonly machineOptions?: FakeMachineOptions } = {}): Promise<FakeAgent> {
  const clock = createManualClock()
  const log = pino({ level: process.env['AGENT_LOG'] ?? 'silent' })
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({ store: createObjectStore({ log: storage, cache }), clock, log, metrics: new Registry(), disableAdmissionPlugins: ['ServiceAccount'] })
  const client = createClient(server.transport, { user: systemMaster })
  for (const name of ['default', 'kube-node-lease']) await client.create(namespaces, { metadata: { name }, spec: {} }).catch(() => {})
  const machine = fakeMachine(options.machineOptions)
  const runtime = fakeRuntime({ clock, files: machine.files })
  const begin = (): Agent => createAgent({
    client, clock, log, runtime, machine, nodeName: fakeNodeName, nodeIP: '192.0.2.1', rootDir: '/var/lib/kubelet', podLogsDir: '/var/log/pods',
    containerLogsDir: '/var/log/containers', cgroupRoot: '/', cgroupDriver: 'cgroupfs', clusterDNS: ['10.96.0.10'], serving: null,
    network: { ready: () => undefined }, metrics: new Registry(), ...options,
  })
  let agent = begin()
  await agent.ready
  const fake: FakeAgent = {
    client, clock, runtime, machine,
    get agent() { return agent },
    async run(name, spec = {}, container = {}) {
      const containers = spec.containers ?? [{ name: 'c', image: 'web:1', ...container }]
      await client.create(pods, { metadata: { name, namespace: 'default' }, spec: { nodeName: fakeNodeName, ...spec, containers } })
      await clock.advance(1)
      return (await fake.pod(name))!
    },
    async pod(name) {
      try {
        return await client.get(pods, { namespace: 'default', name })
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    node: () => client.get(nodes, { name: fakeNodeName }),
    async events(name) {
      const { items } = await client.list(events, { namespace: 'default' })
      return items.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason, message }) => `${reason}: ${message}`)
    },
    async restart() {
      await agent.stop()
      agent = begin()
      await agent.ready
      await clock.advance(1)
    },
    async [Symbol.asyncDispose]() {
      await agent.stop()
      await server.close()
      await cache.close()
      await storage.close()
    },
  }
  return fake
}
