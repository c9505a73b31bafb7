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
import { withPodCondition } from '../shared/pods.ts'
import { same } from '../shared/same.ts'
import { unless } from '../shared/unless.ts'
import { noExecuteTaints, toleratedMs } from './eviction-time.ts'

const disrupted: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }

/** Deletes pods from nodes whose `NoExecute` taints they do not tolerate, or no longer. */
export function startTaintEviction(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const recorder = deps.recorder('taint-eviction-controller')
  const pods = deps.informers.of(podKind, { indexes: byNode })
  const nodes = deps.informers.of(nodeKind)
  /** Since when a pod is counted down, by uid. */
  const countedSince = new Map<string, number>()

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const pod = pods.get(key)
    if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp) return undefined
    const uid = pod.metadata.uid ?? ''
    const taints = noExecuteTaints(nodes.get(pod.spec.nodeName))
    const tolerated = taints.length > 0 ? toleratedMs(pod, taints) : undefined
    if (tolerated === undefined) {
      if (countedSince.delete(uid)) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
      return undefined
    }
    const since = countedSince.get(uid) ?? clock.now()
    countedSince.set(uid, since)
    const wait = since + tolerated - clock.now()
    if (wait > 0) return { after: wait }
    await evict(pod)
    return undefined
  }

  async function evict(pod: Pod): Promise<void> {
    const { namespace, name, uid = '' } = pod.metadata
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
    const conditions = withPodCondition(pod, disrupted, rfc3339(clock.now()))
    if (conditions) await client.updateStatus(podKind, { ...pod, status: { ...pod.status, conditions } }).catch(unless(isNotFound))
    await client.delete(podKind, { namespace, name }, { preconditions: { uid } }).catch(unless(isNotFound))
    countedSince.delete(uid)
  }

  const controller = startKeyed(deps, { name: 'taint-eviction-controller', informers: [pods, nodes], workers: 4, reconcile })
  const look = (pod: Pod) => {
    const { nodeName } = pod.spec
    if (nodeName && (countedSince.has(pod.metadata.uid ?? '') || noExecuteTaints(nodes.get(nodeName)).length > 0)) controller.enqueue(keyOf(pod))
  }
  const lookAtNode = (node: Node) => { for (const pod of pods.byIndex('node', node.metadata.name)) look(pod) }
  const stopObserving = [
    pods.on({ add: look, update: (pod, old) => { if (!same(asked(pod), asked(old))) look(pod) }, delete: (pod) => { countedSince.delete(pod.metadata.uid ?? '') } }),
    nodes.on({ add: lookAtNode, update: (node, old) => { if (!same(noExecuteTaints(node), noExecuteTaints(old))) lookAtNode(node) }, delete: lookAtNode }),
  ]
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}

const asked = ({ spec }: Pod) => [spec.nodeName, spec.tolerations]
