import { equal } from '../equality.ts'
import { visiting } from '../functions.ts'
import type { Library } from '../functions.ts'
import { CelDuration } from '../time.ts'
import { Uint, failure } from '../values.ts'
import type { Value } from '../values.ts'
import { checkedInt, checkedUint, compareValues } from './operators.ts'

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const summable: Readonly<Record<string, (items: readonly any[]) => Value>> = {
  int: (items: readonly bigint[]) => items.reduce((sum, item) => checkedInt(sum + item), 0n),
  uint: (items: readonly Uint[]) => items.reduce((sum, item) => checkedUint(sum.value + item.value), new Uint(0n)),
  double: (items: readonly number[]) => items.reduce((sum, item) => sum + item, 0),
  duration: (items: readonly CelDuration[]) => items.reduce((sum, item) => new CelDuration(sum.nanos + item.nanos), new CelDuration(0n)),
}

function extreme(items: readonly Value[], name: string, better: (order: number) => boolean): Value {
  if (items.length === 0) throw failure(`${name} called on empty list`)
  return items.reduce((best, item) => (better(compareValues(item, best)) ? item : best))
}

const isSorted = (items: readonly Value[]): boolean => items.every((item, i) => i === 0 || compareValues(items[i - 1], item) <= 0)

function sorted(items: readonly Value[], by: readonly Value[] = items): Value[] {
  return items.map((item, i) => ({ item, key: by[i] })).sort((a, b) => compareValues(a.key, b.key)).map(({ item }) => item)
}

function slice(items: readonly Value[], from: bigint, to: bigint): Value[] {
  if (from < 0n || to < 0n) throw failure(`cannot slice(${from}, ${to}), negative indexes not supported`)
  if (from > to) throw failure(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`)
  if (to > BigInt(items.length)) throw failure(`cannot slice(${from}, ${to}), list is length ${items.length}`)
  return items.slice(Number(from), Number(to))
}

function flatten(items: readonly Value[], depth: bigint): Value[] {
  if (depth < 0n) throw failure('level must be non-negative')
  return items.flat(Number(depth > 100n ? 100n : depth))
}

function range(count: bigint): Value[] {
  if (count < 0n || count > 1_000_000n) throw failure(`lists.range(${count}) is out of range`)
  return Array.from({ length: Number(count) }, (_, i) => BigInt(i))
}

const distinct = (items: readonly Value[]): Value[] => items.filter((item, i) => items.findIndex((other) => equal(item, other)) === i)

/** Kubernetes' list library, and the lists extension of cel-go. */
export const lists: Library = {
  ...Object.fromEntries(comparable.flatMap((type): [string, Library[string]][] => [
    [`list<${type}>::isSorted(): bool`, visiting(([items]) => isSorted(items))],
    [`list<${type}>::max(): ${type}`, visiting(([items]) => extreme(items, 'max', (order) => order > 0))],
    [`list<${type}>::min(): ${type}`, visiting(([items]) => extreme(items, 'min', (order) => order < 0))],
    [`list<${type}>::sort(): list<${type}>`, visiting(([items]) => sorted(items))],
  ])),
  ...Object.fromEntries(Object.entries(summable).map(([type, run]): [string, Library[string]] => [`list<${type}>::sum(): ${type}`, visiting(([items]) => run(items))])),
  'list<A>::indexOf(A): int': visiting(([items, wanted]) => BigInt(items.findIndex((item: Value) => equal(item, wanted)))),
  'list<A>::lastIndexOf(A): int': visiting(([items, wanted]) => BigInt(items.findLastIndex((item: Value) => equal(item, wanted)))),
  'list<A>::slice(int, int): list<A>': visiting(([items, from, to]) => slice(items, from, to)),
  'list<A>::distinct(): list<A>': { run: ([items]) => distinct(items), cost: ([items]) => items.length * items.length },
  'list<A>::reverse(): list<A>': visiting(([items]) => items.toReversed()),
  'list<dyn>::flatten(): list<dyn>': visiting(([items]) => flatten(items, 1n)),
  'list<dyn>::flatten(int): list<dyn>': visiting(([items, depth]) => flatten(items, depth)),
  'lists.range(int): list<int>': { run: ([count]) => range(count), cost: ([count]) => Number(count) },
}

const contains = (a: readonly Value[], b: readonly Value[]): boolean => b.every((item) => a.some((other) => equal(item, other)))
const product = ([a, b]: readonly any[]): number => a.length * b.length

/** The sets extension of cel-go. */
export const sets: Library = {
  'sets.contains(list<A>, list<A>): bool': { run: ([a, b]) => contains(a, b), cost: product },
  'sets.intersects(list<A>, list<A>): bool': { run: ([a, b]) => a.some((item: Value) => b.some((other: Value) => equal(item, other))), cost: product },
  'sets.equivalent(list<A>, list<A>): bool': { run: ([a, b]) => contains(a, b) && contains(b, a), cost: product },
}
