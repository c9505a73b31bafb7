import type { Taint } from '../../api/types/core-v1/common.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { HostPort, PodInfo } from './pod-info.ts'
import type { Amounts } from './resources.ts'
import { addAmounts, amountsOf } from './resources.ts'

/** A node and what is on it, kept up to date by each change. */
export interface NodeInfo {
  readonly name: string
  /** Absent while only pods speak of the node. */
  readonly node: Node | undefined
  readonly labels: Readonly<Record<string, string>>
  /** Those that keep pods away (`NoSchedule`, `NoExecute`), and those that only discourage. */
  readonly hardTaints: readonly Taint[]
  readonly softTaints: readonly Taint[]
  readonly allocatable: Amounts
  /** Sizes in bytes by image name. */
  readonly images: ReadonlyMap<string, number>
  readonly requested: Amounts
  readonly likelyUse: Amounts
  readonly pods: ReadonlyMap<string, PodInfo>
  /** How many pods each controller has here. */
  readonly owners: ReadonlyMap<string, number>
}

export interface LiveNodeInfo extends NodeInfo {
  setNode(node: Node | undefined): void
  add(pod: PodInfo): void
  remove(pod: PodInfo): void
}

export function createNodeInfo(name: string): LiveNodeInfo {
  const requested = new Map<string, number>(), likelyUse = new Map<string, number>(), owners = new Map<string, number>(), pods = new Map<string, PodInfo>()
  const count = (pod: PodInfo, sign: 1 | -1): void => {
    addAmounts(requested, pod.requests, sign)
    addAmounts(likelyUse, pod.likelyUse, sign)
    if (!pod.owner) return
    const left = (owners.get(pod.owner) ?? 0) + sign
    if (left) owners.set(pod.owner, left)
    else owners.delete(pod.owner)
  }
  const info = {
    name, requested, likelyUse, owners, pods,
    ...factsOf(undefined),
    setNode(node: Node | undefined) { Object.assign(info, factsOf(node)) },
    add(pod: PodInfo) {
      info.remove(pod)
      pods.set(pod.key, pod)
      count(pod, 1)
    },
    remove({ key }: PodInfo) {
      const present = pods.get(key)
      if (!present) return
      pods.delete(key)
      count(present, -1)
    },
  }
  return info
}

function factsOf(node: Node | undefined) {
  const taints = node?.spec.taints ?? []
  return {
    node, labels: node?.metadata.labels ?? {}, allocatable: amountsOf(node?.status?.allocatable),
    hardTaints: taints.filter(({ effect }) => effect !== 'PreferNoSchedule'), softTaints: taints.filter(({ effect }) => effect === 'PreferNoSchedule'),
    images: new Map((node?.status?.images ?? []).flatMap(({ names, sizeBytes }) => (names ?? []).map((name) => [name, sizeBytes ?? 0] as const))),
  }
}

/** Whether a port of the node is taken already; the unspecified address takes it for all. */
export function isPortTaken(node: NodeInfo, wanted: readonly HostPort[]): boolean {
  if (!wanted.length) return false
  for (const { ports } of node.pods.values()) {
    if (ports.some((taken) => wanted.some((port) => clash(taken, port)))) return true
  }
  return false
}

const clash = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')
