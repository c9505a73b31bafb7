import type { FieldError } from '../../errors.ts'
import { compareQuantities, parseQuantity } from '../../schema/quantity.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import type { ResourceClaim, ResourceRequirements } from '../../types/core-v1/container.ts'
import { duplicate, forbidden, invalid, invalidFor, negativeMessage, notFound, notSupported, required } from './field.ts'
import { dnsLabel, qualifiedName } from './names.ts'

const hugePages = 'hugepages-'
const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage'])
const standardResources = new Set([
  ...containerResources, 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage',
  'requests.storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage',
  'services.nodeports', 'services.loadbalancers',
])
const integerResources = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'])

export const isHugePages = (name: string): boolean => name.startsWith(hugePages)
/** Unprefixed names and those of kubernetes.io. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
/** A resource a device plugin or an administrator made up: `example.com/gpu`. */
export const isExtendedResource = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
/** Whether more than there is may be promised. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name)

type NameCheck = (name: string, field: string) => FieldError[]

/** Any name a resource may have; unqualified ones are the known ones. */
export function resourceName(name: string, field: string): FieldError[] {
  const wrong = invalidFor(field, name, qualifiedName(name))
  if (wrong.length || name.includes('/') || standardResources.has(name) || isHugePages(name) || name.startsWith(`requests.${hugePages}`)) return wrong
  return [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

/** A name a container may ask for. */
export const containerResourceName: NameCheck = (name, field) => {
  const wrong = resourceName(name, field)
  if (!name.includes('/')) return containerResources.has(name) || isHugePages(name) ? wrong : [...wrong, invalid(field, name, 'must be a standard resource for containers')]
  return isNative(name) || isExtendedResource(name) ? wrong : [...wrong, invalid(field, name, "doesn't follow extended resource name standard")]
}

const podResourceName: NameCheck = (name, field) => {
  const wrong = resourceName(name, field)
  if (wrong.length || name === 'cpu' || name === 'memory' || isHugePages(name)) return wrong
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])]
}

/** A quantity must not be negative, and whole where the resource cannot be split. */
export function validateQuantity(name: string, quantity: string, field: string): FieldError[] {
  const { nano } = parseQuantity(quantity)
  const whole = integerResources.has(name) || isExtendedResource(name)
  return [
    ...(nano < 0n ? [invalid(field, quantity, negativeMessage)] : []),
    ...(whole && nano % 1_000_000_000n !== 0n ? [invalid(field, quantity, 'must be an integer')] : []),
  ]
}

function hugePageMultiple(name: string, quantity: string, field: string): FieldError[] {
  if (!isHugePages(name)) return []
  const { nano } = parseQuantity(quantity)
  const page = pageSize(name)
  return page > 0n && nano >= 0n && nano % page === 0n ? [] : [invalid(field, quantity, `${quantity} is not positive integer multiple of ${name}`)]
}

function pageSize(name: string): bigint {
  try { return parseQuantity(name.slice(hugePages.length)).nano } catch { return 0n }
}

const entry = (nameCheck: NameCheck, [name, quantity]: [string, string], field: string): FieldError[] =>
  [...nameCheck(name, field), ...validateQuantity(name, quantity, field), ...hugePageMultiple(name, quantity, field)]

function requestAgainstLimit(name: string, request: string, limit: string | undefined, field: string): FieldError[] {
  if (limit === undefined) return isOvercommitAllowed(name) ? [] : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  const order = compareQuantities(request, limit)
  if (order !== 0 && !isOvercommitAllowed(name)) return [invalid(`${field}.requests`, request, `must be equal to ${name} limit of ${limit}`)]
  return order > 0 ? [invalid(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : []
}

function validateRequirements(resources: ResourceRequirements, nameCheck: NameCheck, claimNames: ReadonlySet<string>, field: string): FieldError[] {
  const limits: ResourceList = resources.limits ?? {}, requests: ResourceList = resources.requests ?? {}
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  const lonelyHugePages = names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')
  return [
    ...Object.entries(limits).flatMap((pair) => entry(nameCheck, pair, `${field}.limits[${pair[0]}]`)),
    ...Object.entries(requests).flatMap((pair) => [
      ...entry(nameCheck, pair, `${field}.requests[${pair[0]}]`),
      ...requestAgainstLimit(pair[0], pair[1], limits[pair[0]], field),
    ]),
    ...(lonelyHugePages ? [forbidden(field, 'HugePages require cpu or memory')] : []),
    ...validateClaims(resources.claims ?? [], claimNames, `${field}.claims`),
  ]
}

/** `resources` of a container. `claimNames`: the names of `spec.resourceClaims`. */
export const validateContainerResources = (resources: ResourceRequirements | undefined, claimNames: ReadonlySet<string>, field: string): FieldError[] =>
  (resources ? validateRequirements(resources, containerResourceName, claimNames, field) : [])

/** `spec.resources`, for the pod as a whole. */
export function validatePodResources(resources: ResourceRequirements | undefined, field: string): FieldError[] {
  if (!resources) return []
  const { claims, ...rest } = resources
  return [...(claims ? [forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level')] : []), ...validateRequirements(rest, podResourceName, new Set(), field)]
}

function validateClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string>, field: string): FieldError[] {
  const seen = new Set<string>()
  const inPart = new Set<string>()
  const names = [...known].sort().join(', ')
  return claims.flatMap(({ name, request }, index) => {
    const path = `${field}[${index}]`
    if (!name) return [required(path)]
    const key = request ? `${name}/${request}` : name
    const overlaps = seen.has(name) || seen.has(key) || (!request && inPart.has(name))
    seen.add(key)
    if (request) inPart.add(name)
    return [
      ...(request ? invalidFor(`${path}.request`, request, dnsLabel(request)) : []),
      ...(overlaps ? [duplicate(path, seen.has(name) ? name : key)] : []),
      ...(known.has(name) ? [] : [notFound(path, name, `must be one of the names in pod.spec.resourceClaims${names ? `: ${names}` : ' which is empty'}`)]),
    ]
  })
}
