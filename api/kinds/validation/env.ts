import type { FieldError } from '../../errors.ts'
import { canonicalQuantity, parseQuantity } from '../../schema/quantity.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../types/core-v1/common.ts'
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../../types/core-v1/container.ts'
import { each, invalid, invalidFor, notSupported, required } from './field.ts'
import { asPrefix, configMapKey, dnsLabel, dnsSubdomain, envVarName, qualifiedName } from './names.ts'
import { noBacksteps } from './paths.ts'

export const validateEnv = (variables: readonly EnvVar[] | undefined, field: string): FieldError[] => each(variables, field, (variable, path) => [
  ...(variable.name ? invalidFor(`${path}.name`, variable.name, envVarName(variable.name)) : [required(`${path}.name`)]),
  ...(variable.valueFrom ? validateValueFrom(variable.valueFrom, variable.value, `${path}.valueFrom`) : []),
])

function validateValueFrom(from: EnvVarSource, value: string | undefined, field: string): FieldError[] {
  const given: FieldError[][] = []
  if (from.fieldRef) given.push(validateFieldRef(from.fieldRef, envFields, `${field}.fieldRef`))
  if (from.resourceFieldRef) given.push(validateResourceFieldRef(from.resourceFieldRef, `${field}.resourceFieldRef`))
  if (from.configMapKeyRef) given.push(validateKeyRef(from.configMapKeyRef, `${field}.configMapKeyRef`))
  if (from.secretKeyRef) given.push(validateKeyRef(from.secretKeyRef, `${field}.secretKeyRef`))
  if (from.fileKeyRef) given.push(validateFileKeyRef(from.fileKeyRef, `${field}.fileKeyRef`))
  const wrong = given.flat()
  if (!given.length) return [invalid(field, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`')]
  if (value) return [...wrong, invalid(field, '', 'may not be specified when `value` is not empty')]
  return given.length > 1 ? [...wrong, invalid(field, '', 'may not have more than one field specified at a time')] : wrong
}

const validateKeyRef = ({ name, key }: ConfigMapKeySelector, field: string): FieldError[] => [
  ...invalidFor(`${field}.name`, name ?? '', dnsSubdomain(name ?? '')),
  ...(key ? invalidFor(`${field}.key`, key, configMapKey(key)) : [required(`${field}.key`)]),
]

const validateFileKeyRef = ({ volumeName, path, key }: FileKeySelector, field: string): FieldError[] => [
  ...(key ? invalidFor(`${field}.key`, key, envVarName(key)) : [required(`${field}.key`)]),
  ...(volumeName ? invalidFor(`${field}.volumeName`, volumeName, dnsLabel(volumeName)) : [required(`${field}.volumeName`)]),
  ...(path ? noBacksteps(path, `${field}.path`) : [required(`${field}.path`)]),
]

export const validateEnvFrom = (sources: readonly EnvFromSource[] | undefined, field: string): FieldError[] => each(sources, field, (source, path) => {
  const references = [['configMapRef', source.configMapRef], ['secretRef', source.secretRef]] as const
  const given = references.filter(([, reference]) => reference)
  return [
    ...(source.prefix ? invalidFor(`${path}.prefix`, source.prefix, envVarName(source.prefix)) : []),
    ...given.flatMap(([kind, reference]) => {
      const name = reference!.name
      return name ? invalidFor(`${path}.${kind}.name`, name, asPrefix(dnsSubdomain)(name)) : [required(`${path}.${kind}.name`)]
    }),
    ...(given.length ? [] : [invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`')]),
    ...(given.length > 1 ? [invalid(field, '', 'may not have more than one field specified at a time')] : []),
  ]
})

/** What `fieldRef` of an environment variable may name, beside single labels and annotations. */
const envFields = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs']
/** The same for a file of a downward API volume. */
export const volumeFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']
const knownFields = new Set([...envFields, ...volumeFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.host'])

export function validateFieldRef({ apiVersion, fieldPath }: ObjectFieldSelector, supported: readonly string[], field: string): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)]
  if (!fieldPath) return [required(`${field}.fieldPath`)]
  const unknown = (reason: string): FieldError[] => [invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${reason}`)]
  if (apiVersion !== 'v1') return unknown(`unsupported pod version: ${apiVersion}`)
  const [, path, key] = /^(.+)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (path === 'metadata.labels') return invalidFor(field, key, qualifiedName(key!))
  if (path === 'metadata.annotations') return invalidFor(field, key!.toLowerCase(), qualifiedName(key!.toLowerCase()))
  if (path !== undefined) return unknown(`field label does not support subscript: ${fieldPath}`)
  if (!knownFields.has(fieldPath)) return unknown(`field label not supported: ${fieldPath}`)
  const internal = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return supported.includes(internal) ? [] : [notSupported(`${field}.fieldPath`, internal, supported)]
}

const resourceFields = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

export function validateResourceFieldRef(reference: ResourceFieldSelector, field: string): FieldError[] {
  const { resource } = reference
  if (!resource) return [required(`${field}.resource`)]
  const known = resourceFields.includes(resource) || /^(requests|limits)\.hugepages-/.test(resource)
  return [...(known ? [] : [notSupported(`${field}.resource`, resource, resourceFields)]), ...validateDivisor(resource, reference.divisor, field)]
}

function validateDivisor(resource: string, divisor: string | undefined, field: string): FieldError[] {
  if (divisor === undefined || parseQuantity(divisor).nano === 0n) return []
  const [, kind = ''] = resource.split('.')
  const allowed = kind === 'cpu' ? ['1m', '1'] : byteDivisors
  if (allowed.includes(canonicalQuantity(divisor))) return []
  const name = kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind.startsWith('hugepages-') ? 'hugepages' : kind
  const values = kind === 'cpu' ? '1m and 1' : byteDivisors.join(', ')
  return [invalid(`${field}.divisor`, resource, `only divisor's values ${values} are supported with the ${name} resource`)]
}
