import type { FieldError } from '../../errors.ts'
import type { Container } from '../../types/core-v1/container.ts'
import type { ContainerStatus, PodStatus, ResourceHealth, ResourceStatus } from '../../types/core-v1/pod-status.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { duplicate, each, forbidden, invalid, invalidFor, optionallyOneOf, required, tooLong } from './field.ts'
import { unixId } from './names.ts'

/** What the agent says of the containers: as whom they run, and how the devices are that they were given. */
export function validateContainerStatuses(status: PodStatus, { os, containers, initContainers = [] }: PodSpec): FieldError[] {
  const windows = os?.name === 'windows'
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status
  const users = (list: ContainerStatus[] | undefined, field: string): FieldError[] => each(list, field, ({ user }, path) => (user?.linux ? validateUser(user.linux, windows, `${path}.user.linux`) : []))
  return [
    ...users(containerStatuses, 'status.containerStatuses'),
    ...users(initContainerStatuses, 'status.initContainerStatuses'),
    ...users(ephemeralContainerStatuses, 'status.ephemeralContainerStatuses'),
    ...validateResources(containerStatuses, containers, 'status.containerStatuses'),
    ...validateResources(initContainerStatuses, initContainers, 'status.initContainerStatuses'),
    ...each(ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', ({ allocatedResourcesStatus }, path) =>
      (allocatedResourcesStatus?.length ? [forbidden(`${path}.allocatedResourcesStatus`, 'must not be specified in container status')] : [])),
  ]
}

type LinuxUser = NonNullable<NonNullable<ContainerStatus['user']>['linux']>

function validateUser({ uid, gid, supplementalGroups }: LinuxUser, windows: boolean, field: string): FieldError[] {
  if (windows) return [forbidden(field, 'cannot be set for a windows pod')]
  return [
    ...invalidFor(`${field}.uid`, uid, unixId(uid)), ...invalidFor(`${field}.gid`, gid, unixId(gid)),
    ...each(supplementalGroups, `${field}.supplementalGroups`, (group, path) => invalidFor(path, group, unixId(group))),
  ]
}

const validateResources = (statuses: ContainerStatus[] | undefined, containers: readonly Container[], field: string): FieldError[] =>
  each(statuses, field, ({ name, allocatedResourcesStatus }, path) => {
    if (!allocatedResourcesStatus) return []
    const container = containers.find((each) => each.name === name)
    return each(allocatedResourcesStatus, `${path}.allocatedResourcesStatus`, (resource, at) => [...validateName(resource, container, `${at}.name`), ...validateHealth(resource.resources ?? [], `${at}.resources`)])
  })

/** A container the pod does not have is let through, since agents report it while a pod goes. */
function validateName({ name }: ResourceStatus, container: Container | undefined, field: string): FieldError[] {
  if (!container) return []
  const { claims = [], requests = {} } = container.resources ?? {}
  if (!name.startsWith('claim:')) return requests[name] === undefined ? [invalid(field, name, "must match one of the container's resource requests")] : []
  const known = claims.some((claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`)
  return known ? [] : [invalid(field, name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty")]
}

const longestMessage = 1024

function validateHealth(resources: readonly ResourceHealth[], field: string): FieldError[] {
  const seen = new Set<string>()
  return each(resources, field, ({ resourceID, health, message }, path) => {
    const repeated = seen.has(resourceID)
    seen.add(resourceID)
    return [
      ...optionallyOneOf(health ?? '', ['Healthy', 'Unhealthy', 'Unknown'], `${path}.health`),
      ...(message === '' ? [required(`${path}.message`, 'must be non-empty if specified')] : []),
      ...(message !== undefined && Buffer.byteLength(message) > longestMessage ? [tooLong(`${path}.message`, longestMessage)] : []),
      ...(repeated ? [duplicate(`${path}.resourceID`, resourceID)] : []),
    ]
  })
}
