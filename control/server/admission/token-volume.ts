import type { Clock } from '../../../host/clock.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Volume } from '../../../api/types/core-v1/volume.ts'
import { generatedName } from '../random-names.ts'

/** Where programs in pods look for their token; a mount of the user's own at this place is left alone. */
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const prefix = 'kube-api-access-'
/** Asks the token issuer for a token that is renewed within the hour and warns rather than fails where it is not. */
const expirationSeconds = 3607

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 0o644,
  },
})

/** Gives every init and ordinary container the pod's token, the cluster's CA and the name of the namespace. (A new pod has no ephemeral containers.) */
export function mountToken({ spec }: Pod, clock: Clock): void {
  const there = spec.volumes?.find(({ name }) => name.startsWith(prefix))
  const without = [...spec.initContainers ?? [], ...spec.containers].filter(({ volumeMounts }) => !volumeMounts?.some((mount) => mount.mountPath === mountPath))
  if (without.length === 0) return
  const name = there?.name ?? generatedName(prefix, clock)
  for (const container of without) container.volumeMounts = [...container.volumeMounts ?? [], { name, readOnly: true, mountPath }]
  if (!there) spec.volumes = [...spec.volumes ?? [], tokenVolume(name)]
}
