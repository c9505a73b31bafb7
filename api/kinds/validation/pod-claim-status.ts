import type { FieldError } from '../../errors.ts'
import type { PodExtendedResourceClaimStatus, PodResourceClaimStatus } from '../../types/core-v1/pod-status.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { duplicate, each, invalid, invalidFor, required } from './field.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'

/** Which claims were made for the pod; each is of one of its own `resourceClaims`. */
export function validateClaimStatuses(statuses: readonly PodResourceClaimStatus[] | undefined, { resourceClaims = [] }: PodSpec, field: string): FieldError[] {
  const known = new Set(resourceClaims.map(({ name }) => name)), seen = new Set<string>()
  return each(statuses, field, ({ name, resourceClaimName: claim }, path) => {
    const repeated = seen.has(name)
    seen.add(name)
    return [
      ...(known.has(name) ? [] : [invalid(`${path}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
      ...(claim === undefined ? [] : invalidFor(`${path}.resourceClaimName`, claim, dnsSubdomain(claim))),
    ]
  })
}

const noResource = 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'
const noContainer = 'must match the name of an entry in spec.initContainers.name or spec.containers.name'

/** The claim the scheduler made for the extended resources of the containers. */
export function validateExtendedResourceClaim(status: PodExtendedResourceClaimStatus | undefined, { initContainers = [], containers = [] }: PodSpec, field: string): FieldError[] {
  if (!status) return []
  const { requestMappings = [], resourceClaimName: claim } = status
  const known = new Map([...containers, ...initContainers].map((container) => [container.name, container])), seen = new Set<string>()
  return [
    ...(requestMappings.length ? [] : [required(`${field}.requestMappings`, 'at least one request mapping is required')]),
    ...each(requestMappings, `${field}.requestMappings`, ({ containerName, resourceName, requestName }, path) => {
      const container = known.get(containerName)
      const key = JSON.stringify([containerName, resourceName, requestName])
      const repeated = seen.has(key)
      seen.add(key)
      return [
        ...(container ? container.resources?.requests?.[resourceName] === undefined ? [invalid(`${path}.resourceName`, resourceName, noResource)] : [] : [invalid(`${path}.containerName`, containerName, noContainer)]),
        ...invalidFor(`${field}.requestName`, requestName, dnsLabel(requestName)),
        ...(repeated ? Object.entries({ containerName, resourceName, requestName }).map(([name, value]) => duplicate(`${path}.${name}`, value)) : []),
      ]
    }),
    ...(claim ? invalidFor(`${field}.resourceClaimName`, claim, dnsSubdomain(claim)) : [required(`${field}.resourceClaimName`)]),
  ]
}
