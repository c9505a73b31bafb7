import type { FieldError } from '../../../api/errors.ts'
import { semanticEqual } from '../../../api/kinds/validation/equal.ts'
import { ipFamily } from '../../../api/kinds/validation/ip.ts'
import type { Service, ServiceSpec } from '../../../api/types/core-v1/service.ts'
import { isHeadless, wantsAddress } from './service-spec.ts'

export type Family = 'IPv4' | 'IPv6'

export const familyOf = (addressOrNetwork: string): Family => (addressOrNetwork.includes(':') ? 'IPv6' : 'IPv4')
const otherThan = (family: string): Family => (family === 'IPv4' ? 'IPv6' : 'IPv4')

/**
 * Settles of which address families a service is, whose addresses are well-formed, and whether it has one address or two: what is said, else what was, else
 * what its addresses say, else the cluster's first. `configured` are the families of the cluster, the primary first. In place;
 * the addresses that are lacking are drawn afterwards. Returns why it cannot be.
 */
export function settleFamilies(service: Service, old: Service | undefined, configured: readonly Family[]): FieldError[] {
  const { spec } = service
  if (!wantsAddress(spec) || isUnchangedPreference(spec, old?.spec)) return []
  const selectorless = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (selectorless ? 'RequireDualStack' : 'SingleStack')
  const errors = [...(old ? releaseSecond(spec, old.spec) : []), ...tooManyForOne(spec), ...inferFamilies(spec, configured)]
  if (errors.length > 0) return errors
  // Its endpoints are anybody's, and may be of families that the cluster has not.
  if (!selectorless) errors.push(...notConfigured(spec, configured))
  if (errors.length > 0) return errors
  if (!spec.ipFamilies?.length) spec.ipFamilies = [configured[0]!]
  const [first, second] = spec.ipFamilies
  if (spec.ipFamilyPolicy !== 'SingleStack' && second === undefined && (selectorless || configured.length === 2)) spec.ipFamilies = [first!, otherThan(first!)]
  return []
}

/** A cluster that becomes dual-stack, or ceases to be, changes no service by itself: only who says so in the service does. */
function isUnchangedPreference(spec: ServiceSpec, before: ServiceSpec | undefined): boolean {
  return before !== undefined && spec.ipFamilyPolicy === 'PreferDualStack' && before.ipFamilyPolicy === 'PreferDualStack' && spec.type === before.type
    && semanticEqual(spec.clusterIPs ?? [], before.clusterIPs ?? []) && semanticEqual(spec.ipFamilies ?? [], before.ipFamilies ?? [])
}

/** `SingleStack` alone says clearly that the second address goes; one that goes without it is a mistake. */
function releaseSecond(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  if (ipFamilyPolicy === 'SingleStack') {
    if (semanticEqual(clusterIPs, before.clusterIPs ?? [])) spec.clusterIPs = clusterIPs.slice(0, 1)
    if (semanticEqual(ipFamilies, before.ipFamilies ?? [])) spec.ipFamilies = ipFamilies.slice(0, 1)
    return []
  }
  const reduced = (now: readonly unknown[], then: readonly unknown[] = []): boolean => now.length > 0 && now.length < then.length
  return [
    ...(reduced(clusterIPs, before.clusterIPs) ? [wrongPolicy(spec, "must be 'SingleStack' to release the secondary cluster IP")] : []),
    ...(reduced(ipFamilies, before.ipFamilies) ? [wrongPolicy(spec, "must be 'SingleStack' to release the secondary IP family")] : []),
  ]
}

function tooManyForOne(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return []
  const instead = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
  return [
    ...(spec.clusterIPs?.length === 2 ? [wrongPolicy(spec, `${instead} cluster IPs are specified`)] : []),
    ...(spec.ipFamilies?.length === 2 ? [wrongPolicy(spec, `${instead} IP families are specified`)] : []),
  ]
}

/** Addresses that are asked for say their family. */
function inferFamilies(spec: ServiceSpec, configured: readonly Family[]): FieldError[] {
  const errors: FieldError[] = []
  const { clusterIPs = [] } = spec
  if (isHeadless(spec)) return errors
  clusterIPs.forEach((ip, i) => {
    const families = spec.ipFamilies ?? []
    if (i < families.length) return
    const family: Family = ipFamily(ip) === 6 ? 'IPv6' : 'IPv4'
    if (configured.includes(family)) spec.ipFamilies = [...families, family]
    else errors.push({ type: 'Invalid', field: `spec.clusterIPs[${i}]`, value: clusterIPs, detail: `${family} is not configured on this cluster` })
  })
  return errors
}

function notConfigured(spec: ServiceSpec, configured: readonly Family[]): FieldError[] {
  return [
    ...(spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2 ? [wrongPolicy(spec, 'this cluster is not configured for dual-stack services')] : []),
    ...(spec.ipFamilies ?? []).flatMap((family, i): FieldError[] => (configured.includes(family as Family) ? []
      : [{ type: 'Invalid', field: `spec.ipFamilies[${i}]`, value: family, detail: 'not configured on this cluster' }])),
  ]
}

const wrongPolicy = ({ ipFamilyPolicy }: ServiceSpec, detail: string): FieldError => ({ type: 'Invalid', field: 'spec.ipFamilyPolicy', value: ipFamilyPolicy, detail })
