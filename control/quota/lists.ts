import { addQuantities, compareQuantities, subQuantities } from '../../api/schema/quantity.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'

/* Arithmetic on lists of quantities; a name that one side lacks is as good as absent there, never an error. */

export function add(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a }
  for (const [name, quantity] of Object.entries(b)) sum[name] = sum[name] === undefined ? quantity : addQuantities(sum[name], quantity)
  return sum
}

/** `a - b`, nowhere less than nothing. */
export function growth(a: ResourceList, b: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(a).map(([name, quantity]) => {
    const more = b[name] === undefined ? quantity : subQuantities(quantity, b[name])
    return [name, compareQuantities(more, '0') > 0 ? more : '0']
  }))
}

export const pick = (list: ResourceList, wanted: (name: string) => boolean): ResourceList => Object.fromEntries(Object.entries(list).filter(([name]) => wanted(name)))
export const withoutZeros = (list: ResourceList): ResourceList => Object.fromEntries(Object.entries(list).filter(([, quantity]) => compareQuantities(quantity, '0') !== 0))

/** Equal in value, however it is written. */
export function sameQuantities(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
}

/** `cpu=1,pods=2`, in the order of names. */
export const printed = (list: ResourceList): string => Object.keys(list).sort().map((name) => `${name}=${list[name]}`).join(',')
