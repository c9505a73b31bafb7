import type { Filter } from '../plugin.ts'
import { unresolvable } from '../plugin.ts'

/** Claims of volumes and devices cannot be met yet: a pod that needs one is refused by name rather than started without it. */
export const volumes: Filter = {
  name: 'VolumeBinding',
  prepare({ pod }) {
    const claim = pod.spec.volumes?.find(({ persistentVolumeClaim }) => persistentVolumeClaim)?.persistentVolumeClaim?.claimName
    const device = pod.spec.resourceClaims?.[0]?.name
    if (claim) return () => unresolvable(`persistentvolumeclaim ${JSON.stringify(claim)} not found`)
    return device ? () => unresolvable(`resourceclaim ${JSON.stringify(device)} not found`) : undefined
  },
}
