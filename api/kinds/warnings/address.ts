import { canonicalCIDR, canonicalIP, cidrFamily, ipFamily } from '../validation/ip.ts'

/** Of a good address that others may write otherwise. */
export function ipWarnings(value: string, field: string): string[] {
  if (ipFamily(value) !== 6 || canonicalIP(value) === value) return []
  return [`${field}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonicalIP(value))})`]
}

/** The same of a range. */
export function cidrWarnings(value: string, field: string): string[] {
  if (cidrFamily(value) !== 6 || canonicalCIDR(value) === value) return []
  return [`${field}: IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonicalCIDR(value))})`]
}
