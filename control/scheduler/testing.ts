import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import type { Node, NodeSpec } from '../../api/types/core-v1/node.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1/pod.ts'
import { explain } from './explain.ts'
import { podInfoOf } from './pod-info.ts'
import type { Decision } from './schedule.ts'
import { schedule } from './schedule.ts'
import type { LiveSnapshot } from './snapshot.ts'
import { createSnapshot } from './snapshot.ts'

/*
 * Clusters in a few words, for the tests of this room.
 */

export interface NodeWords { labels?: Record<string, string>; spec?: NodeSpec; allocatable?: Record<string, string>; images?: { names: string[]; sizeBytes: number }[] }

export function makeNode(name: string, { labels, spec = {}, allocatable, images }: NodeWords = {}): Node {
  const node: Node = {
    apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } }, spec,
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...allocatable }, ...(images && { images }) },
  }
  nodes.default?.(node)
  return node
}

export interface PodWords { labels?: Record<string, string>; requests?: Record<string, string>; owner?: string; namespace?: string; spec?: Partial<PodSpec>; ports?: { containerPort: number; hostPort: number; hostIP?: string }[] }

export function makePod(name: string, { labels, requests, owner, namespace = 'default', spec, ports }: PodWords = {}): Pod {
  const ownerReferences = owner ? [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }] : undefined
  const pod: Pod = {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${name}`, ...(labels && { labels }), ...(ownerReferences && { ownerReferences }) },
    spec: { containers: [{ name: 'c', image: 'i', ...(requests && { resources: { requests } }), ...(ports && { ports }) }], ...spec },
  }
  pods.default?.(pod)
  return pod
}

/** A snapshot of nodes, and of pods by the node they are on. */
export function makeSnapshot(nodeList: readonly Node[], placed: Readonly<Record<string, readonly Pod[]>> = {}): LiveSnapshot {
  const snapshot = createSnapshot()
  for (const node of nodeList) snapshot.setNode(node)
  for (const [node, list] of Object.entries(placed)) for (const pod of list) snapshot.setPod(podInfoOf(pod), node)
  return snapshot
}

export const decide = (pod: Pod, snapshot: LiveSnapshot, turn = 0): Decision => schedule(podInfoOf(pod), snapshot, turn)

/** The node a pod goes to, or the sentence why it goes nowhere. */
export function outcome(pod: Pod, snapshot: LiveSnapshot): string {
  const decision = decide(pod, snapshot)
  return decision.node === undefined ? explain(decision) : decision.node
}

/** Places pods one after the other, as the loop does, and tells their nodes. */
export function placeAll(list: readonly Pod[], snapshot: LiveSnapshot): string[] {
  let turn = 0
  return list.map((pod) => {
    const decision = decide(pod, snapshot, turn)
    turn = decision.turn
    if (decision.node === undefined) return explain(decision)
    snapshot.setPod(podInfoOf(pod), decision.node)
    return decision.node
  })
}
