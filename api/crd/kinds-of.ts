import { compareVersions } from '../discovery/versions.ts'
import type { Kind, StoredAs, Subresource } from '../kinds/kind.ts'
import { raiseGeneration } from '../kinds/strategy.ts'
import { qualifiedName } from '../kinds/validation/names.ts'
import { semanticEqual } from '../kinds/validation/equal.ts'
import { allVerbs, viewVerbs } from '../kinds/verbs.ts'
import type { KubeObject } from '../object.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../types/apiextensions-v1/custom-resource-definition.ts'
import { conversionOf } from './conversion.ts'
import type { Converter } from './conversion.ts'
import { scaleOf } from './custom-scale.ts'
import { parseJsonPath } from './json-path.ts'
import { schemaOf } from './json-schema.ts'
import { columnsOf } from './printer-columns.ts'
import { publishedSchemas } from './publish.ts'
import { resourceSchema } from './resource-schema.ts'
import type { ResourceSchema } from './resource-schema.ts'
import { structSchemaOf } from './struct-schema.ts'

export interface ServedOptions {
  /** Present when the definition converts by webhook. */
  readonly converter?: Converter | undefined
  /** Aborts when another declaration takes the place of this one. */
  readonly ends: AbortSignal
}

/** The kinds that a definition whose names are accepted adds to what is served: one for each version that is. */
export function kindsOf(definition: CustomResourceDefinition, { converter, ends }: ServedOptions): Kind[] {
  const { group, versions } = definition.spec
  const keepUnknown = definition.spec.preserveUnknownFields === true
  const schemas = new Map(versions.map((version) => [`${group}/${version.name}`, resourceSchema(version, definition.spec.names.kind, keepUnknown)]))
  const storage = versions.find((version) => version.storage) ?? versions[0]!
  const stored = kindOf(definition, storage, ends, schemas.get(`${group}/${storage.name}`)!, undefined)
  return versions.filter(({ served }) => served).map((version): Kind => {
    const apiVersion = `${group}/${version.name}`
    return kindOf(definition, version, ends, schemas.get(apiVersion)!, conversionOf(apiVersion, { stored, schemas, converter }))
  })
}

function kindOf({ spec, status, metadata }: CustomResourceDefinition, version: CustomResourceDefinitionVersion, ends: AbortSignal, rules: ResourceSchema, storedAs: StoredAs | undefined): Kind {
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names
  const schema = schemaOf(version)
  const hasStatus = version.subresources?.status !== undefined
  const name = `${spec.group}/${version.name}.${names.kind}`
  const old = deprecation(spec, version)
  return {
    group: spec.group, version: version.name, kind: names.kind, resource: names.plural, singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [], categories: names.categories ?? [], ...(names.listKind && { listKind: names.listKind }),
    namespaced: spec.scope === 'Namespaced', verbs: allVerbs, schema: structSchemaOf(schema, name), doc: schema?.description ?? '', storage: `${spec.group}/${names.plural}`,
    subresources: subresourcesOf(version, rules), jsonOnly: true, ends, ...(metadata.deletionTimestamp && { closed: true }), ...(old && { deprecated: old }), unconditionalUpdate: false,
    ...(storedAs && { storedAs }),
    get openApi() { return publishedOnce(version, spec.preserveUnknownFields === true) },
    columns: columnsOf(version.additionalPrinterColumns), fieldLabels: labelsOf(version),
    decode: rules.decode, default: rules.default, validate: rules.validate, validateUpdate: rules.validateUpdate, warnings: finalizerWarnings,
    prepareForCreate(object: KubeObject) {
      if (hasStatus) delete (object as { status?: unknown }).status
      object.metadata.generation = 1
    },
    prepareForUpdate(object: KubeObject, before: KubeObject) {
      if (hasStatus) restoreStatus(object, before)
      raiseGeneration(object, before, !semanticEqual(contentOf(object), contentOf(before)))
    },
  }
}

const published = new WeakMap<CustomResourceDefinitionVersion, ReturnType<typeof publishedSchemas>>()

/** Made when somebody asks for the document. */
function publishedOnce(version: CustomResourceDefinitionVersion, keepUnknown: boolean): ReturnType<typeof publishedSchemas> {
  const known = published.get(version)
  if (known) return known
  const made = publishedSchemas(schemaOf(version), keepUnknown)
  published.set(version, made)
  return made
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, rules: ResourceSchema): Record<string, Subresource> {
  return {
    ...(subresources?.status && { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: onlyStatus, validateUpdate: rules.validateStatus } as const }),
    ...(subresources?.scale && { scale: scaleOf(subresources.scale) }),
  }
}

type WithStatus = KubeObject & { status?: unknown }

function restoreStatus(object: WithStatus, before: WithStatus): void {
  if (before.status !== undefined) object.status = before.status
  else delete object.status
}

/** Through the status subresource nothing else changes, metadata neither. */
function onlyStatus(object: WithStatus, before: WithStatus): void {
  const { status } = object
  for (const key of Object.keys(object)) delete (object as unknown as Record<string, unknown>)[key]
  const { status: _, metadata, apiVersion, kind, ...rest } = before
  Object.assign(object, { apiVersion, kind, metadata: { ...metadata } }, rest, status === undefined ? {} : { status })
}

const contentOf = ({ metadata: _, ...content }: KubeObject): object => content

function deprecation({ group, names: { kind }, versions }: CustomResourceDefinition['spec'], { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion): string | undefined {
  if (!deprecated) return undefined
  if (deprecationWarning !== undefined) return deprecationWarning
  const [better] = versions.filter((other) => other.served && !other.deprecated && compareVersions(other.name, name) < 0).map((other) => other.name).sort(compareVersions)
  return `${group}/${name} ${kind} is deprecated${better ? `; use ${group}/${better} ${kind}` : ''}`
}

/** Selectable fields, by their paths without the leading dot. */
function labelsOf({ selectableFields = [] }: CustomResourceDefinitionVersion): Record<string, (object: KubeObject) => string> {
  return Object.fromEntries(selectableFields.map(({ jsonPath }) => {
    const path = parseJsonPath(jsonPath)
    return [jsonPath.replace(/^\./, ''), (object: KubeObject) => {
      const [value] = path(object)
      return value === undefined || value === null ? '' : String(value)
    }]
  }))
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

/** Finalizers of custom resources may have any form that a label may; those that others may use too are warned of. */
function finalizerWarnings({ metadata }: KubeObject, old?: KubeObject): string[] {
  const added = [...new Set(metadata.finalizers ?? [])].filter((name) => !old?.metadata.finalizers?.includes(name)).sort()
  const say = (name: string, what: string): string => `metadata.finalizers: ${JSON.stringify(name)}: ${what}`
  return added.flatMap((name) => [
    ...qualifiedName(name).map((wrong) => say(name, wrong)),
    ...(name.includes('/') || standardFinalizers.has(name) ? [] : [say(name, `prefer a domain-qualified finalizer name ${name.includes('.') ? 'including a path (/) ' : ''}to avoid accidental conflicts with other finalizer writers`)]),
  ])
}

