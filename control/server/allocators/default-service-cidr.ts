import { isAlreadyExists } from '../../../api/errors.ts'
import { canonicalCIDR } from '../../../api/kinds/validation/ip.ts'
import { serviceCIDRs } from '../../../api/kinds/networking-v1/service-cidr.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { ServiceCIDR } from '../../../api/types/networking-v1/ip-address.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { Tools } from '../tools.ts'
import { createObject } from '../verbs/create-object.ts'
import { updateObject } from '../verbs/update-object.ts'

const name = 'kubernetes'

/** The `ServiceCIDR` named `kubernetes` says from which ranges cluster IPs are taken: it is made, and made again whenever it goes. */
export async function keepServiceCIDR(tools: Tools, cidrs: readonly string[]): Promise<void> {
  const ranges = cidrs.map(canonicalCIDR)
  await ensure(tools, ranges)
  tools.resources.cache(serviceCIDRs).observe((current, previous) => {
    if (current || previous?.object.metadata.name !== name || tools.ending.aborted) return
    ensure(tools, ranges).catch((error: unknown) => tools.log.error({ err: error }, 'Making the default ServiceCIDR anew failed'))
  })
}

/** One of the first family alone gets the second, too; one that says another range is left as it is, and told. */
async function ensure(tools: Tools, cidrs: readonly string[]): Promise<void> {
  const cache = tools.resources.cache(serviceCIDRs)
  const find = async (): Promise<ServiceCIDR | undefined> => (await cache.get(tools.resources.key(serviceCIDRs, '', name)))?.object as ServiceCIDR | undefined
  if (!await find()) {
    const object = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs: [...cidrs] } }
    await createObject(tools, { kind: serviceCIDRs, object, namespace: '', user: systemMaster, dryRun: false }).catch((error: unknown) => {
      // Another server of the same cluster was faster.
      if (!isAlreadyExists(error)) throw error
    })
  }
  let there = await find()
  if (!there || there.metadata.deletionTimestamp) return
  if (cidrs.length === 2 && there.spec.cidrs?.join() === cidrs[0]) {
    const make = (current: unknown) => ({ ...structuredClone(current) as ServiceCIDR, spec: { cidrs: [...cidrs] } })
    await updateObject(tools, { kind: serviceCIDRs, namespace: '', name, subresource: '', user: systemMaster, dryRun: false, make })
    there = (await find())!
  }
  if (there.spec.cidrs?.join() !== cidrs.join()) return tools.log.warn({ cidrs, found: there.spec.cidrs }, 'Found a default ServiceCIDR of another range')
  if (there.status?.conditions?.some(({ type }) => type === 'Ready')) return
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: rfc3339(tools.clock.now()) }
  await updateObject(tools, {
    kind: serviceCIDRs, namespace: '', name, subresource: 'status', user: systemMaster, dryRun: false,
    make: (current: unknown) => { const object = structuredClone(current) as ServiceCIDR; return { ...object, status: { conditions: [...(object.status?.conditions ?? []), ready] } } },
  })
}
