import { isNotFound } from '../../../api/errors.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { keyOf } from '../../../api/object.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { PodCondition } from '../../../api/types/core-v1/pod-status.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { byNode } from '../shared/indexes.ts'
import { startKeyed } from '../shared/keyed-controller.ts'
import { isTerminal, withPodCondition } from '../shared/pods.ts'
import { unless } from '../shared/unless.ts'
import { excessPods, isOutOfService, quarantineMs } from './plan-pod-gc.ts'

/**
 * Removes pods nobody else will remove: those bound to a node that is gone, those that are to end and were never bound,
 * those to end on a node that is declared out of service, and the oldest finished ones beyond a threshold.
 */
export function startPodGC(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const pods = deps.informers.of(podKind, { indexes: byNode })
  const nodes = deps.informers.of(nodeKind)
  const threshold = deps.options?.terminatedPodThreshold ?? 12_500
  const missingSince = new Map<string, number>()
  const finished = new Set<string>()

  const controller = startKeyed(deps, {
    name: 'pod-garbage-collector-controller', informers: [pods, nodes],
    async reconcile(key) {
      if (key === 'finished') return collectFinished()
      if (key.startsWith('pod/')) return collectUnbound(key.slice(4))
      return collectNode(key.slice(5))
    },
  })

  async function collectFinished(): Promise<void> {
    const terminal = [...finished].flatMap((key) => pods.get(key) ?? [])
    for (const pod of excessPods(terminal, threshold)) await remove(pod)
  }

  async function collectUnbound(key: string): Promise<void> {
    const pod = pods.get(key)
    if (pod && isUnbound(pod)) await remove(pod)
  }

  async function collectNode(name: string): Promise<{ after: number } | undefined> {
    const node = nodes.get(name)
    const bound = pods.byIndex('node', name)
    if (node) {
      missingSince.delete(name)
      if (isOutOfService(node)) for (const pod of bound.filter(({ metadata }) => metadata.deletionTimestamp)) await remove(pod, 'PodGC: node is out of service')
      return undefined
    }
    if (bound.length === 0) return void missingSince.delete(name)
    const since = missingSince.get(name) ?? clock.now()
    missingSince.set(name, since)
    const wait = since + quarantineMs - clock.now()
    if (wait > 0) return { after: wait }
    // The cache may be behind: a node that joins in this moment must keep its pods.
    if (await client.get(nodeKind, { name }).catch(unless(isNotFound))) return undefined
    for (const pod of bound) await remove(pod, 'PodGC: node no longer exists')
    return undefined
  }

  /** By force: nobody is there to confirm. With a reason, the pod first says that it has failed, and why. */
  async function remove(pod: Pod, message?: string): Promise<void> {
    const { namespace, name, uid = '' } = pod.metadata
    if (message && !isTerminal(pod)) await client.updateStatus(podKind, failed(pod, message)).catch(unless(isNotFound))
    await client.delete(podKind, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } }).catch(unless(isNotFound))
  }

  function failed(pod: Pod, message: string): Pod {
    const disrupted: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message }
    const conditions = withPodCondition(pod, disrupted, rfc3339(clock.now())) ?? pod.status?.conditions
    return { ...pod, status: { ...pod.status, phase: 'Failed', conditions } }
  }

  function look(pod: Pod): void {
    const key = keyOf(pod)
    if (isTerminal(pod)) finished.add(key)
    if (finished.size > threshold) controller.enqueue('finished')
    if (isUnbound(pod)) controller.enqueue(`pod/${key}`)
    const { nodeName } = pod.spec
    const node = nodeName && nodes.get(nodeName)
    if (nodeName && (!node || (pod.metadata.deletionTimestamp && isOutOfService(node)))) controller.enqueue(`node/${nodeName}`)
  }
  const lookAt = (node: Node) => controller.enqueue(`node/${node.metadata.name}`)
  const stopObserving = [
    pods.on({ add: look, update: look, delete: (pod) => { finished.delete(keyOf(pod)) } }),
    nodes.on({ add: lookAt, delete: lookAt, update: (node) => { if (isOutOfService(node)) lookAt(node) } }),
  ]
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}

const isUnbound = (pod: Pod): boolean => !!pod.metadata.deletionTimestamp && !pod.spec.nodeName
