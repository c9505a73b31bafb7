/**
 * The vocabulary in which every API type is declared, once, as a value.
 *
 * From one declaration follow the TypeScript type (`Infer`), strict decoding, OpenAPI, `kubectl explain`, the merge
 * keys of strategic merge patch, the list keys of server-side apply and the field numbers of the protobuf codec.
 *
 *     export const ServicePort = struct('core/v1.ServicePort', {
 *       name: opt(1, text),
 *       protocol: opt(2, Protocol, { default: 'TCP' }),
 *       port: req(3, int32),
 *     })
 *     export interface ServicePort extends Infer<typeof ServicePort> {}
 */

/** A leaf of the JSON tree. `kind` names the Go type of the original, which fixes its JSON form and its limits. */
export interface Scalar<T = unknown> {
  readonly kind: 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes' | 'quantity' | 'intOrString' | 'time' | 'microTime' | 'duration' | 'raw' | 'fields'
  /** Well-known values of a string; not exhaustive unless the kind's validation says so. */
  readonly values?: readonly string[]
  /** Of a raw value: the name of its Go type, where that is not `RawExtension`. OpenAPI says nothing of what is inside. */
  readonly name?: string
  /** Of a raw value that is one of several things: the message in which protobuf tells them apart. Absent: JSON text. */
  readonly union?: Union
  readonly __type?: T
}

/** A value that may have several forms, as a message with one field for each. */
export interface Union {
  readonly message: () => StructSchema
  toMessage(value: any): object
  fromMessage(message: any): unknown
}

export interface ListSchema<S extends Schema = Schema> {
  readonly kind: 'list'
  readonly items: S
}

/** A JSON object with string keys of the user's choosing. */
export interface MapSchema<S extends Schema = Schema> {
  readonly kind: 'map'
  readonly values: S
}

export interface StructSchema<F extends Fields = Fields> {
  readonly kind: 'struct'
  /** `group/version.Name` with the short group name of the Go source, e.g. `core/v1.Pod`. */
  readonly name: string
  readonly fields: F
  /** The types whose fields the original embeds here (they are spread into `fields`); the protobuf form nests them as messages. */
  readonly inline?: readonly StructSchema[]
  /** The whole struct has one owner in server-side apply. */
  readonly atomic?: boolean
}

/** A reference that is resolved at use: for types that contain themselves. */
export interface LazySchema<S extends Schema = Schema> {
  readonly kind: 'lazy'
  readonly get: () => S
}

export type Schema = Scalar<any> | ListSchema<any> | MapSchema<any> | StructSchema<any> | LazySchema<any>

export interface Facets {
  readonly default?: string | number | boolean
  /** Server-side apply: how a list is merged. */
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  /** Server-side apply: `granular` (the default of a map) or `atomic`. */
  readonly mapType?: 'atomic' | 'granular'
  /** Strategic merge patch. */
  readonly patchMergeKey?: string
  readonly patchStrategy?: string
  readonly deprecated?: boolean
  /** An optional scalar that the original holds by pointer: its zero value was said, not left out. Protobuf writes both alike otherwise. */
  readonly pointer?: boolean
  /** A required struct that stays absent when the client leaves it out (a pointer in the original), so that validation can say so. */
  readonly nullable?: boolean
  /** An optional field that is written also when it is zero: the original holds it by value and does not leave it out. */
  readonly written?: boolean
  /** In protobuf the list is a message of its own (`Verbs`). */
  readonly wrapped?: boolean
  /** One sentence of our own for `kubectl explain`. */
  readonly doc?: string
}

export interface Field<S extends Schema = Schema, P extends Presence = Presence> extends Facets {
  readonly schema: S
  /** The protobuf field number. */
  readonly number: number
  readonly presence: P
}

/** `required`: the client must give it. `always`: the client may leave it out and the server fills it. */
export type Presence = 'required' | 'always' | 'optional'
export type Fields = Readonly<Record<string, Field<any, any>>>

const scalar = <T>(kind: Scalar['kind']): Scalar<T> => Object.freeze({ kind })

export const string = scalar<string>('string')
export const bool = scalar<boolean>('bool')
export const int32 = scalar<number>('int32')
/** An integer of up to 64 bits; JSON numbers beyond 2^53 lose precision, as in every JavaScript client. */
export const int64 = scalar<number>('int64')
export const float64 = scalar<number>('float64')
/** Base64 text in JSON. */
export const bytes = scalar<string>('bytes')
/** `resource.Quantity`: `"100m"`, `"1Gi"`; a JSON number is accepted and kept as text. */
export const quantity = scalar<string>('quantity')
export const intOrString = scalar<number | string>('intOrString')
/** RFC 3339 with seconds, UTC. */
export const time = scalar<string>('time')
/** RFC 3339 with microseconds, UTC. */
export const microTime = scalar<string>('microTime')
export const duration = scalar<string>('duration')
/** Any JSON value. */
export const raw = scalar<unknown>('raw')
/** Any JSON value, under the name of a Go type of its own: `apiextensions/v1.JSON`. */
export const rawNamed = (name: string, union?: Union): Scalar<unknown> => Object.freeze({ kind: 'raw', name, ...(union && { union }) })
/** `FieldsV1`: the field set of a `managedFields` entry. */
export const fields = scalar<Record<string, unknown>>('fields')

/** A string with well-known values. */
export const text = (...values: string[]): Scalar<string> => Object.freeze({ kind: 'string', values })
export const list = <S extends Schema>(items: S): ListSchema<S> => Object.freeze({ kind: 'list', items })
export const map = <S extends Schema>(values: S): MapSchema<S> => Object.freeze({ kind: 'map', values })
export const lazy = <S extends Schema>(get: () => S): LazySchema<S> => Object.freeze({ kind: 'lazy', get })

export const struct = <const F extends Fields>(name: string, fieldsOf: F, options: { inline?: readonly StructSchema[]; atomic?: boolean } = {}): StructSchema<F> =>
  Object.freeze({ kind: 'struct', name, fields: Object.freeze(fieldsOf), ...options })

/** A field the client must give. */
export const req = <S extends Schema>(number: number, schema: S, facets: Facets = {}): Field<S, 'required'> => ({ ...facets, schema, number, presence: 'required' })
/** A field the client may leave out and every stored object has. */
export const always = <S extends Schema>(number: number, schema: S, facets: Facets = {}): Field<S, 'always'> => ({ ...facets, schema, number, presence: 'always' })
export const opt = <S extends Schema>(number: number, schema: S, facets: Facets = {}): Field<S, 'optional'> => ({ ...facets, schema, number, presence: 'optional' })

/** Follows lazy references to the schema behind them. */
export function resolve(schema: Schema): Exclude<Schema, LazySchema<any>> {
  let current = schema
  while (current.kind === 'lazy') current = current.get()
  return current
}

type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends Field<any, 'optional'> ? K : never }[keyof F]

/** The TypeScript type of a declared schema. */
export type Infer<S> =
  S extends StructSchema<infer F> ? { [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]['schema']> } & { [K in OptionalKeys<F>]?: Infer<F[K]['schema']> | undefined } :
  S extends ListSchema<infer I> ? Infer<I>[] :
  S extends MapSchema<infer V> ? { [key: string]: Infer<V> } :
  S extends LazySchema<infer L> ? Infer<L> :
  S extends Scalar<infer T> ? T :
  never
