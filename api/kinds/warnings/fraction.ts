import { quantityMilliValue } from '../../schema/quantity.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'

/** Parts of a byte. */
export function fractionWarnings(list: ResourceList, field: string): string[] {
  return (['memory', 'ephemeral-storage'] as const).flatMap((name) => {
    const quantity = list[name]
    return quantity !== undefined && quantityMilliValue(quantity) % 1000 !== 0 ? [`${field}[${name}]: fractional byte value ${JSON.stringify(quantity)} is invalid, must be an integer`] : []
  })
}
