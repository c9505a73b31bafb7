import { filters as allFilters } from './filters/all.ts'
import type { NodeInfo } from './node-info.ts'
import type { Filter, Refusal, Score } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import { scores as allScores } from './scores/all.ts'
import type { Snapshot } from './snapshot.ts'

/** Where a pod goes, or why it goes nowhere. */
export type Decision = Placed | Unplaced

export interface Placed {
  readonly node: string
  /** To be handed to the next call: equal nodes are taken in turn. */
  readonly turn: number
  readonly evaluated: number
  readonly feasible: number
}

export interface Unplaced {
  readonly node: undefined
  readonly turn: number
  /** How many nodes there are. */
  readonly nodes: number
  /** Each reason with the number of nodes it holds for. */
  readonly reasons: ReadonlyMap<string, number>
  /** On how many nodes removing other pods could help. */
  readonly resolvable: number
  /** The filters that refused a node: what has to change for another try to be of use. */
  readonly filters: ReadonlySet<string>
}

export interface Plugins { readonly filters: readonly Filter[]; readonly scores: readonly Score[] }

const defaults: Plugins = { filters: allFilters, scores: allScores }

/** Decides where a pod goes. Pure: the same pod, snapshot and turn give the same decision. */
export function schedule(pod: PodInfo, snapshot: Snapshot, turn = 0, { filters, scores }: Plugins = defaults): Decision {
  const found = feasibleNodes(pod, snapshot, turn, filters)
  if (!found.nodes.length) return { node: undefined, turn, nodes: snapshot.nodes.length, reasons: found.reasons, resolvable: found.resolvable, filters: found.filters }
  const chosen = found.nodes.length === 1 ? found.nodes[0]! : bestNode(pod, snapshot, found.nodes, scores)
  const position = snapshot.nodes.indexOf(chosen)
  return { node: chosen.name, turn: position + 1, evaluated: found.evaluated, feasible: found.nodes.length }
}

/** The nodes that no filter refuses, beginning at `turn` and going round; of very many nodes only a part is looked at. */
function feasibleNodes(pod: PodInfo, snapshot: Snapshot, turn: number, filters: readonly Filter[]) {
  const all = snapshot.nodes
  const checks = filters.flatMap((filter) => { const check = filter.prepare(pod, snapshot); return check ? [{ name: filter.name, check }] : [] })
  const enough = feasibleEnough(all.length)
  const nodes: NodeInfo[] = [], reasons = new Map<string, number>(), refusing = new Set<string>()
  let resolvable = 0, evaluated = 0
  for (; evaluated < all.length && nodes.length < enough; evaluated++) {
    const node = all[(turn + evaluated) % all.length]!
    const refused = firstRefusal(node, checks)
    if (!refused) { nodes.push(node); continue }
    refusing.add(refused.name)
    if (refused.refusal.resolvable) resolvable++
    for (const reason of refused.refusal.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return { nodes, reasons, resolvable, evaluated, filters: refusing }
}

function firstRefusal(node: NodeInfo, checks: readonly { name: string; check: (node: NodeInfo) => Refusal | undefined }[]): { name: string; refusal: Refusal } | undefined {
  for (const { name, check } of checks) {
    const refusal = check(node)
    if (refusal) return { name, refusal }
  }
  return undefined
}

/** All of up to a hundred nodes; of more a share that falls from a half to a twentieth, but never fewer than a hundred. */
export function feasibleEnough(nodes: number): number {
  const share = Math.max(5, 50 - Math.floor(nodes / 125))
  return nodes <= 100 ? nodes : Math.max(100, Math.floor((nodes * share) / 100))
}

/** The node with the highest sum. The nodes come in order of turn, so that of equal ones the next in turn is taken. */
function bestNode(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[], scores: readonly Score[]): NodeInfo {
  const sums = nodes.map(() => 0)
  for (const score of scores) {
    const of = score.prepare(pod, snapshot, nodes)
    if (of) nodes.forEach((node, index) => { sums[index]! += score.weight * of(node) })
  }
  return nodes[sums.indexOf(Math.max(...sums))]!
}
