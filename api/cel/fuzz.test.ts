import { expect, test } from 'vitest'
import { CelError } from './cel.ts'
import { compileCel } from './compile.ts'

/** A small random generator of its own, so that a failure can be repeated. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

const words = ['1', '2u', '1.5', '-', '"a"', "b'x'", 'true', 'null', 'x', 'self', 'l', '.', '.?', '[', '[?', ']', '(', ')', '{', '}', ',', ':', '?', '+', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', '!', ' in ', 'has', 'all', 'map', 'exists', 'filter', 'size', 'orValue', 'optMap',
  'matches', 'split', 'substring', 'format', 'string', 'int', 'timestamp', 'duration', 'quantity', 'ip', 'type', 'dyn', 'name', 'items', '__proto__', 'constructor', '"[a"', '"%s%d"', '9223372036854775807', '// c\n', '\\', '`a-b`', 'sum', 'sort', 'x.all(v, ', 'self.items.map(i, ', 'optional.of(']
const environment = { variables: { x: { kind: 'dyn' }, self: { kind: 'object', name: 'S', fields: { name: { kind: 'string' }, items: { kind: 'list', items: { kind: 'int' } } } }, l: { kind: 'list', items: { kind: 'dyn' } } } } as const
const values = { x: { a: [1, 'b', null], 'a-b': { c: 2 } }, self: { name: 'n', items: [1, 2, 3] }, l: [1, 'a', null, { k: [] }] }

function outcome(source: string): 'value' | 'error' {
  try {
    compileCel(source, environment).evaluate(values, { left: 100_000 })
    return 'value'
  } catch (error) {
    if (!(error instanceof CelError)) throw new Error(`${JSON.stringify(source)}: ${String(error)}`, { cause: error })
    return 'error'
  }
}

test('random words give a value or a CelError, never anything else', () => {
  const roll = dice(7)
  const counts = { value: 0, error: 0 }
  for (let i = 0; i < 20_000; i++) counts[outcome(Array.from({ length: 1 + roll(12) }, () => words[roll(words.length)]).join(''))]++
  expect(counts.value).toBeGreaterThan(100)
  expect(counts.error).toBeGreaterThan(100)
})

test('good expressions with a random wound', () => {
  const roll = dice(11)
  const good = ['self.items.all(i, i > 0 && self.name.startsWith("n"))', 'x.?a[?0].orValue(dyn(5)) == 1 ? [1, 2].map(v, v * 2) : [3]', '{"a": 1, "b": l.size()}.transformMap(k, v, v > 0, string(v) + k)', 'timestamp("2020-01-01T00:00:00Z") + duration("1h") > timestamp("2019-01-01T00:00:00Z")', '"%s: %d".format([self.name, self.items.sum()])']
  for (let i = 0; i < 10_000; i++) {
    const source = good[roll(good.length)]!
    const at = roll(source.length)
    outcome(source.slice(0, at) + (roll(2) ? words[roll(words.length)] : '') + source.slice(at + roll(3)))
  }
})
