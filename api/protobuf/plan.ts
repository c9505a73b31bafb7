import { resolve } from '../schema/schema.ts'
import type { Field, Schema, StructSchema } from '../schema/schema.ts'

/** A field as the wire numbers it. `embedded`: a message whose fields belong to the struct itself. */
export type WireField =
  | { readonly embedded: false; readonly name: string; readonly schema: ReturnType<typeof resolve>; readonly field: Field }
  | { readonly embedded: true; readonly schema: StructSchema }

const plans = new WeakMap<StructSchema, ReadonlyMap<number, WireField>>()

/** The fields of a struct by number, worked out once. */
export function wireFields(schema: StructSchema): ReadonlyMap<number, WireField> {
  const known = plans.get(schema)
  if (known) return known
  const made = plan(schema)
  plans.set(schema, made)
  return made
}

function plan(schema: StructSchema): Map<number, WireField> {
  const inner = schema.inline ?? []
  const fields = new Map<number, WireField>()
  for (const [name, field] of Object.entries(schema.fields) as [string, Field<Schema>][]) {
    // Fields of an embedded type are spread into the struct, so they are the very same values.
    if (field.number === 0 || inner.some((of) => of.fields[name] === field)) continue
    fields.set(field.number, { embedded: false, name, schema: resolve(field.schema), field })
  }
  // The embedded message has the number that the struct's own fields leave out.
  for (const of of inner) {
    let number = 1
    while (fields.has(number)) number++
    fields.set(number, { embedded: true, schema: of })
  }
  return fields
}
