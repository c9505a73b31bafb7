import { compareQuantities } from '../../schema/quantity.ts'
import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { containerLimits, containerRequests } from '../pod-requests.ts'
import { each, forbidden, invalid } from './field.ts'
import { isHugePages, validatePodResources } from './resources.ts'

/** `spec.resources`: what the pod as a whole asks for and may take must have room for its containers. */
export function validateResourcesOfPod(spec: PodSpec, field: string): FieldError[] {
  if (!spec.resources) return []
  if (spec.os?.name === 'windows') return [forbidden(field, 'may not be set for a windows pod')]
  const { requests = {}, limits = {} } = spec.resources
  return [
    ...validatePodResources(spec.resources, field),
    ...Object.entries(containerRequests(spec)).filter(([name, asked]) => requests[name] !== undefined && compareQuantities(asked, requests[name]) > 0)
      .map(([name, asked]) => invalid(`${field}.requests[${name}]`, requests[name], `must be greater than or equal to aggregate container requests of ${asked}`)),
    ...Object.entries(containerLimits(spec)).filter(([name, most]) => isHugePages(name) && limits[name] !== undefined && compareQuantities(most, limits[name]) > 0)
      .map(([name, most]) => invalid(`${field}.limits[${name}]`, limits[name], `must be greater than or equal to aggregate container limits of ${most}`)),
    ...each(spec.containers, `${field}.containers`, ({ resources }, path) => Object.entries(resources?.limits ?? {})
      .filter(([name, most]) => limits[name] !== undefined && compareQuantities(most, limits[name]) > 0)
      .map(([name, most]) => invalid(`${path}[${name}].limits`, most, `must be less than or equal to pod limits of ${limits[name]}`))),
  ]
}
