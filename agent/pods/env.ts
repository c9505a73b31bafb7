import type { ConfigMap, Secret } from '../../api/types/core-v1/config.ts'
import type { Container, EnvVar } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { fieldValue, resourceValue } from './downward.ts'
import type { DownwardFacts } from './downward.ts'
import { expand } from './expand.ts'

/** Where a container's environment comes from. `undefined` from the two look-ups: there is no such object. */
export interface EnvSources {
  readonly configMap: (name: string) => ConfigMap | undefined
  readonly secret: (name: string) => Secret | undefined
  readonly services: ReadonlyMap<string, string>
  readonly facts: DownwardFacts
}

/** The container cannot be configured as things stand; the message is the one users see behind `CreateContainerConfigError`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The variables in the order given, services last. Throws `ConfigError`. */
export function environment(pod: Pod, container: Container, sources: EnvSources): Map<string, string> {
  const result = new Map<string, string>()
  for (const from of container.envFrom ?? []) {
    const entries = from.configMapRef ? fromConfigMap(from.configMapRef, sources) : from.secretRef ? fromSecret(from.secretRef, sources) : []
    for (const [key, value] of entries) result.set(`${from.prefix ?? ''}${key}`, value)
  }
  const lookUp = (name: string): string | undefined => result.get(name) ?? sources.services.get(name)
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? valueFrom(pod, container, variable, sources) : expand(variable.value ?? '', lookUp)
    if (value !== undefined) result.set(variable.name, value)
  }
  for (const [name, value] of sources.services) if (!result.has(name)) result.set(name, value)
  return result
}

type Reference = { readonly name?: string | undefined; readonly optional?: boolean | undefined }

function fromConfigMap(reference: Reference, sources: EnvSources): [string, string][] {
  const found = lookUpOr(sources.configMap(reference.name ?? ''), reference, `configmap ${JSON.stringify(reference.name)} not found`)
  return Object.entries(found?.data ?? {})
}

function fromSecret(reference: Reference, sources: EnvSources): [string, string][] {
  const found = lookUpOr(sources.secret(reference.name ?? ''), reference, `secret ${JSON.stringify(reference.name)} not found`)
  return Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)])
}

function lookUpOr<T>(found: T | undefined, reference: Reference, message: string): T | undefined {
  if (!found && !reference.optional) throw new ConfigError(message)
  return found
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

function valueFrom(pod: Pod, container: Container, variable: EnvVar, sources: EnvSources): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = variable.valueFrom!
  const where = `${pod.metadata.namespace}/`
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, sources.facts) ?? refuse(`unsupported fieldPath: ${fieldRef.fieldPath}`)
  if (resourceFieldRef) return resourceValue(container, resourceFieldRef, sources.facts) ?? refuse(`unsupported container resource : ${resourceFieldRef.resource}`)
  if (configMapKeyRef) {
    const found = lookUpOr(sources.configMap(configMapKeyRef.name ?? ''), configMapKeyRef, `configmap ${JSON.stringify(configMapKeyRef.name)} not found`)
    return keyOr(found && found.data?.[configMapKeyRef.key], configMapKeyRef, `couldn't find key ${configMapKeyRef.key} in ConfigMap ${where}${configMapKeyRef.name}`)
  }
  if (secretKeyRef) {
    const found = lookUpOr(sources.secret(secretKeyRef.name ?? ''), secretKeyRef, `secret ${JSON.stringify(secretKeyRef.name)} not found`)
    const value = keyOr(found && found.data?.[secretKeyRef.key], secretKeyRef, `couldn't find key ${secretKeyRef.key} in Secret ${where}${secretKeyRef.name}`)
    return value === undefined ? undefined : decode(value)
  }
  if (fileKeyRef) return refuse(`env ${variable.name}: fileKeyRef is not supported`)
  return ''
}

function keyOr(value: string | undefined, reference: Reference, message: string): string | undefined {
  return value ?? (reference.optional ? undefined : refuse(message))
}

function refuse(message: string): never {
  throw new ConfigError(message)
}
