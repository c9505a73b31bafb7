import { addQuantities } from '../../api/schema/quantity.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { ResourceClaim } from '../../api/types/resource-v1/resource-claim.ts'
import { countName } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'

const count = countName({ group: 'resource.k8s.io', resource: 'resourceclaims' })
const byClass = '.deviceclass.resource.k8s.io/devices'
/** `All` may mean as many as a claim can hold. */
const most = 32

interface Wish { readonly deviceClassName: string; readonly allocationMode?: string | undefined; readonly count?: number | undefined }

/** Claims of devices: how many, and how many devices of each class they may get at worst. */
export const resourceClaimEvaluator: Evaluator = {
  counts: (name) => name === count || name.endsWith(byClass),
  usage({ spec }: ResourceClaim) {
    const used: ResourceList = { [count]: '1' }
    for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
      // Of alternatives the dearest counts, for each class apart.
      const wanted = new Map<string, number>()
      for (const wish of firstAvailable.length > 0 ? firstAvailable : exactly ? [exactly] : []) wanted.set(wish.deviceClassName, Math.max(wanted.get(wish.deviceClassName) ?? 0, devices(wish)))
      for (const [name, number] of wanted) used[name + byClass] = addQuantities(used[name + byClass] ?? '0', String(number))
    }
    return used
  },
  grows: ({ operation, subresource }) => subresource === '' && (operation === 'create' || operation === 'update'),
}

const devices = ({ allocationMode = 'ExactCount', count: asked = 1 }: Wish): number => (allocationMode === 'All' ? most : asked)
