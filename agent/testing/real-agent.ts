import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import { createClient } from '../../api/client/create-client.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { systemMaster } from '../../api/transport.ts'
import { systemClock } from '../../host/clock.ts'
import { createMachine } from '../../host/machine-linux.ts'
import { createAgent } from '../agent.ts'
import type { Agent, AgentOptions } from '../agent.ts'
import { startApi } from './api.ts'
import type { TestApi } from './api.ts'
import { startContainerd } from './containerd.ts'
import type { TestContainerd } from './containerd.ts'

/** A real agent on a real containerd under a real API server with its store in memory: no scheduler, no controllers. */
export interface RealAgent {
  readonly client: Client
  readonly plane: TestApi
  readonly containerd: TestContainerd
  readonly directory: string
  readonly agent: Agent
  /** Ends the agent and starts another on the same state. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export const nodeName = 'node-a'

export async function startRealAgent(more: Partial<AgentOptions> = {}): Promise<RealAgent> {
  const containerd = await startContainerd()
  const directory = await mkdtemp(join(tmpdir(), 'k8ts-kubelet-'))
  const log = pino({ level: process.env['AGENT_LOG'] ?? 'silent' })
  const plane = await startApi(nodeName, log)
  const client = createClient(plane.transport, { user: systemMaster })
  for (const name of ['default', 'kube-node-lease']) await client.create(namespaces, { metadata: { name }, spec: {} }).catch(() => {})
  const machine = createMachine({ directory })
  const begin = (): Agent => createAgent({
    client, clock: systemClock, log, runtime: containerd.runtime, machine, nodeName, nodeIP: '127.0.0.1',
    rootDir: directory, podLogsDir: join(directory, 'logs'), containerLogsDir: join(directory, 'container-logs'),
    cgroupRoot: containerd.cgroupRoot, cgroupDriver: 'cgroupfs', clusterDNS: ['10.96.0.10'],
    serving: plane.serving, network: { ready: () => undefined }, metrics: new Registry(), ...more,
  })
  let agent = begin()
  await agent.ready
  return {
    client, plane, containerd, directory,
    get agent() { return agent },
    async restart() {
      await agent.stop()
      agent = begin()
      await agent.ready
    },
    async stop() {
      await agent.stop()
      await plane.close()
      await containerd.stop()
      await machine.mounts.unmountBelow(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
