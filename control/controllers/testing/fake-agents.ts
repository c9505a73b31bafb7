import { onTestFinished } from 'vitest'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { leases } from '../../../api/kinds/coordination-v1/lease.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { rfc3339, rfc3339Micro } from '../../../host/clock.ts'
import { unless } from '../shared/unless.ts'
import type { Bench } from './bench.ts'

/** A node with an agent that does the least: binds pods to itself, makes them ready, lets them go, and gives signs of life. */
export interface FakeAgent {
  readonly name: string
  /** What its pods report; by default that they are ready. */
  makeReady: (pod: Pod) => boolean
  /** Stops the signs of life, and all else it does. */
  silence(): void
}

let address = 0

export async function startFakeAgent({ client, clock, informers }: Bench, name: string, { schedules = true } = {}): Promise<FakeAgent> {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const agent: FakeAgent = { name, makeReady: () => true, silence: () => over.abort() }
  const now = () => rfc3339(clock.now())
  await client.create(nodes, { metadata: { name }, spec: {} })
  const condition = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastHeartbeatTime: now(), lastTransitionTime: now() }
  await client.patch(nodes, { name }, { type: 'merge', patch: { status: { conditions: [condition] } } }, { subresource: 'status' })
  const lease = (): { holderIdentity: string; renewTime: string } => ({ holderIdentity: name, renewTime: rfc3339Micro(clock.now()) })
  await client.create(leases, { metadata: { name, namespace: 'kube-node-lease' }, spec: lease() })
  const renew = () => {
    if (over.signal.aborted) return
    void client.patch(leases, { namespace: 'kube-node-lease', name }, { type: 'merge', patch: { spec: lease() } }).catch(unless(isNotFound))
    clock.after(10_000, renew)
  }
  clock.after(10_000, renew)

  async function act(pod: Pod): Promise<void> {
    const { namespace, name: podName, uid = '', deletionTimestamp } = pod.metadata
    const key = { namespace, name: podName }
    if (!pod.spec.nodeName && schedules) await client.post(pods, key, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: key, target: { kind: 'Node', name } })
    if (pod.spec.nodeName !== name) return
    if (deletionTimestamp) return client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid } })
    const status = agent.makeReady(pod) ? 'True' : 'False'
    if (pod.status?.podIP && pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === status) return
    const podIP = pod.status?.podIP ?? `10.244.${address >> 8}.${++address & 255}`
    await client.updateStatus(pods, { ...pod, status: { ...pod.status, phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status, lastTransitionTime: now() }] } })
  }
  const look = (pod: Pod) => { if (!over.signal.aborted) void act(pod).catch(unless(isNotFound, isConflict)) }
  const informer = informers.of(pods)
  const off = informer.on({ add: look, update: look })
  over.signal.addEventListener('abort', off)
  return agent
}
