import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Filter } from '../plugin.ts'
import { resolvable, unresolvable } from '../plugin.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Term } from '../terms.ts'

const notNear = unresolvable("node(s) didn't match pod affinity rules")
const tooNear = resolvable("node(s) didn't match pod anti-affinity rules")
const unwelcome = resolvable("node(s) didn't satisfy existing pods anti-affinity rules")

type Test = (node: NodeInfo) => boolean

/** Required affinity and anti-affinity to other pods, the new pod's own and that of the pods that are there. */
export const interPodAffinity: Filter = {
  name: 'InterPodAffinity',
  prepare(pod, snapshot) {
    const near = pod.terms.required.filter(({ wish }) => wish === 'near')
    const isNear = near.length ? nearTest(near, pod, snapshot) : undefined
    const far = pod.terms.required.filter(({ wish }) => wish === 'far').map((term) => inTopology(term.topologyKey, snapshot.countsOf(term.pods), snapshot))
    const kept = keptAway(pod, snapshot)
    if (!isNear && !far.length && !kept.length) return undefined
    return (node) => {
      if (isNear && !isNear(node)) return notNear
      if (far.some((test) => test(node))) return tooNear
      return kept.some((test) => test(node)) ? unwelcome : undefined
    }
  },
}

/** The domains in which any node has a count. */
function inTopology(key: string, byNode: ReadonlyMap<string, number>, snapshot: Snapshot): Test {
  const values = new Set<string>()
  for (const name of byNode.keys()) {
    const value = snapshot.get(name)?.labels[key]
    if (value !== undefined) values.add(value)
  }
  return ({ labels }) => labels[key] !== undefined && values.has(labels[key])
}

/** The first pod of a group that wants to be near itself may go anywhere that has the topology. */
function nearTest(terms: readonly Term[], pod: PodInfo, snapshot: Snapshot): Test {
  const tests = terms.map((term) => inTopology(term.topologyKey, snapshot.countsOf(term.pods), snapshot))
  const isFirst = terms.every((term) => snapshot.countsOf(term.pods).size === 0 && snapshot.includes(term.pods, pod))
  if (isFirst) return ({ labels }) => terms.every(({ topologyKey }) => labels[topologyKey] !== undefined)
  return (node) => tests.every((test) => test(node))
}

const keptAway = (pod: PodInfo, snapshot: Snapshot): Test[] => [...snapshot.carried]
  .filter(({ term }) => term.wish === 'far' && term.weight === undefined && snapshot.includes(term.pods, pod))
  .map(({ term, byNode }) => inTopology(term.topologyKey, byNode, snapshot))
