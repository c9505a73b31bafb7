import type { Cidr } from '../../../api/cidr.ts'
import { contains, holds, parseCidr, parseIP } from '../../../api/cidr.ts'
import { ipAllocator, managedByLabel } from '../../../api/kinds/networking-v1/ip-address.ts'
import type { IPAddress, ServiceCIDR } from '../../../api/types/networking-v1/ip-address.ts'

/** Whether every address in use would still lie in a range of the cluster without this one. */
export function mayGo(going: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== going.metadata.name).flatMap(rangesOf)
  const own = rangesOf(going)
  if (own.every((range) => others.some((other) => contains(other, range)))) return true
  return addresses.every(({ metadata: { name = '', labels } }) => {
    const address = parseIP(name)
    if (address === undefined || labels?.[managedByLabel] !== ipAllocator) return true
    const bits = name.includes(':') ? 128 : 32
    const within = (range: Cidr): boolean => range.bits === bits && holds(range, address)
    return !own.some(within) || others.some(within)
  })
}

const rangesOf = ({ spec }: ServiceCIDR): Cidr[] => (spec.cidrs ?? []).map(parseCidr)
