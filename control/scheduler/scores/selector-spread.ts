import type { NodeInfo } from '../node-info.ts'
import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'

const zoneLabel = 'topology.kubernetes.io/zone'
/** A zone that fails takes more with it than a node. */
const zoneWeight = 2 / 3

/** Spreads the pods of one controller over nodes and zones. A pod that says how it wants to be spread is left to that. */
export const selectorSpread: Score = {
  name: 'SelectorSpread', weight: 2,
  prepare({ owner, terms }, snapshot, nodes) {
    if (!owner || terms.spread.length) return undefined
    const here = (node: NodeInfo): number => node.owners.get(owner) ?? 0
    const zones = new Map<string, number>()
    for (const node of snapshot.nodes) {
      const zone = node.labels[zoneLabel]
      if (zone !== undefined) zones.set(zone, (zones.get(zone) ?? 0) + here(node))
    }
    const most = Math.max(0, ...nodes.map(here)), mostInZone = Math.max(0, ...zones.values())
    return (node) => {
      const onNode = share(here(node), most)
      const zone = node.labels[zoneLabel]
      return Math.floor(zone === undefined ? onNode : onNode * (1 - zoneWeight) + zoneWeight * share(zones.get(zone)!, mostInZone))
    }
  },
}

const share = (count: number, most: number): number => (most ? (best * (most - count)) / most : best)
