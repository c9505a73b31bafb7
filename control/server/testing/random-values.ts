import { resolve } from '../../../api/schema/schema.ts'
import type { Field, Schema, StructSchema } from '../../../api/schema/schema.ts'

/** Numbers of chance that come again with the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * below)
  }
}

const texts = ['', 'a', 'web-0', 'UPPER', 'with space', '-', 'a'.repeat(300), '__proto__', 'constructor', '../../x', '..%2f', '\u0000', '\ud800', '😀', '1', '100m', '1Gi', '-5', '10.0.0.1', '::1', '10.0.0.0/8', 'true', 'null', 'example.com/x', 'a/b/c', '*', '$(X)', '{.a[?(@.b)]}', '%s%n', '1e999', '2024-01-01T00:00:00Z', '1h', '(a+)+$', 'self.x == 1', "' or 1"]
const numbers = [0, 1, -1, 80, 65536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, 1e21, 1e308, 0.5, -0.1]
const misfits: readonly unknown[] = [null, true, 'text', 7, [], {}, [[]], [null], { __proto__: null, a: null }, { '': '' }, [[[[[{}]]]]], 1e400]

/** Values of a declared type, mostly of its shape, now and then of another. */
export function valueOf(schema: Schema, random: (below: number) => number, depth = 0): unknown {
  if (random(40) === 0) return misfits[random(misfits.length)]
  const of = resolve(schema)
  switch (of.kind) {
    case 'struct': return structOf(of, random, depth)
    case 'list': return depth > 8 ? [] : Array.from({ length: random(3) }, () => valueOf(of.items, random, depth + 1))
    case 'map': return Object.fromEntries(depth > 8 ? [] : Array.from({ length: random(3) }, () => [texts[random(texts.length)]!, valueOf(of.values, random, depth + 1)]))
    case 'bool': return random(2) === 0
    case 'int32': case 'int64': case 'float64': return numbers[random(numbers.length)]
    case 'intOrString': return random(2) === 0 ? numbers[random(numbers.length)] : texts[random(texts.length)]
    case 'bytes': return random(3) === 0 ? texts[random(texts.length)] : Buffer.from(texts[random(texts.length)]!).toString('base64')
    case 'raw': case 'fields': return misfits[random(misfits.length)]
    default: return of.values && random(3) > 0 ? of.values[random(of.values.length)] : texts[random(texts.length)]
  }
}

function structOf(schema: StructSchema, random: (below: number) => number, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.fields) as [string, Field<Schema>][]) {
    const wanted = field.presence === 'optional' ? random(depth < 3 ? 3 : 6) === 0 : random(12) > 0
    if (wanted && depth < 14) object[name] = valueOf(field.schema, random, depth + 1)
  }
  if (random(30) === 0) object[texts[random(texts.length)]!] = misfits[random(misfits.length)]
  return object
}
