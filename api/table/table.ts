import { badRequest } from '../errors.ts'
import type { Column, Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import type { ListMeta } from '../types/meta-v1/meta.ts'
import { ageOf } from './duration.ts'

/** `meta.k8s.io` Table: what `kubectl get` asks for, made by the server so that every client shows the same columns. */
export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: string
  readonly metadata: ListMeta
  readonly columnDefinitions: readonly ColumnDefinition[] | null
  readonly rows: readonly TableRow[]
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[]
  readonly object: unknown
}

export interface TableOptions {
  /** Milliseconds, for ages. */
  readonly now: number
  /** What of each object goes along: by default its metadata. */
  readonly includeObject?: IncludeObject
  /** Of the list, or of the single object. */
  readonly listMeta?: ListMeta
  /** Of `meta.k8s.io`: what the client asked for. */
  readonly version?: 'v1' | 'v1beta1'
  /** Only the first event of a watch carries the headers. */
  readonly noHeaders?: boolean
}

export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** The `includeObject` parameter. Throws `ApiError` 400. */
export function parseIncludeObject(text: string | null): IncludeObject {
  if (!text) return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`)
}

export function tableOf(kind: Kind, objects: readonly KubeObject[], options: TableOptions): Table {
  const version = options.version ?? 'v1'
  const columns = columnsOf(kind)
  const rows = objects.map((object): TableRow => ({
    cells: columns.map((column) => column.value(object, options.now)),
    object: rowObject(object, options.includeObject ?? 'Metadata', version),
  }))
  return {
    kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata: options.listMeta ?? {},
    columnDefinitions: options.noHeaders ? null : columns.map(definitionOf), rows,
  }
}

/** An object reduced to its metadata, as garbage collectors and metadata clients ask for it. */
export function partialMetadata(object: KubeObject, version: 'v1' | 'v1beta1' = 'v1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

function rowObject(object: KubeObject, include: IncludeObject, version: 'v1' | 'v1beta1'): unknown {
  switch (include) {
    case 'None': return null
    case 'Object': return object
    case 'Metadata': return partialMetadata(object, version)
  }
}

const name: Column = { name: 'Name', type: 'string', format: 'name', description: 'The name, unique within the namespace.', value: (object) => object.metadata.name }
const age: Column = { name: 'Age', type: 'string', description: 'The time since the object was created.', value: (object, now) => ageOf(object.metadata.creationTimestamp, now) }
const createdAt: Column = { name: 'Created At', type: 'date', description: 'When the object was created.', value: (object) => object.metadata.creationTimestamp ?? '' }

/**
 * `Name` comes first unless the kind has a name column of its own; `Age` stands where the kind puts it, else behind the
 * last column that is always shown, unless the kind is ageless.
 */
export function columnsOf(kind: Kind): readonly Column[] {
  const known = columnsByKind.get(kind)
  if (known) return known
  const columns = completed(kind)
  columnsByKind.set(kind, columns)
  return columns
}

const columnsByKind = new WeakMap<Kind, readonly Column[]>()

function completed({ columns: own, ageless }: Kind): readonly Column[] {
  if (!own) return [name, createdAt]
  if (own.some((column) => column.format === 'name')) return own
  if (ageless || own.some((column) => column.name === 'Age' || column.name === 'Created At')) return [name, ...own]
  const firstWide = own.findIndex((column) => (column.priority ?? 0) > 0)
  return [name, ...(firstWide < 0 ? [...own, age] : own.toSpliced(firstWide, 0, age))]
}

const definitionOf = ({ name, type, format = '', description = '', priority = 0 }: Column): ColumnDefinition => ({ name, type, format, description, priority })
