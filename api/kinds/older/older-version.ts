import type { KubeObject } from '../../object.ts'
import { decode } from '../../schema/decode.ts'
import type { StructSchema } from '../../schema/schema.ts'
import { apiVersionOf } from '../kind.ts'
import type { Kind, Subresource } from '../kind.ts'

/** How an older version differs from the stable kind; what it does not name, it has in common. */
export interface OlderVersion {
  readonly version: string
  /** Absent: the group of the stable kind. */
  readonly group?: string
  readonly schema: StructSchema
  /** The warning, see `deprecation`; absent for a version that is still current. */
  readonly deprecated?: string
  /** From this form to the stable one and back; absent where both are the same. The server sets `apiVersion`; arguments stay as they are, nothing may be lost. */
  readonly convert?: Conversion
  readonly default?: Kind['default']
  /** These see the stable form. */
  readonly prepareForCreate?: Kind['prepareForCreate']
  readonly validate?: Kind['validate']
  readonly validateUpdate?: Kind['validateUpdate']
  readonly subresources?: Kind['subresources']
}

export interface Conversion {
  toStable(object: any): any
  fromStable(object: any): any
}

/** `policy/v1beta1 Eviction is deprecated in v1.22+, unavailable in v1.25+; use …`: minor versions of 1.x, and `group/version Kind` where there is a successor. */
export const deprecation = (what: string, since: number, until: number, successor?: string): string =>
  `${what} is deprecated in v1.${since}+, unavailable in v1.${until}+${successor ? `; use ${successor}` : ''}`

/** In another group the same short names and categories would be told twice: `get all` shows everything doubly, and `get deploy` warns. */
const nameless = { shortNames: [], categories: [] } as const

/** A further version of `stable` that is stored as it: every function of the stable kind, behind a conversion. */
export function olderVersion(stable: Kind, older: OlderVersion): Kind {
  const { version, group = stable.group, schema, deprecated, convert } = older
  const names = { group, version }
  const up = stamp(stable, convert?.toStable)
  const down = stamp({ ...names, schema }, convert?.fromStable)
  const edit = inPlace(up, down)
  const editOf: EditOf = (change) => (object, old, by) => edit(object, (converted) => change(converted, up(old), by))
  const { prepareForCreate = stable.prepareForCreate, validate = stable.validate, validateUpdate = older.validate ? undefined : stable.validateUpdate } = older
  const { prepareForUpdate, warnings, subresources = {} } = stable
  const stored = stable.storedAs
  return {
    ...withoutForm(stable), ...(group !== stable.group && nameless), ...names, schema, ...(deprecated && { deprecated }),
    ...(older.default || stable.default ? { default: older.default ?? stable.default! } : {}),
    ...(prepareForCreate && { prepareForCreate: (object, by) => edit(object, (converted) => prepareForCreate(converted, by)) }),
    ...(prepareForUpdate && { prepareForUpdate: editOf(prepareForUpdate) }),
    validate: (object) => validate(up(object)),
    validateUpdate: older.validateUpdate || validateUpdate
      ? (object, old) => (older.validateUpdate ?? validateUpdate)!(up(object), up(old))
      : (object) => validate(up(object)),
    ...(warnings && { warnings: (object, old) => warnings(up(object), old && up(old)) }),
    ...(stable.columns && { columns: convert ? stable.columns.map((column) => ({ ...column, value: (object: KubeObject, now: number) => column.value(up(object), now) })) : stable.columns }),
    ...(stable.fieldLabels && { fieldLabels: Object.fromEntries(Object.entries(stable.fieldLabels).map(([label, of]) => [label, (object: KubeObject) => of(up(object))])) }),
    subresources: Object.fromEntries(Object.entries({ ...subresources, ...older.subresources }).map(([name, view]) => [name, convertView(view, up, editOf)])),
    storedAs: { kind: stored?.kind ?? stable, toStored: (object) => (stored ? stored.toStored(up(object)) : up(object)), fromStored: (object) => down(stored ? stored.fromStored(object) : object) },
  }
}

type Convert = (object: any) => any
type Edit = (object: any, change: (converted: any) => void) => void
type EditOf = (change: NonNullable<Kind['prepareForUpdate']>) => NonNullable<Kind['prepareForUpdate']>

/** What was converted is brought into declared order, so that equal objects stay equal text. */
function stamp(to: Pick<Kind, 'group' | 'version' | 'schema'>, convert: Convert | undefined): Convert {
  const apiVersion = apiVersionOf(to)
  return convert ? (object) => decode(to.schema, { ...convert(object), apiVersion }, 'Ignore').object : (object) => ({ ...object, apiVersion })
}

/** What is of the stable form alone must not be taken over by spreading. */
function withoutForm({ openApi: _, deprecated: __, ...rest }: Kind): Kind {
  return rest as Kind
}

/** An edit of the stable form, done to an object of the older one. Its metadata stays the same value: the server holds on to it. */
function inPlace(up: Convert, down: Convert): Edit {
  return (object, change) => {
    const converted = up(object)
    change(converted)
    const { metadata, ...rest } = down(converted)
    const own = object.metadata
    for (const field of Object.keys(object)) if (field !== 'metadata' && !Object.hasOwn(rest, field)) delete object[field]
    Object.assign(object, rest)
    if (own === metadata) return
    for (const field of Object.keys(own)) if (!Object.hasOwn(metadata, field)) delete own[field]
    Object.assign(own, metadata)
  }
}

function convertView(view: Subresource, up: Convert, editOf: EditOf): Subresource {
  const { prepareForUpdate, validateUpdate, scale } = view
  return {
    ...view,
    ...(prepareForUpdate && { prepareForUpdate: editOf(prepareForUpdate) }),
    ...(validateUpdate && { validateUpdate: (object: any, old: any) => validateUpdate(up(object), up(old)) }),
    ...(scale && { scale: { ...scale, getReplicas: (object: any) => scale.getReplicas(up(object)), statusReplicas: (object: any) => scale.statusReplicas(up(object)), selector: (object: any) => scale.selector(up(object)) } }),
  }
}
