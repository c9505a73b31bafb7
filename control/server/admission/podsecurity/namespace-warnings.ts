import type { Pod } from '../../../../api/types/core-v1/pod.ts'
import { inBrief, violationsOf } from './checks.ts'
import { printed } from './policy.ts'
import type { LevelVersion } from './policy.ts'

/** At most so many pods are looked at, the first of each controller before its twins. */
const most = 3000

/** What a namespace's pods would violate under a new level, as sentences for who sets it. */
export function namespaceWarnings(namespace: string, enforce: LevelVersion, pods: readonly Pod[]): string[] {
  const looked = firstOfEach(pods).slice(0, most)
  const byWarning = new Map<string, string[]>()
  for (const pod of looked) {
    const warning = inBrief(violationsOf(enforce, pod))
    if (warning) byWarning.set(warning, [...byWarning.get(warning) ?? [], pod.metadata.name])
  }
  return [
    ...(looked.length < pods.length ? [`new PodSecurity enforce level only checked against the first ${looked.length} of ${pods.length} existing pods`] : []),
    ...(byWarning.size > 0 ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${printed(enforce)}"`] : []),
    ...[...byWarning].map(([warning, names]) => `${who(names)}: ${warning}`).sort(),
  ]
}

function firstOfEach(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>()
  const twins: Pod[] = []
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid
    const isTwin = owner !== undefined && seen.has(owner)
    if (isTwin) twins.push(pod)
    else if (owner !== undefined) seen.add(owner)
    return !isTwin
  })
  return [...first, ...twins]
}

function who(names: readonly string[]): string {
  const first = [...names].sort()[0]!
  const others = names.length - 1
  return others === 0 ? first : `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`
}
