import type { FieldError } from '../../errors.ts'
import type { ServiceSpec } from '../../types/core-v1/service.ts'
import { duplicate, each, invalid, notSupported, optionallyOneOf, required } from './field.ts'
import { ipFamily, isDualStack, validIP } from './ip.ts'
import { isRepeated } from './repeated.ts'

const field = 'spec.clusterIPs'
const headless = ({ clusterIPs }: ServiceSpec): boolean => clusterIPs?.length === 1 && clusterIPs[0] === 'None'

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`, which say one thing in several ways. */
export function validateClusterIPs(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const ips = spec.clusterIPs ?? []
  const wrongIPs = validateIPs(ips)
  const wrong = [...validatePrimary(spec), ...validateFamilies(spec), ...wrongIPs, ...(ips.length > 2 ? [invalid(field, ips, 'may only hold up to 2 values')] : [])]
  if (wrongIPs.length) return wrong
  return [
    ...wrong,
    ...(ips.length > 1 && !isDualStack(ips, ipFamily) ? [invalid(field, ips, 'may specify no more than one IP for each IP family')] : []),
    ...(headless(spec) ? [] : validateFamilyOfEach(spec, ips)),
  ]
}

function validatePrimary({ clusterIP, clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (!clusterIP) return clusterIPs.length ? [invalid(field, clusterIPs, 'must be empty when `clusterIP` is not specified')] : []
  if (!clusterIPs.length) return [required(field)]
  return clusterIPs[0] === clusterIP ? [] : [invalid(field, clusterIPs, 'first value must match `clusterIP`')]
}

function validateFamilies({ ipFamilies, ipFamilyPolicy }: ServiceSpec): FieldError[] {
  return [
    ...each(ipFamilies, 'spec.ipFamilies', (family, path, index) => [
      ...(family === 'IPv4' || family === 'IPv6' ? [] : [notSupported(path, family, ['IPv4', 'IPv6'])]),
      ...(isRepeated(ipFamilies!, family, index) ? [duplicate(path, family)] : []),
    ]),
    ...optionallyOneOf(ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'], 'spec.ipFamilyPolicy'),
  ]
}

const validateIPs = (ips: readonly string[]): FieldError[] => each(ips, field, (ip, path, index) => {
  if (index > 0 || ip !== 'None') return validIP(ip, path)
  return ips.length > 1 ? [invalid(field, ips, "'None' must be the first and only value")] : []
})

const validateFamilyOfEach = ({ ipFamilies = [] }: ServiceSpec, ips: readonly string[]): FieldError[] => each(ips, field, (ip, path, index) => {
  const family = ipFamilies[index]
  return family && family !== `IPv${ipFamily(ip)}` ? [invalid(path, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)] : []
})

/** A service keeps its first address and family; a second may come and, when asked for, go. */
export function validateClusterIPsChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  if (headless(spec) && headless(old)) return []
  const addresses = addressChange(spec, old)
  return headless(spec) || headless(old) ? addresses : [...addresses, ...familyChange(spec, old)]
}

const onceSet = 'may not change once set'

const releasedWithout = (what: string, { ipFamilyPolicy }: ServiceSpec): FieldError[] => (ipFamilyPolicy === 'SingleStack' ? []
  : [invalid('spec.ipFamilyPolicy', ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${what}`)])

function addressChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const now = spec.clusterIPs ?? [], before = old.clusterIPs ?? []
  if (now.length === before.length) return before.flatMap((ip, index) => (ip === now[index] ? [] : [invalid(`${field}[${index}]`, now, onceSet)]))
  if (!before.length) return []
  if (!now.length) return [invalid(`${field}[0]`, now, 'primary clusterIP can not be unset')]
  return [
    ...(now[0] === before[0] ? [] : [invalid(`${field}[0]`, now, onceSet)]),
    ...(now.length < before.length && now.length === 1 ? releasedWithout('clusterIP', spec) : []),
  ]
}

/** As in the original, what is shown of a wrong family are the addresses. */
function familyChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const at = 'spec.ipFamilies[0]', ips = spec.clusterIPs ?? []
  const now = spec.ipFamilies ?? [], before = old.ipFamilies ?? []
  if (now.length === before.length) return before.flatMap((family, index) => (family === now[index] ? [] : [invalid(at, now, onceSet)]))
  const moved = now.length && before.length && now[0] !== before[0] ? [invalid(at, ips, onceSet)] : []
  if (now.length > before.length) return moved
  return [...(ips.length ? [] : [invalid(at, now, 'primary ipFamily can not be unset')]), ...moved, ...(now.length === 1 ? releasedWithout('ipFamily', spec) : [])]
}
