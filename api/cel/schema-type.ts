import type { Schema } from '../schema/schema.ts'
import { resolve } from '../schema/schema.ts'
import type { CelType } from './cel.ts'

const known = new WeakMap<object, CelType>()

/** The type an expression sees behind a declared schema, for checking it before there are objects. */
export function celTypeOf(given: Schema): CelType {
  const schema = resolve(given)
  let type = known.get(schema)
  if (!type) known.set(schema, type = make(schema))
  return type
}

function make(schema: Exclude<Schema, { kind: 'lazy' }>): CelType {
  switch (schema.kind) {
    case 'struct': return { kind: 'object', name: schema.name, fields: () => Object.fromEntries(Object.entries(schema.fields).map(([name, field]) => [name, celTypeOf((field as { schema: Schema }).schema)])) }
    case 'list': return { kind: 'list', items: celTypeOf(schema.items as Schema) }
    case 'map': return { kind: 'map', items: celTypeOf(schema.values as Schema) }
    case 'string': return { kind: 'string' }
    case 'bool': return { kind: 'bool' }
    case 'int32': case 'int64': return { kind: 'int' }
    case 'float64': return { kind: 'double' }
    case 'bytes': return { kind: 'bytes' }
    case 'time': case 'microTime': return { kind: 'timestamp' }
    case 'duration': return { kind: 'duration' }
    // Numbers or text, or anything at all.
    default: return { kind: 'dyn' }
  }
}
