import type { Volume, VolumeProjection } from '../../types/core-v1/volume.ts'
import { claimSpecWarnings } from './volume.ts'

/** Storage whose drivers are gone or going, the path it has in the original, and its sentence. */
const gone: readonly (readonly [keyof Volume, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'], ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'], ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'], ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'], ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'], ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** Of `spec.volumes` of a pod. */
export function podVolumeWarnings(volumes: readonly Volume[], field: string): string[] {
  const tokens = new Set(volumes.flatMap(({ projected }) => (projected?.sources ?? []).flatMap(({ serviceAccountToken }) => (serviceAccountToken ? [serviceAccountToken.path] : []))))
  return [
    ...volumes.flatMap((volume, i) => [
      ...gone.filter(([name]) => volume[name] !== undefined).map(([, path, sentence]) => `${field}[${i}].${path}: ${sentence}`),
      ...(volume.ephemeral?.volumeClaimTemplate ? claimSpecWarnings(volume.ephemeral.volumeClaimTemplate.spec, `${field}[${i}].ephemeral.volumeClaimTemplate.spec`) : []),
    ]),
    ...(tokens.size === 0 ? [] : volumes.flatMap(({ projected }, i) => (projected?.sources ?? []).flatMap((source) => hiddenTokens(source, tokens, `${field}[${i}].projected.sources`)))),
  ]
}

/** A file of another source where a token should be. */
function hiddenTokens({ configMap, secret, downwardAPI }: VolumeProjection, tokens: ReadonlySet<string>, field: string): string[] {
  const sources = [['configMap', configMap?.items], ['secrets', secret?.items], ['downwardAPI', downwardAPI?.items]] as const
  return sources.flatMap(([name, items]) => (items ?? []).flatMap(({ path }, i) => (tokens.has(path) ? [`${field}.${name}[${i}]: has duplicated path with ServiceAccountToken ${JSON.stringify(path)}`] : [])))
}
