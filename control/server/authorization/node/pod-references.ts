import type { Container, EphemeralContainer } from '../../../../api/types/core-v1/container.ts'
import type { Pod } from '../../../../api/types/core-v1/pod.ts'
import type { Volume } from '../../../../api/types/core-v1/volume.ts'

/** The objects in a pod's namespace that its node must be able to read to run it: their names, by kind. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>
  readonly configMaps: ReadonlySet<string>
  readonly persistentVolumeClaims: ReadonlySet<string>
  readonly serviceAccounts: ReadonlySet<string>
  readonly resourceClaims: ReadonlySet<string>
}

export function podReferences({ metadata, spec, status }: Pod): PodReferences {
  const volumes = spec.volumes ?? []
  const containers = [...spec.initContainers ?? [], ...spec.containers, ...spec.ephemeralContainers ?? []]
  return {
    secrets: named([...(spec.imagePullSecrets ?? []).map(({ name }) => name), ...containers.flatMap(secretsOfContainer), ...volumes.flatMap(secretsOfVolume)]),
    configMaps: named([...containers.flatMap(configMapsOfContainer), ...volumes.flatMap(configMapsOfVolume)]),
    persistentVolumeClaims: named(volumes.map((volume) => volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && `${metadata.name}-${volume.name}`))),
    serviceAccounts: named([spec.serviceAccountName]),
    resourceClaims: named([
      ...(spec.resourceClaims ?? []).map(({ name, resourceClaimName }) => resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName),
      status?.extendedResourceClaimStatus?.resourceClaimName,
    ]),
  }
}

const named = (names: readonly (string | undefined)[]): ReadonlySet<string> => new Set(names.filter((name): name is string => Boolean(name)))

type AnyContainer = Pick<Container | EphemeralContainer, 'env' | 'envFrom'>
const secretsOfContainer = ({ env = [], envFrom = [] }: AnyContainer) => [...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name), ...envFrom.map(({ secretRef }) => secretRef?.name)]
const configMapsOfContainer = ({ env = [], envFrom = [] }: AnyContainer) => [...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name), ...envFrom.map(({ configMapRef }) => configMapRef?.name)]

function secretsOfVolume({ secret, azureFile, csi, projected, cephfs, flexVolume, rbd, scaleIO, iscsi, storageos, cinder }: Volume): (string | undefined)[] {
  const byReference = [cephfs, flexVolume, rbd, scaleIO, iscsi, storageos, cinder].map((source) => source?.secretRef?.name)
  return [secret?.secretName, azureFile?.secretName, csi?.nodePublishSecretRef?.name, ...byReference, ...(projected?.sources ?? []).map((source) => source.secret?.name)]
}

const configMapsOfVolume = ({ configMap, projected }: Volume) => [configMap?.name, ...(projected?.sources ?? []).map((source) => source.configMap?.name)]
