import type { FieldError } from '../../errors.ts'
import { ServiceCIDR } from '../../types/networking-v1/ip-address.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus, startWith } from '../strategy.ts'
import { each, immutableMessage, invalid, required } from '../validation/field.ts'
import { canonicalCIDR, canonicalIP, cidrFamily, isDualStack } from '../validation/ip.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const serviceCIDRs: Kind<ServiceCIDR> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', resource: 'servicecidrs', singular: 'servicecidr',
  namespaced: false, verbs: allVerbs, schema: ServiceCIDR, storage: 'servicecidrs',
  doc: 'A range from which cluster IPs are taken.',
  subresources: {
    // The original's controllers write conditions without a reason.
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForCreate: startWith<ServiceCIDR>(() => ({}), false),
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate,
  columns: [text('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(','), 'The ranges.'), age],
}

function validate({ spec }: ServiceCIDR): FieldError[] {
  const { cidrs = [] } = spec
  if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid('spec.cidrs', spec, 'may only hold up to 2 values')]
  if (cidrs.length === 2 && !isDualStack(cidrs, cidrFamily)) return [invalid('spec.cidrs', spec, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')]
  return each(cidrs, 'spec.cidrs', validateRange)
}

/** A range of the other family may be added, to make the cluster dual-stack. */
function validateUpdate({ spec }: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const now = spec.cidrs ?? [], before = old.spec.cidrs ?? []
  const changed = before.flatMap((cidr, i) => (cidr === now[i] ? [] : [invalid(`spec.cidrs[${i}]`, now[i] ?? '', immutableMessage)]))
  if (now.length === before.length) return changed
  return before.length === 1 && now.length === 2 ? [...changed, ...validate({ spec } as ServiceCIDR)] : [invalid('spec.cidrs', now, immutableMessage)]
}

function validateRange(cidr: string, field: string): FieldError[] {
  if (!cidrFamily(cidr)) return [invalid(field, cidr, `netip.ParsePrefix(${JSON.stringify(cidr)}): no '/'`)]
  const [address = '', bits] = cidr.split('/')
  const network = canonicalCIDR(cidr)
  return [
    ...(network.split('/')[0] === canonicalIP(address) ? [] : [invalid(field, cidr, "wrong CIDR format, IP doesn't match network IP address")]),
    ...(`${canonicalIP(address)}/${bits}` === cidr ? [] : [invalid(field, cidr, 'CIDR not in RFC 5952 canonical format')]),
  ]
}
