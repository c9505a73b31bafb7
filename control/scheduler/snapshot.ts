import type { Node } from '../../api/types/core-v1/node.ts'
import type { LiveNodeInfo, NodeInfo } from './node-info.ts'
import { createNodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { NamespaceLabels, PodSet, Term } from './terms.ts'
import { isMember } from './terms.ts'

/**
 * The cluster as the scheduler sees it. It is never rebuilt: nodes and pods come and go one by one, and what is asked
 * about sets of pods (affinity, spread) is counted once and then kept up to date, so that placing a pod never walks over
 * all pods.
 */
export interface Snapshot {
  /** Nodes that exist, in the order in which they came. */
  readonly nodes: readonly NodeInfo[]
  get(name: string): NodeInfo | undefined
  /** How many pods of a set are on each node. */
  countsOf(set: PodSet): ReadonlyMap<string, number>
  /** What the pods that are placed say about others: each term with the nodes of the pods that say it. */
  readonly carried: Iterable<CarriedTerm>
  includes(set: PodSet, pod: PodInfo): boolean
  readonly podCount: number
}

export interface CarriedTerm { readonly term: Term; readonly byNode: ReadonlyMap<string, number> }

export interface LiveSnapshot extends Snapshot {
  setNode(node: Node): void
  removeNode(name: string): void
  /** Places a pod, or moves or changes it. */
  setPod(pod: PodInfo, node: string): void
  removePod(key: string): void
  nodeOf(key: string): string | undefined
  /** The labels of a namespace have changed. */
  namespaceChanged(): void
}

/** Sets beyond this are forgotten, the longest unused first; asking again counts anew. */
const mostSets = 500

interface Counted { readonly set: PodSet; readonly byNode: Map<string, number> }

export function createSnapshot(namespaceLabels: NamespaceLabels = () => undefined): LiveSnapshot {
  const infos = new Map<string, LiveNodeInfo>()
  const placed = new Map<string, { readonly pod: PodInfo; readonly node: string }>()
  const sets = new Map<string, Counted>()
  const carried = new Map<string, { term: Term; byNode: Map<string, number> }>()
  let nodes: NodeInfo[] = []

  const infoOf = (name: string): LiveNodeInfo => {
    let info = infos.get(name)
    if (!info) infos.set(name, info = createNodeInfo(name))
    return info
  }
  const relist = (): void => { nodes = [...infos.values()].filter(({ node }) => node) }

  function count(pod: PodInfo, node: string, by: 1 | -1): void {
    for (const { set, byNode } of sets.values()) if (isMember(set, pod, namespaceLabels)) bump(byNode, node, by)
    for (const term of [...pod.terms.required, ...pod.terms.preferred]) {
      let entry = carried.get(term.id)
      if (!entry) carried.set(term.id, entry = { term, byNode: new Map() })
      bump(entry.byNode, node, by)
      if (!entry.byNode.size) carried.delete(term.id)
    }
  }

  function remove(key: string): void {
    const was = placed.get(key)
    if (!was) return
    placed.delete(key)
    const info = infos.get(was.node)
    info?.remove(was.pod)
    if (info && !info.node && !info.pods.size) infos.delete(was.node)
    count(was.pod, was.node, -1)
  }

  return {
    get nodes() { return nodes },
    get carried() { return carried.values() },
    get podCount() { return placed.size },
    get: (name) => infos.get(name),
    includes: (set, pod) => isMember(set, pod, namespaceLabels),
    countsOf(set) {
      const known = sets.get(set.id)
      sets.delete(set.id)
      const counted = known ?? countAll(set)
      sets.set(set.id, counted)
      if (sets.size > mostSets) sets.delete(sets.keys().next().value!)
      return counted.byNode
    },
    setNode(node) {
      const info = infoOf(node.metadata.name)
      const isNew = !info.node
      info.setNode(node)
      if (isNew) relist()
    },
    removeNode(name) {
      const info = infos.get(name)
      if (!info) return
      info.setNode(undefined)
      if (!info.pods.size) infos.delete(name)
      relist()
    },
    setPod(pod, node) {
      remove(pod.key)
      placed.set(pod.key, { pod, node })
      infoOf(node).add(pod)
      count(pod, node, 1)
    },
    removePod: remove,
    nodeOf: (key) => placed.get(key)?.node,
    namespaceChanged() {
      for (const [id, { set }] of sets) if (set.namespaceSelector) sets.delete(id)
    },
  }

  function countAll(set: PodSet): Counted {
    const byNode = new Map<string, number>()
    for (const { pod, node } of placed.values()) if (isMember(set, pod, namespaceLabels)) bump(byNode, node, 1)
    return { set, byNode }
  }
}

function bump(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by
  if (sum) counts.set(key, sum)
  else counts.delete(key)
}
