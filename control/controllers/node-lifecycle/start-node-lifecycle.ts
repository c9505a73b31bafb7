import { startController } from '../../../api/client/controller.ts'
import { isNotFound } from '../../../api/errors.ts'
import { leases as leaseKind } from '../../../api/kinds/coordination-v1/lease.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import type { Lease } from '../../../api/types/coordination-v1.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { byNode } from '../shared/indexes.ts'
import { isReady, podCondition, withPodCondition } from '../shared/pods.ts'
import { unless } from '../shared/unless.ts'
import { evictionRates, isAllDark, zoneOf } from './disruption.ts'
import { judgeHealth, readyOf } from './node-health.ts'
import { nodeTaints, presentNoExecute, wantedNoExecute } from './node-taints.ts'

/** Notices nodes that fell silent, says so in their status, and taints every node by its conditions. */
export function startNodeLifecycle(deps: ControllerDeps): RunningController {
  const { client, clock, options } = deps
  const recorder = deps.recorder('node-controller')
  const nodes = deps.informers.of(nodeKind)
  const leases = deps.informers.of(leaseKind, { namespace: 'kube-node-lease' })
  const pods = deps.informers.of(podKind, { indexes: byNode })
  const lastSeen = new Map<string, number>()
  /** When the next node of a zone may be emptied. */
  const nextEviction = new Map<string, number>()
  const graceMs = options?.nodeMonitorGracePeriodMs ?? 50_000
  const startupGraceMs = options?.nodeStartupGracePeriodMs ?? 60_000

  async function reconcile(name: string): Promise<{ after: number } | undefined> {
    const cached = nodes.get(name)
    if (!cached) return undefined
    const { conditions, after } = judgeHealth({ node: cached, lastSeen: lastSeen.get(name) ?? clock.now(), now: clock.now(), graceMs, startupGraceMs })
    const node = conditions ? await client.updateStatus(nodeKind, { ...cached, status: { ...cached.status, conditions } }) : cached
    if (readyOf(cached)?.status === 'True' && readyOf(node)?.status !== 'True') recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    const { granted, wait } = grantNoExecute(node)
    const taints = nodeTaints(node, granted, clock.now())
    if (taints) await client.update(nodeKind, { ...node, spec: { ...node.spec, taints } })
    if (readyOf(node)?.status === 'Unknown') await markPodsNotReady(name)
    const waits = [after, wait].filter((ms) => ms !== undefined)
    return waits.length > 0 ? { after: Math.min(...waits) } : undefined
  }

  /** Which of the wanted `NoExecute` taints may be there now; `wait`: when to ask again. */
  function grantNoExecute(node: Node): { granted: string[]; wait?: number } {
    const wanted = wantedNoExecute(node)
    const all = nodes.list()
    if (wanted.length === 0 || isAllDark(all)) return { granted: [] }
    // One kind of silence may turn into the other without a new permission.
    if (presentNoExecute(node).length > 0) return { granted: wanted }
    const zone = zoneOf(node)
    const rate = evictionRates(all).get(zone) ?? 0
    if (rate === 0) return { granted: [] }
    const wait = (nextEviction.get(zone) ?? 0) - clock.now()
    if (wait > 0) return { granted: [], wait }
    nextEviction.set(zone, clock.now() + 1000 / rate)
    return { granted: wanted }
  }

  /** Services must stop sending traffic there, and the silent agent cannot say so. */
  async function markPodsNotReady(name: string): Promise<void> {
    for (const pod of pods.byIndex('node', name).filter(isReady)) {
      const conditions = withPodCondition(pod, { ...podCondition(pod, 'Ready')!, status: 'False' }, rfc3339(clock.now()))
      await client.updateStatus(podKind, { ...pod, status: { ...pod.status, conditions } }).catch(unless(isNotFound))
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
    }
  }

  const onSilentNode = (pod: Pod): string[] => {
    const node = pod.spec.nodeName && isReady(pod) ? nodes.get(pod.spec.nodeName) : undefined
    return node && readyOf(node)?.status === 'Unknown' ? [node.metadata.name] : []
  }
  const controller = startController({
    name: 'node-lifecycle-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 4,
    for: nodes, watches: [{ informer: leases, map: () => [] }, { informer: pods, map: onSilentNode }], reconcile,
  })
  const seen = (name: string) => { lastSeen.set(name, clock.now()) }
  const renewed = (lease: Lease, old?: Lease) => { if (lease.spec.renewTime !== old?.spec.renewTime) seen(lease.metadata.name) }
  /** The state of the other nodes of a zone decides how fast one is emptied. */
  const wakeAll = () => { for (const node of nodes.list()) controller.enqueue(node.metadata.name) }
  const stopObserving = [
    leases.on({ add: renewed, update: renewed }),
    nodes.on({
      add(node) {
        const { name } = node.metadata
        seen(name)
        recorder.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
      },
      update(node, old) {
        if (readyOf(node)?.lastHeartbeatTime !== readyOf(old)?.lastHeartbeatTime) seen(node.metadata.name)
        if (readyOf(node)?.status !== readyOf(old)?.status) wakeAll()
      },
      delete(node) {
        const { name } = node.metadata
        lastSeen.delete(name)
        recorder.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
        wakeAll()
      },
    }),
  ]
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}
