import { compareQuantities, parseQuantity } from '../../../api/schema/quantity.ts'
import type { ResourceList } from '../../../api/types/core-v1/common.ts'

/** What a container, a pod or a claim asks for. */
export interface Asked { readonly requests: ResourceList; readonly limits: ResourceList }

const sorted = (list: ResourceList = {}): [string, string][] => Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1))

/** What `min` of a LimitRange says against it. */
export const belowMinimum = (what: string, min: ResourceList | undefined, { requests, limits }: Asked): string[] => sorted(min).flatMap(([name, enforced]) => {
  const rule = `minimum ${name} usage per ${what} is ${enforced}`
  const request = requests[name], limit = limits[name]
  if (request === undefined) return [`${rule}.  No request is specified`]
  if (compareQuantities(request, enforced) < 0) return [`${rule}, but request is ${request}`]
  return limit !== undefined && compareQuantities(limit, enforced) < 0 ? [`${rule}, but limit is ${limit}`] : []
})

/** What `max` of a LimitRange says against it. */
export const aboveMaximum = (what: string, max: ResourceList | undefined, { requests, limits }: Asked): string[] => sorted(max).flatMap(([name, enforced]) => {
  const rule = `maximum ${name} usage per ${what} is ${enforced}`
  const request = requests[name], limit = limits[name]
  if (limit === undefined) return [`${rule}.  No limit is specified`]
  if (compareQuantities(limit, enforced) > 0) return [`${rule}, but limit is ${limit}`]
  return request !== undefined && compareQuantities(request, enforced) > 0 ? [`${rule}, but request is ${request}`] : []
})

/** The same for what has no limits, only requests (claims). */
export const requestAboveMaximum = (what: string, max: ResourceList | undefined, requests: ResourceList): string[] => sorted(max).flatMap(([name, enforced]) => {
  const rule = `maximum ${name} usage per ${what} is ${enforced}`
  const request = requests[name]
  if (request === undefined) return [`${rule}.  No request is specified`]
  return compareQuantities(request, enforced) > 0 ? [`${rule}, but request is ${request}`] : []
})

/** What `maxLimitRequestRatio` of a LimitRange says against it. */
export const aboveRatio = (what: string, ratios: ResourceList | undefined, { requests, limits }: Asked): string[] => sorted(ratios).flatMap(([name, enforced]) => {
  const rule = `${name} max limit to request ratio per ${what} is ${enforced}`
  const request = nano(requests[name]), limit = nano(limits[name])
  if (request === 0n) return [`${rule}, but no request is specified or request is 0`]
  if (limit === 0n) return [`${rule}, but no limit is specified or limit is 0`]
  // limit / request > enforced, without rounding: everything is in billionths.
  return limit * 1_000_000_000n > nano(enforced) * request ? [`${rule}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`] : []
})

const nano = (quantity: string | undefined): bigint => (quantity === undefined ? 0n : parseQuantity(quantity).nano)
