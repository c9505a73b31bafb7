import { compareNumbers, entryKey, equal, extent, isNumber } from '../equality.ts'
import { scan } from '../functions.ts'
import type { Library, Overload } from '../functions.ts'
import { CelDuration, CelTimestamp } from '../time.ts'
import { CelMap, KeyedList, NativeMap, Uint, failure, noOverload } from '../values.ts'
import type { Value } from '../values.ts'

const minInt = -9223372036854775808n
const maxInt = 9223372036854775807n
const maxUint = 18446744073709551615n

/** Throws when a result is no 64-bit integer. */
export function checkedInt(value: bigint): bigint {
  if (value < minInt || value > maxInt) throw failure('integer overflow')
  return value
}

export function checkedUint(value: bigint): Uint {
  if (value < 0n || value > maxUint) throw failure('unsigned integer overflow')
  return new Uint(value)
}

function divisor(value: bigint, what: string): bigint {
  if (value === 0n) throw failure(what)
  return value
}

const both = (run: (a: any, b: any) => Value): Overload['run'] => ([a, b]) => run(a, b)
const ints = (run: (a: bigint, b: bigint) => bigint): Overload['run'] => ([a, b]) => checkedInt(run(a, b))
const uints = (run: (a: bigint, b: bigint) => bigint): Overload['run'] => ([a, b]) => checkedUint(run(a.value, b.value))
const nanos = (Made: typeof CelTimestamp | typeof CelDuration, run: (a: bigint, b: bigint) => bigint): Overload['run'] => ([a, b]) => new Made(run(a.nanos, b.nanos))
const joined = (run: Overload['run']) => ({ run, cost: ([a, b]: readonly any[]) => scan(a.length + b.length) })

/** `==` and `!=`: what is compared costs as much as the smaller of the two. */
export const equalityCost = ([a, b]: readonly Value[]): number => scan(Math.min(extent(a), extent(b)))

function order(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof CelTimestamp && b instanceof CelTimestamp || a instanceof CelDuration && b instanceof CelDuration) return compareNumbers(a.nanos, b.nanos)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  throw noOverload()
}

/** Text is ordered by its bytes in UTF-8, which is the order of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  // Only surrogates are ordered differently by their code units.
  return /[\ud800-\udfff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1
}

/** -1, 0, 1 between two values that `<` compares. */
export const compareValues = order

const comparable = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration']
const crossed = [['int', 'uint'], ['int', 'double'], ['uint', 'int'], ['uint', 'double'], ['double', 'int'], ['double', 'uint']]

function comparison(name: string, holds: (order: number) => boolean): Library {
  const run = { run: both((a, b) => holds(order(a, b))), cost: equalityCost }
  return Object.fromEntries([...comparable.map((type) => [type, type]), ...crossed].map(([a, b]) => [`${name}(${a}, ${b}): bool`, run]))
}

/** Lists whose order means nothing merge: of two that have the same key (or are equal) the second stands. */
function concatenated(a: Value[], b: Value[]): Value[] {
  if (!(a instanceof KeyedList)) return a.concat(b)
  const made = new KeyedList()
  made.keyedBy = a.keyedBy
  const merged = new Map<unknown, Value>()
  for (const item of [...a, ...b]) merged.set(entryKey(item, a.keyedBy) ?? item, item)
  for (const item of merged.values()) made.push(item)
  return made
}

export function index(target: Value, key: Value): Value {
  if (target instanceof CelMap) {
    const found = target.get(key)
    if (found === undefined) throw failure(`no such key: ${typeof key === 'string' ? key : key instanceof Uint ? key.value : String(key)}`)
    return found
  }
  if (!Array.isArray(target)) throw noOverload()
  const at = key instanceof Uint ? Number(key.value) : typeof key === 'bigint' ? Number(key) : typeof key === 'number' && Number.isInteger(key) ? key : undefined
  if (at === undefined) throw failure(`unsupported index type '${typeof key === 'string' ? 'string' : 'double'}' in list`)
  if (at < 0 || at >= target.length) throw failure(`index out of bounds: ${at}`)
  return target[at]
}

export const operators: Library = {
  '_+_(int, int): int': ints((a, b) => a + b),
  '_+_(uint, uint): uint': uints((a, b) => a + b),
  '_+_(double, double): double': both((a, b) => a + b),
  '_+_(string, string): string': joined(both((a, b) => a + b)),
  '_+_(bytes, bytes): bytes': joined(both((a, b) => new Uint8Array([...a, ...b]))),
  '_+_(list<A>, list<A>): list<A>': joined(both(concatenated)),
  '_+_(timestamp, duration): timestamp': nanos(CelTimestamp, (a, b) => a + b),
  '_+_(duration, timestamp): timestamp': nanos(CelTimestamp, (a, b) => a + b),
  '_+_(duration, duration): duration': nanos(CelDuration, (a, b) => a + b),
  '_-_(int, int): int': ints((a, b) => a - b),
  '_-_(uint, uint): uint': uints((a, b) => a - b),
  '_-_(double, double): double': both((a, b) => a - b),
  '_-_(timestamp, timestamp): duration': nanos(CelDuration, (a, b) => a - b),
  '_-_(timestamp, duration): timestamp': nanos(CelTimestamp, (a, b) => a - b),
  '_-_(duration, duration): duration': nanos(CelDuration, (a, b) => a - b),
  '_*_(int, int): int': ints((a, b) => a * b),
  '_*_(uint, uint): uint': uints((a, b) => a * b),
  '_*_(double, double): double': both((a, b) => a * b),
  '_/_(int, int): int': ints((a, b) => a / divisor(b, 'division by zero')),
  '_/_(uint, uint): uint': uints((a, b) => a / divisor(b, 'division by zero')),
  '_/_(double, double): double': both((a, b) => a / b),
  '_%_(int, int): int': ints((a, b) => a % divisor(b, 'modulus by zero')),
  '_%_(uint, uint): uint': uints((a, b) => a % divisor(b, 'modulus by zero')),
  '-_(int): int': ([a]: readonly any[]) => checkedInt(-(a as bigint)),
  '-_(double): double': ([a]) => -a,
  '!_(bool): bool': ([a]) => !a,
  '_==_(A, A): bool': { run: both(equal), cost: equalityCost },
  '_!=_(A, A): bool': { run: both((a, b) => !equal(a, b)), cost: equalityCost },
  ...comparison('_<_', (order) => order < 0),
  ...comparison('_<=_', (order) => order <= 0),
  ...comparison('_>_', (order) => order > 0),
  ...comparison('_>=_', (order) => order >= 0),
  '@in(A, list<A>): bool': { run: both((item, list: Value[]) => list.some((other) => equal(item, other))), cost: ([, list]) => list.length },
  '@in(A, map<A, B>): bool': both((key, map: CelMap) => map.has(key)),
}

/** A map made of pairs; throws on keys that cannot be keys or stand twice. */
export function mapOf(pairs: Iterable<readonly [Value, Value]>): NativeMap {
  const entries = new Map<unknown, Value>()
  for (const [key, value] of pairs) {
    const normal = key instanceof Uint ? key.value : key
    if (typeof normal !== 'string' && typeof normal !== 'bigint' && typeof normal !== 'boolean') throw failure('unsupported key type')
    if (entries.has(normal)) throw failure(`Failed with repeated key: ${String(normal)}`)
    entries.set(normal, value)
  }
  return new NativeMap(entries)
}
