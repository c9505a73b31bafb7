import type { Node } from '../../../api/types/core-v1/node.ts'
import { readyOf } from './node-health.ts'

const normalPerSecond = 0.1
const reducedPerSecond = 0.01
const unhealthyShare = 0.55
const largeCluster = 50

export const zoneOf = ({ metadata: { labels = {} } }: Node): string => `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`

type ZoneState = 'normal' | 'partial' | 'full'

/** How many nodes a second may be emptied, by zone: the more nodes seem dead at once, the more likely it is us who are cut off. */
export function evictionRates(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const zones = Map.groupBy(nodes, zoneOf)
  const allDark = isAllDark(nodes)
  return new Map([...zones].map(([zone, members]) => [zone, allDark ? 0 : rateOf(stateOf(members), members.length)]))
}

/** Whether no node is ready at all: then nothing may be evicted, and what was about to be is taken back. */
export const isAllDark = (nodes: readonly Node[]): boolean => nodes.every((node) => readyOf(node)?.status !== 'True')

function stateOf(nodes: readonly Node[]): ZoneState {
  const ready = nodes.filter((node) => readyOf(node)?.status === 'True').length
  const notReady = nodes.length - ready
  if (ready === 0 && notReady > 0) return 'full'
  return notReady > 2 && notReady / nodes.length >= unhealthyShare ? 'partial' : 'normal'
}

function rateOf(state: ZoneState, size: number): number {
  if (state !== 'partial') return normalPerSecond
  return size > largeCluster ? reducedPerSecond : 0
}

