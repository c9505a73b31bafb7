import { serviceCIDRs } from '../../../api/kinds/networking-v1/service-cidr.ts'
import { canonicalCIDR } from '../../../api/kinds/validation/ip.ts'
import type { ServiceCIDR } from '../../../api/types/networking-v1/ip-address.ts'
import type { Tools } from '../tools.ts'
import type { AddressSpace } from './address-space.ts'

/** Gives out cluster IPs of the ranges that ServiceCIDR objects name, beside those this server was started with, which stay. */
export async function followRanges(tools: Tools, space: AddressSpace, own: readonly string[]): Promise<void> {
  const cache = tools.resources.cache(serviceCIDRs)
  await cache.ready()
  const fixed = own.map(canonicalCIDR)
  let added: string[] = []
  const sync = (): void => {
    const wanted = [...new Set(cache.peekAll().map(({ object }) => object as ServiceCIDR).filter(isReady).flatMap(({ spec }) => spec.cidrs ?? []))].filter((cidr) => !fixed.includes(cidr))
    for (const cidr of added) if (!wanted.includes(cidr)) space.remove(cidr)
    added = wanted.filter((cidr) => add(tools, space, cidr))
  }
  cache.observe(sync)
  sync()
}

/** One that nobody has judged yet counts as ready: there may be nobody who does. */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  return metadata.deletionTimestamp === undefined && status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False'
}

function add({ log }: Tools, space: AddressSpace, cidr: string): boolean {
  try {
    space.add(cidr)
    return true
  } catch (error) {
    log.warn({ err: error, cidr }, 'Cannot give out cluster IPs of a ServiceCIDR')
    return false
  }
}
