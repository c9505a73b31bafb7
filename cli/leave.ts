import type { Client } from '../api/client/client.ts'
import { createClient } from '../api/client/create-client.ts'
import { isNotFound } from '../api/errors.ts'
import { nodes } from '../api/kinds/core-v1/node.ts'
import { leavingAnnotation } from '../control/controllers/node-leaving/start-node-leaving.ts'
import { rfc3339, type Clock } from '../host/clock.ts'
import { loadConfig, type Config } from './config.ts'
import { down } from './down.ts'
import type { Layout } from './layout.ts'
import type { Machine } from './machine.ts'
import { openMember, type Member } from './up/node-ready.ts'
import { requireRoot } from './up/prepare-machine.ts'
import { until } from './wait.ts'

/**
 * Takes a worker out of its cluster and everything of it off the machine. First the cluster hears that the node is not ready, so that nobody is
 * sent to its pods any more; in the end, that it is gone. A cluster that does not answer keeps nobody from leaving.
 */
export async function leave({ layout }: { layout: Layout }, machine: Machine): Promise<void> {
  const { steps, clock } = machine
  requireRoot('leave')
  const config = await loadConfig(layout)
  if (!config) throw new Error('This machine is no worker; there is nothing to leave')
  if (config.role === 'server') throw new Error('This machine is the server of its cluster, which it cannot leave; ./k8ts down --purge ends the cluster')
  // Its certificate goes with everything else: what it opens must be open before.
  const member = await openMember(config, clock).catch(() => undefined)
  try {
    await steps.step('Telling the cluster', async () => {
      await machine.manager(layout).stop('k8ts-agent')
      return asNode(member, (client) => sayNotReady(client, config, clock), 'it does not answer')
    })
    await down({ layout, purge: true }, machine)
    const byHand = `node ${config.nodeName} stays in its list; take it away there with kubectl delete node ${config.nodeName}`
    await steps.step('Leaving the cluster', () => asNode(member, (client) => sayGone(client, config, clock), byHand))
  } finally {
    member?.close()
  }
}

/** What `work` gives, or what to tell the person when it cannot be done. */
async function asNode(member: Member | undefined, work: (client: Client) => Promise<string>, otherwise: string): Promise<string> {
  return member ? work(createClient(member.transport)).catch(() => otherwise) : otherwise
}

async function sayNotReady(client: Client, { nodeName }: Config, clock: Clock): Promise<string> {
  const now = rfc3339(clock.now())
  const ready = { type: 'Ready', status: 'False', reason: 'NodeLeaves', message: 'k8ts leave was run on it', lastHeartbeatTime: now, lastTransitionTime: now }
  await client.patch(nodes, { name: nodeName }, { type: 'strategic', patch: { status: { conditions: [ready] } } }, { subresource: 'status' })
  return 'not ready any more'
}

async function sayGone(client: Client, { nodeName }: Config, clock: Clock): Promise<string> {
  const gone = (error: unknown): true => {
    if (isNotFound(error)) return true
    throw error
  }
  const marked = await client.patch(nodes, { name: nodeName }, { type: 'merge', patch: { metadata: { annotations: { [leavingAnnotation]: 'true' } } } }).then(() => undefined, gone)
  if (!marked) await until('the node going', () => client.get(nodes, { name: nodeName }).then(() => undefined, gone), { clock, deadlineMs: 10_000, everyMs: 100 })
  return `node ${nodeName} is gone`
}
