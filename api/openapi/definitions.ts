import type { Kind } from '../kinds/kind.ts'
import type { Field, Scalar, Schema, StructSchema } from '../schema/schema.ts'
import { resolve } from '../schema/schema.ts'
import { ListMeta, ObjectMeta } from '../types/meta-v1/meta.ts'
import { DeleteOptions } from '../types/meta-v1/options.ts'
import { Status } from '../types/meta-v1/status.ts'
import { definitionName, definitionOf, gvkOf, listDefinitionOf } from './names.ts'

export type Json = Record<string, unknown>

/** Where Swagger 2.0 and OpenAPI 3.0 write the same thing differently. */
export interface Dialect {
  readonly refPrefix: string
  /** References stand in `allOf`, since siblings of `$ref` do not count. */
  readonly allOf: boolean
  readonly defaults: boolean
  readonly quantity: Json
  readonly intOrString: Json
}

export const swagger2: Dialect = { refPrefix: '#/definitions/', allOf: false, defaults: false, quantity: { type: 'string' }, intOrString: { type: 'string', format: 'int-or-string' } }
export const openapi3: Dialect = {
  refPrefix: '#/components/schemas/', allOf: true, defaults: true,
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] }, intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const plain: Readonly<Partial<Record<Scalar['kind'], Json>>> = {
  string: { type: 'string' }, bool: { type: 'boolean' }, int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' }, bytes: { type: 'string', format: 'byte' },
}
/** Scalars that have a definition of their own, under the name of their Go type. */
const named: Readonly<Partial<Record<Scalar['kind'], string>>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity', intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString', time: `${meta}.Time`, microTime: `${meta}.MicroTime`,
  duration: `${meta}.Duration`, raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension', fields: `${meta}.FieldsV1`,
}
export const patchDefinition = `${meta}.Patch`
const watchEvent = `${meta}.WatchEvent`

