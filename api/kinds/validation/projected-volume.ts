import type { FieldError } from '../../errors.ts'
import type { ClusterTrustBundleProjection, KeyToPath, PodCertificateProjection, ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection } from '../../types/core-v1/volume.ts'
import { each, forbidden, invalid, required } from './field.ts'
import { validateLabelSelector } from './labels.ts'
import { fileMode, localNonReserved } from './paths.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-files.ts'

/** A volume put together of several sources; no two of them may write the same file. */
export function validateProjected({ sources, defaultMode }: ProjectedVolumeSource, field: string): FieldError[] {
  const taken = new Set<string>()
  const take = (path: string | undefined, value: string): FieldError[] => {
    if (!path) return []
    const clash = taken.has(path)
    taken.add(path)
    return clash ? [invalid(field, value, 'conflicting duplicate paths')] : []
  }
  return [...fileMode(defaultMode, `${field}.defaultMode`), ...each(sources, `${field}.sources`, (source, path) => validateProjection(source, path, field, take))]
}

type Take = (path: string | undefined, value: string) => FieldError[]

function validateProjection(source: VolumeProjection, field: string, volume: string, take: Take): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const given = Object.values(source).filter((value) => value !== undefined).length
  return [
    ...(secret ? keyed(secret, `${field}.secret`, take) : []),
    ...(configMap ? keyed(configMap, `${field}.configMap`, take) : []),
    ...(downwardAPI?.items ?? []).flatMap((file) => [...validateDownwardFile(file, `${field}.downwardAPI`), ...take(file.path, file.path)]),
    ...(serviceAccountToken ? token(serviceAccountToken, `${field}.serviceAccountToken`, volume) : []),
    ...(clusterTrustBundle ? [...trustBundle(clusterTrustBundle, `${field}.clusterTrustBundle`), ...take(clusterTrustBundle.path, clusterTrustBundle.path)] : []),
    ...(podCertificate ? certificate(podCertificate, `${field}.podCertificate`, take) : []),
    ...(given > 1 ? [forbidden(field, 'may not specify more than 1 volume type per source')] : []),
  ]
}

const keyed = ({ name, items }: { name?: string | undefined; items?: KeyToPath[] | undefined }, field: string, take: Take): FieldError[] => [
  ...(name ? [] : [required(`${field}.name`)]),
  ...each(items, `${field}.items`, (item, path) => [...validateKeyToPath(item, path), ...take(item.path, name ?? '')]),
]

function token({ expirationSeconds = 0, path }: ServiceAccountTokenProjection, field: string, volume: string): FieldError[] {
  const at = `${field}.expirationSeconds`
  return [
    ...(expirationSeconds < 600 ? [invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(expirationSeconds > 2 ** 32 ? [invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')] : []),
    ...(path ? localNonReserved(path, `${volume}.path`) : [required(`${volume}.path`)]),
  ]
}

function trustBundle(bundle: ClusterTrustBundleProjection, field: string): FieldError[] {
  const { name, signerName, labelSelector, path } = bundle
  const wrong: FieldError[] = []
  if (name !== undefined && signerName !== undefined) wrong.push(invalid(field, bundle, 'only one of name and signerName may be used'))
  else if (name === undefined && signerName === undefined) wrong.push(required(field, 'either name or signerName must be specified'))
  else if (name === '') wrong.push(required(`${field}.name`, 'must be a valid object name'))
  else if (signerName === '') wrong.push(required(`${field}.signerName`, 'must be a valid signer name'))
  if (name !== undefined && labelSelector) wrong.push(invalid(`${field}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified'))
  return [
    ...wrong,
    ...(signerName === undefined ? [] : validateLabelSelector(labelSelector, `${field}.labelSelector`)),
    ...(path ? localNonReserved(path, `${field}.path`) : [required(`${field}.path`)]),
  ]
}

function certificate(projection: PodCertificateProjection, field: string, take: Take): FieldError[] {
  const paths = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  const given = paths.filter((name) => projection[name])
  return [
    ...(projection.signerName ? [] : [required(`${field}.signerName`)]),
    ...(projection.keyType ? [] : [required(`${field}.keyType`)]),
    ...(given.length ? [] : [required(field, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath')]),
    ...given.flatMap((name) => [...localNonReserved(projection[name]!, `${field}.${name}`), ...take(projection[name], projection[name]!)]),
  ]
}
