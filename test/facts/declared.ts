import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { resolve } from '../../api/schema/schema.ts'
import type { Field, Schema, StructSchema } from '../../api/schema/schema.ts'

const types = join(import.meta.dirname, '../../api/types')

/** Every struct declared under `api/types`, by name. */
export async function declaredTypes(): Promise<ReadonlyMap<string, StructSchema>> {
  const files = readdirSync(types, { recursive: true }).map(String).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const modules = await Promise.all(files.map((file) => import(join(types, file)) as Promise<Record<string, unknown>>))
  const structs = modules.flatMap((module) => Object.values(module)).filter(isStruct)
  return new Map(structs.map((struct) => [struct.name, struct]))
}

const isStruct = (value: unknown): value is StructSchema => typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'struct'

const scalars: Readonly<Record<string, string>> = {
  quantity: 'Quantity', intOrString: 'IntOrString', time: 'Time', microTime: 'MicroTime', duration: 'Duration', raw: 'raw', fields: 'FieldsV1',
}

/** A field as the list of facts writes it: `name=number:type`, `?` where it is optional, then how lists and maps are merged. */
export function fieldText(name: string, field: Field): string {
  const { number, presence, listType, listMapKeys, mapType, patchStrategy, patchMergeKey } = field
  return [
    `${name}=${number}:${typeText(field.schema)}`, presence === 'optional' || presence === 'always' ? '?' : '',
    listType ? `@${listType}${listMapKeys ? `(${listMapKeys.join(',')})` : ''}` : '', mapType ? `@${mapType}` : '',
    patchStrategy ? `%${patchStrategy.replaceAll(',', '+')}${patchMergeKey ? `(${patchMergeKey})` : ''}` : '',
  ].join('')
}

/** Types are called by their bare name: the same fields are often declared once for several versions. */
function typeText(schema: Schema): string {
  const of = resolve(schema)
  if (of.kind === 'list') return `[]${typeText(of.items)}`
  if (of.kind === 'map') return `{}${typeText(of.values)}`
  if (of.kind === 'struct') return of.name.slice(of.name.indexOf('.') + 1)
  return scalars[of.kind] ?? of.kind
}
