import { compareQuantities, parseQuantity, quantityValue, formatQuantity } from '../../api/schema/quantity.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { PersistentVolumeClaim } from '../../api/types/core-v1/persistent-volume.ts'
import { countName, selects } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'

const count = countName({ group: '', resource: 'persistentvolumeclaims' })
const plain = ['persistentvolumeclaims', 'requests.storage']
const byClass = '.storageclass.storage.k8s.io/'

/** Claims: how many, and how much storage, altogether and of each class. */
export const claimEvaluator: Evaluator = {
  counts: (name) => name === count || plain.includes(name) || plain.some((resource) => name.endsWith(byClass + resource)),
  usage(claim: PersistentVolumeClaim) {
    const used: ResourceList = { [count]: '1', persistentvolumeclaims: '1' }
    const storage = storageOf(claim)
    if (storage !== undefined) used['requests.storage'] = storage
    const name = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName
    if (name) {
      used[`${name}${byClass}persistentvolumeclaims`] = '1'
      if (storage !== undefined) used[`${name}${byClass}requests.storage`] = storage
    }
    return used
  },
  inScope: (selector, claim: PersistentVolumeClaim) => selector.scopeName === 'VolumeAttributesClass' && selects(selector, ...attributesClasses(claim)),
  grows: ({ operation, subresource, object, old }) => (subresource === ''
    ? operation === 'create' || operation === 'update'
    : subresource === 'status' && operation === 'update' && changesUse(object, old as PersistentVolumeClaim)),
}

/** What is asked for, or what is allocated where that is more (a claim that was made smaller again while it grew); in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec?.resources?.requests?.['storage'], allocated = status?.allocatedResources?.['storage']
  if (asked === undefined) return undefined
  const most = allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked
  const { nano, format } = parseQuantity(most)
  return nano % 1_000_000_000n === 0n ? most : formatQuantity({ nano: BigInt(quantityValue(most)) * 1_000_000_000n, format })
}

const attributesClasses = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [...new Set([spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName])].filter((name): name is string => Boolean(name))

const changesUse = (now: PersistentVolumeClaim, before: PersistentVolumeClaim): boolean =>
  now.status?.allocatedResources?.['storage'] !== before.status?.allocatedResources?.['storage'] || attributesClasses(now).join() !== attributesClasses(before).join()
