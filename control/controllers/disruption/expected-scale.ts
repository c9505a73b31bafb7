import type { Informer } from '../../../api/client/informer.ts'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import { controllerOf, refersTo } from '../shared/owner.ts'

/** Where the wishes of those who own pods are read. */
export interface ScaleSources {
  readonly replicaSets: Pick<Informer<ReplicaSet>, 'get'>
  readonly deployments: Pick<Informer<Deployment>, 'get'>
  /** How many replicas any other owner wants, by its `scale`; undefined when there is no such owner any more. */
  scaleOf(owner: OwnerReference, namespace: string): Promise<number | undefined>
}

export interface ExpectedScale {
  readonly scale: number
  /** The names of pods that nobody owns: nobody can say how many of them there should be. */
  readonly unmanaged: readonly string[]
}

/** How many pods the owners of these pods want together. Throws when an owner cannot be asked. */
export async function expectedScale(pods: readonly Pod[], sources: ScaleSources): Promise<ExpectedScale> {
  const owners = new Map<string, { owner: OwnerReference; pod: Pod }>()
  const unmanaged: string[] = []
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner) owners.set(owner.uid, { owner, pod })
    else unmanaged.push(pod.metadata.name)
  }
  const scales = new Map<string, number>()
  for (const { owner, pod } of owners.values()) {
    const [uid, scale] = await scaleAbove(owner, pod.metadata.namespace ?? '', sources)
    if (scale === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`)
    scales.set(uid, scale)
  }
  return { scale: [...scales.values()].reduce((sum, scale) => sum + scale, 0), unmanaged }
}

/** A ReplicaSet of a Deployment counts with what the Deployment wants. */
async function scaleAbove(owner: OwnerReference, namespace: string, sources: ScaleSources): Promise<[uid: string, scale: number | undefined]> {
  if (!refersTo(owner, replicaSets)) return [owner.uid, await sources.scaleOf(owner, namespace)]
  const set = sources.replicaSets.get({ namespace, name: owner.name })
  if (!set || set.metadata.uid !== owner.uid) return [owner.uid, undefined]
  const above = controllerOf(set)
  if (!above) return [owner.uid, set.spec.replicas ?? 0]
  if (!refersTo(above, deployments)) return [above.uid, await sources.scaleOf(above, namespace)]
  const deployment = sources.deployments.get({ namespace, name: above.name })
  return [above.uid, deployment?.metadata.uid === above.uid ? deployment.spec.replicas ?? 0 : undefined]
}
