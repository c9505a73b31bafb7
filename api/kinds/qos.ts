import { addQuantities, compareQuantities } from '../schema/quantity.ts'
import type { ResourceList } from '../types/core-v1/common.ts'
import type { PodSpec } from '../types/core-v1/pod.ts'

const counted = ['cpu', 'memory'] as const

/** The quality-of-service class of a pod, which says who is evicted first. It never changes. */
export function qosClassOf(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const parts = spec.resources && (spec.resources.requests ?? spec.resources.limits) ? [spec.resources]
    : [...spec.containers ?? [], ...spec.initContainers ?? []].map(({ resources }) => resources ?? {})
  const requests = total(parts.map((part) => part.requests)), limits = total(parts.map((part) => part.limits))
  if (!Object.keys(requests).length && !Object.keys(limits).length) return 'BestEffort'
  const limited = parts.every((part) => counted.every((name) => positive(part.limits?.[name])))
  const equal = counted.every((name) => requests[name] !== undefined && limits[name] !== undefined && compareQuantities(requests[name], limits[name]) === 0)
  return limited && equal ? 'Guaranteed' : 'Burstable'
}

const positive = (quantity: string | undefined): quantity is string => quantity !== undefined && compareQuantities(quantity, '0') > 0

function total(lists: readonly (ResourceList | undefined)[]): ResourceList {
  const sum: ResourceList = {}
  for (const list of lists) {
    for (const name of counted) if (positive(list?.[name])) sum[name] = sum[name] === undefined ? list[name] : addQuantities(sum[name], list[name])
  }
  return sum
}
