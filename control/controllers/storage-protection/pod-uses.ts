import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { isControlledBy } from '../shared/owner.ts'
import { isTerminal } from '../shared/pods.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'

/** The names of the claims a pod has or will have; those of its ephemeral volumes are called after it. */
export const claimNames = ({ metadata, spec }: Pod): string[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => (persistentVolumeClaim ? [persistentVolumeClaim.claimName] : ephemeral ? [`${metadata.name}-${name}`] : []))

/** Nothing of the pod runs any more: it has ended, or is to go and its containers have. */
export const hasEnded = (pod: Pod): boolean =>
  isTerminal(pod) || (!!pod.metadata.deletionTimestamp && (pod.status?.containerStatuses ?? []).every(({ state }) => state?.terminated !== undefined || state?.waiting !== undefined))

/** Whether the pod holds the claim. A pod that is on no node yet does not: no node starts it once the claim is to go. */
export function podUses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName || hasEnded(pod)) return false
  return (pod.spec.volumes ?? []).some(({ name, persistentVolumeClaim, ephemeral }) => persistentVolumeClaim?.claimName === claim.metadata.name
    || (ephemeral !== undefined && `${pod.metadata.name}-${name}` === claim.metadata.name && isControlledBy(claim, pod)))
}