/** All definitions that the kinds and `more` lead to, by name, in alphabetical order. */
export function definitionsFor(kinds: readonly Kind[], more: readonly StructSchema[], dialect: Dialect): Json {
  const collector = new Collector(dialect)
  for (const kind of kinds) collector.addKind(kind)
  for (const schema of [...more, DeleteOptions, Status]) collector.refer(schema)
  collector.addMachinery(kinds)
  return Object.fromEntries([...collector.found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

class Collector {
  readonly found = new Map<string, Json>()
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  addKind(kind: Kind): void {
    if (kind.openApi) this.#takeOver(kind, kind.openApi)
    else this.refer(kind.schema)
    const definition = this.found.get(definitionOf(kind))!
    if (kind.doc) definition.description = kind.doc
    addGvk(definition, kind)
    if (!kind.verbs.includes('list')) return
    const name = listDefinitionOf(kind)
    const list = this.found.get(name) ?? {
      description: `A list of ${kind.kind} objects.`, type: 'object', required: ['items'],
      properties: {
        apiVersion: plain.string, items: { type: 'array', items: this.#reference(definitionOf(kind)) }, kind: plain.string,
        metadata: this.#reference(this.refer(ListMeta)),
      },
    }
    addGvk(list, { ...kind, kind: kind.listKind ?? `${kind.kind}List` })
    this.found.set(name, list)
  }

  /** A kind that brings its own schema (a custom resource). */
  #takeOver(kind: Kind, { v2, v3 }: NonNullable<Kind['openApi']>): void {
    this.refer(ObjectMeta)
    this.found.set(definitionOf(kind), { ...(this.#dialect.allOf ? v3 : v2) })
  }

  /** What every server has beside its kinds. */
  addMachinery(kinds: readonly Kind[]): void {
    const options = this.found.get(definitionName(DeleteOptions.name))!
    const versions = new Map([['/v1', { group: '', version: 'v1', kind: 'DeleteOptions' }], ...kinds.map(({ group, version }) => [`${group}/${version}`, { group, version, kind: 'DeleteOptions' }] as const)])
    for (const gvk of versions.values()) addGvk(options, gvk)
    addGvk(this.found.get(definitionName(Status.name))!, { group: '', version: 'v1', kind: 'Status' })
    this.found.set(patchDefinition, { description: 'A patch, in the form its content type says.', type: 'object' })
    this.found.set(watchEvent, { description: 'One event of a watch.', type: 'object', required: ['type', 'object'], properties: { object: this.#scalar('raw'), type: plain.string } })
  }

  /** Makes sure of the definition of a struct and all it leads to; its name. */
  refer(schema: StructSchema): string {
    const name = definitionName(schema.name)
    if (this.found.has(name)) return name
    const definition: Json = { type: 'object' }
    this.found.set(name, definition)
    const names = Object.keys(schema.fields).sort()
    const required = names.filter((field) => schema.fields[field]!.presence === 'required')
    if (required.length > 0) definition.required = required
    const properties: Json = {}
    for (const field of names) properties[field] = this.#property(schema.fields[field]!)
    if (names.length > 0) definition.properties = properties
    if (schema.atomic) definition['x-kubernetes-map-type'] = 'atomic'
    return name
  }

  #property(field: Field): Json {
    const property: Json = { ...this.#of(field.schema) }
    if (field.doc) property.description = field.doc
    if (this.#dialect.defaults && field.default !== undefined) property.default = field.default
    if (field.listMapKeys) property['x-kubernetes-list-map-keys'] = field.listMapKeys
    if (field.listType) property['x-kubernetes-list-type'] = field.listType
    if (field.mapType) property['x-kubernetes-map-type'] = field.mapType
    if (field.patchMergeKey) property['x-kubernetes-patch-merge-key'] = field.patchMergeKey
    if (field.patchStrategy) property['x-kubernetes-patch-strategy'] = field.patchStrategy
    return property
  }

  #of(schema: Schema): Json {
    const resolved = resolve(schema)
    switch (resolved.kind) {
      case 'struct': return this.#reference(this.refer(resolved))
      case 'list': return { type: 'array', items: this.#of(resolved.items) }
      case 'map': return { type: 'object', additionalProperties: this.#of(resolved.values) }
      default: return resolved.name ? this.#anything(resolved.name) : this.#scalar(resolved.kind)
    }
  }

  /** A value of whatever type. */
  #anything(goName: string): Json {
    const name = definitionName(goName)
    if (!this.found.has(name)) this.found.set(name, { description: 'Any JSON value.' })
    return this.#reference(name)
  }

  #scalar(kind: Scalar['kind']): Json {
    const simple = plain[kind]
    if (simple) return simple
    const name = named[kind]!
    if (!this.found.has(name)) this.found.set(name, this.#namedScalar(kind))
    return this.#reference(name)
  }

  #namedScalar(kind: Scalar['kind']): Json {
    switch (kind) {
      case 'quantity': return { description: 'A number with a decimal or binary suffix, such as 100m or 1Gi.', ...this.#dialect.quantity }
      case 'intOrString': return { description: 'A whole number or a string.', ...this.#dialect.intOrString }
      case 'time': case 'microTime': return { description: 'A point in time, as in RFC 3339.', type: 'string', format: 'date-time' }
      case 'duration': return { description: 'A length of time, such as 1m30s.', type: 'string' }
      default: return { type: 'object' }
    }
  }

  #reference(name: string): Json {
    const reference = { $ref: this.#dialect.refPrefix + name }
    return this.#dialect.allOf ? { allOf: [reference] } : reference
  }
}

const gvkExtension = 'x-kubernetes-group-version-kind'

function addGvk(definition: Json, gvk: { group: string; version: string; kind: string }): void {
  const known = (definition[gvkExtension] ??= []) as { group: string; version: string; kind: string }[]
  if (!known.some(({ group, version, kind }) => group === gvk.group && version === gvk.version && kind === gvk.kind)) known.push(gvkOf(gvk))
}
