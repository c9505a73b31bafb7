import type { ConfigMap, Secret } from '../../api/types/core-v1/config.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { DownwardAPIVolumeFile, KeyToPath, VolumeProjection } from '../../api/types/core-v1/volume.ts'
import { fieldValue, resourceValue } from '../pods/downward.ts'
import type { DownwardFacts } from '../pods/downward.ts'
import { findContainer } from '../pods/containers.ts'
import type { Payload, PayloadFile } from './atomic-writer.ts'

/** The volume cannot be set up as things stand; the message is what `FailedMount` says. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
}

/** What payloads are made from. Look-ups answer undefined when there is no such object. */
export interface PayloadSources {
  configMap(name: string): Promise<ConfigMap | undefined>
  secret(name: string): Promise<Secret | undefined>
  token(source: { audience?: string | undefined; expirationSeconds?: number | undefined }): Promise<string>
  facts(): Promise<DownwardFacts>
}

const defaultFileMode = 0o644
type Keyed = { readonly items?: readonly KeyToPath[] | undefined; readonly optional?: boolean | undefined; readonly name?: string | undefined }

export async function configMapPayload(source: Keyed, mode: number | undefined, sources: PayloadSources): Promise<Payload> {
  const name = source.name ?? ''
  const found = await sources.configMap(name)
  if (!found && source.optional) return new Map()
  if (!found) throw new VolumeError(`configmap ${JSON.stringify(name)} not found`)
  const data = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(found.data ?? {})) data.set(key, Buffer.from(value))
  for (const [key, value] of Object.entries(found.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'))
  return keyed(data, source, mode, 'configmap')
}

export async function secretPayload(source: Keyed, mode: number | undefined, sources: PayloadSources): Promise<Payload> {
  const name = source.name ?? ''
  const found = await sources.secret(name)
  if (!found && source.optional) return new Map()
  if (!found) throw new VolumeError(`secret ${JSON.stringify(name)} not found`)
  const data = new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
  return keyed(data, source, mode, 'secret')
}

function keyed(data: ReadonlyMap<string, Uint8Array>, source: Keyed, mode = defaultFileMode, what: string): Payload {
  if (!source.items?.length) return new Map([...data].map(([key, value]) => [key, { data: value, mode }]))
  const files = new Map<string, PayloadFile>()
  for (const item of source.items) {
    const value = data.get(item.key)
    if (value) files.set(item.path, { data: value, mode: item.mode ?? mode })
    else if (!source.optional) throw new VolumeError(`${what === 'secret' ? 'references non-existent secret key' : 'configmap references non-existent config key'}: ${item.key}`)
  }
  return files
}

export async function downwardPayload(pod: Pod, items: readonly DownwardAPIVolumeFile[], mode = defaultFileMode, sources: PayloadSources): Promise<Payload> {
  const facts = await sources.facts()
  const files = new Map<string, PayloadFile>()
  for (const item of items) {
    const value = item.fieldRef ? fieldValue(pod, item.fieldRef.fieldPath, facts) : resource(pod, item, facts)
    if (value === undefined) throw new VolumeError(`unable to extract ${item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource} for ${item.path}`)
    files.set(item.path, { data: Buffer.from(value), mode: item.mode ?? mode })
  }
  return files
}

function resource(pod: Pod, item: DownwardAPIVolumeFile, facts: DownwardFacts): string | undefined {
  const selector = item.resourceFieldRef
  const container = selector?.containerName ? findContainer(pod, selector.containerName) : undefined
  return selector && container ? resourceValue(container.spec, selector, facts) : undefined
}

/** All sources of a projected volume together; a later one wins where two give the same path. */
export async function projectedPayload(pod: Pod, projections: readonly VolumeProjection[], mode: number | undefined, sources: PayloadSources): Promise<Payload> {
  const files = new Map<string, PayloadFile>()
  for (const projection of projections) {
    for (const [path, file] of await projected(pod, projection, mode, sources)) files.set(path, file)
  }
  return files
}

async function projected(pod: Pod, projection: VolumeProjection, mode: number | undefined, sources: PayloadSources): Promise<Payload> {
  if (projection.configMap) return configMapPayload(projection.configMap, mode, sources)
  if (projection.secret) return secretPayload(projection.secret, mode, sources)
  if (projection.downwardAPI) return downwardPayload(pod, projection.downwardAPI.items ?? [], mode, sources)
  if (projection.serviceAccountToken) {
    const token = await sources.token(projection.serviceAccountToken)
    return new Map([[projection.serviceAccountToken.path, { data: Buffer.from(token), mode: tokenMode(pod, mode) }]])
  }
  throw new VolumeError(`projected source ${Object.keys(projection).join(', ')} is not supported by this node`)
}

/** Only the owner reads a token, where one user runs the whole pod or a group is set for its files. */
function tokenMode(pod: Pod, mode = defaultFileMode): number {
  return tokenOwner(pod) !== undefined || pod.spec.securityContext?.fsGroup !== undefined ? 0o600 : mode
}

/** The user all containers run as, if it is one. */
export function tokenOwner(pod: Pod): number | undefined {
  const users = new Set([...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ securityContext }) => securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser))
  return users.size === 1 ? [...users][0] : undefined
}
