import { quantityMilliValue, quantityValue } from '../../api/schema/quantity.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'

/** Amounts by resource name: thousandths of a core for `cpu`, whole units (bytes, devices, pods) for everything else. */
export type Amounts = ReadonlyMap<string, number>

export function amountsOf(list: ResourceList | undefined): Map<string, number> {
  const amounts = new Map<string, number>()
  for (const [name, quantity] of Object.entries(list ?? {})) amounts.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity))
  return amounts
}

/** Adds `sign` times `amounts` to `sum`, in place. */
export function addAmounts(sum: Map<string, number>, amounts: Amounts, sign: 1 | -1): void {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + sign * amount)
}
