import { persistentVolumeClaims } from '../../../api/kinds/core-v1/persistent-volume-claim.ts'
import { persistentVolumes } from '../../../api/kinds/core-v1/persistent-volume.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { volumeAttributesClasses } from '../../../api/kinds/storage-v1/volume-attributes-class.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { claimNames, hasEnded, podUses } from './pod-uses.ts'
import { startProtection } from './protected-kind.ts'

/** A claim stays until no pod on a node has it. */
export function startPVCProtection(deps: ControllerDeps): RunningController {
  const pods = deps.informers.of(podKind)
  const claimsOf = (pod: Pod): string[] => (pod.spec.nodeName && !hasEnded(pod) ? [] : everyClaimOf(pod))
  const everyClaimOf = (pod: Pod): string[] => claimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`)
  const off = pods.on({ delete(pod) { for (const key of everyClaimOf(pod)) controller.enqueue(key) } })
  const controller = startProtection(deps, {
    name: 'persistentvolumeclaim-protection-controller', kind: persistentVolumeClaims, finalizer: 'kubernetes.io/pvc-protection',
    async inUse(claim) {
      const { namespace } = claim.metadata
      if (pods.list(namespace).some((pod) => podUses(pod, claim))) return true
      // The cache may be behind: a pod that was bound in this moment must keep its claim.
      return (await deps.client.list(podKind, { namespace: namespace ?? '' })).items.some((pod) => podUses(pod, claim))
    },
    watches: [{ informer: pods, map: claimsOf }],
  })
  return { async stop() { off(); await controller.stop() } }
}

/** A volume stays as long as it is bound to a claim. */
export const startPVProtection = (deps: ControllerDeps): RunningController => startProtection<PersistentVolume>(deps, {
  name: 'persistentvolume-protection-controller', kind: persistentVolumes, finalizer: 'kubernetes.io/pv-protection',
  inUse: async ({ status }) => status?.phase === 'Bound',
})

/** A class of attributes stays as long as a claim or a volume has it or is to get it. */
export function startVACProtection(deps: ControllerDeps): RunningController {
  const claims = deps.informers.of(persistentVolumeClaims), volumes = deps.informers.of(persistentVolumes)
  const ofClaim = ({ spec, status }: PersistentVolumeClaim): string[] =>
    [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name) => !!name) as string[]
  const ofVolume = ({ spec }: PersistentVolume): string[] => (spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [])
  return startProtection(deps, {
    name: 'volumeattributesclass-protection-controller', kind: volumeAttributesClasses, finalizer: 'kubernetes.io/vac-protection',
    async inUse({ metadata: { name } }) {
      if (claims.list().some((claim) => ofClaim(claim).includes(name)) || volumes.list().some((volume) => ofVolume(volume).includes(name))) return true
      const [allClaims, allVolumes] = await Promise.all([deps.client.list(persistentVolumeClaims, {}), deps.client.list(persistentVolumes, {})])
      return allClaims.items.some((claim) => ofClaim(claim).includes(name)) || allVolumes.items.some((volume) => ofVolume(volume).includes(name))
    },
    watches: [{ informer: claims, map: ofClaim }, { informer: volumes, map: ofVolume }],
  })
}
