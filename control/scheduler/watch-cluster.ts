import type { Informer } from '../../api/client/informer.ts'
import type { Container } from '../../api/types/core-v1/container.ts'
import type { Namespace } from '../../api/types/core-v1/namespace.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { keyOf } from '../../api/object.ts'
import type { Pending } from './pending.ts'
import { podInfoOf } from './pod-info.ts'
import type { LiveSnapshot } from './snapshot.ts'

interface Cluster {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly namespaces: Informer<Namespace>
  readonly snapshot: LiveSnapshot
  readonly pending: Pending
  readonly schedulerName: string
}

/** Keeps snapshot and queue equal to the cluster. Returns how to stop. */
export function watchCluster(cluster: Cluster): () => void {
  const removers = [followNodes(cluster), followPods(cluster), followNamespaces(cluster)]
  return () => { for (const remove of removers) remove() }
}

function followNodes({ nodes, snapshot, pending }: Cluster): () => void {
  return nodes.on({
    add(node) { snapshot.setNode(node); pending.changed('node') },
    update(node, old) {
      snapshot.setNode(node)
      if (mattersForPlacing(node, old)) pending.changed('node')
    },
    delete(node) { snapshot.removeNode(node.metadata.name); pending.changed('node') },
  })
}

/** Nodes report often; only these parts decide where a pod may go. */
const mattersForPlacing = (node: Node, old: Node): boolean =>
  JSON.stringify([node.spec, node.metadata.labels, node.status?.allocatable]) !== JSON.stringify([old.spec, old.metadata.labels, old.status?.allocatable])

function followPods({ pods, snapshot, pending, schedulerName }: Cluster): () => void {
  const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

  function set(pod: Pod): void {
    const key = keyOf(pod)
    if (isOver(pod)) return gone(key)
    if (pod.spec.nodeName) return placed(pod, pod.spec.nodeName)
    const isOurs = pod.spec.schedulerName === schedulerName
    if (!isOurs || pod.metadata.deletionTimestamp || pod.spec.schedulingGates?.length) return pending.remove(key)
    // Assumed on a node: its binding is under way, or done and this news is older.
    if (snapshot.nodeOf(key) === undefined) pending.set(podInfoOf(pod))
  }

  /** Everything that happens to a pod on its node comes by here; only a new place or new labels concern others. */
  function placed(pod: Pod, node: string): void {
    const info = podInfoOf(pod)
    const isNew = snapshot.nodeOf(info.key) !== node
    snapshot.setPod(info, node)
    pending.done(info.key)
    if (isNew) pending.changed('podPlaced')
  }

  function gone(key: string): void {
    pending.remove(key)
    if (snapshot.nodeOf(key) === undefined) return
    snapshot.removePod(key)
    pending.changed('podGone')
  }

  return pods.on({
    add: set,
    update(pod, old) {
      // What an agent reports of a running pod (most of all updates) changes nothing here.
      if (pod.spec.nodeName && old.spec.nodeName && !isOver(pod) && sameForOthers(pod, old)) return
      set(pod)
      if (pod.spec.nodeName && old.spec.nodeName && !isOver(pod)) pending.changed('podGone')
    },
    delete: (pod) => gone(keyOf(pod)),
  })
}

const sameForOthers = (pod: Pod, old: Pod): boolean =>
  JSON.stringify([pod.metadata.labels, requestsOf(pod.spec.containers)]) === JSON.stringify([old.metadata.labels, requestsOf(old.spec.containers)])
const requestsOf = (containers: readonly Container[]) => containers.map(({ resources }) => resources?.requests)

function followNamespaces({ namespaces, snapshot, pending }: Cluster): () => void {
  return namespaces.on({
    update(namespace, old) {
      if (JSON.stringify(namespace.metadata.labels) === JSON.stringify(old.metadata.labels)) return
      snapshot.namespaceChanged()
      pending.changed('podGone')
    },
  })
}
