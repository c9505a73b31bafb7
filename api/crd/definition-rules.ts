import type { FieldError } from '../errors.ts'
import { semanticEqual } from '../kinds/validation/equal.ts'
import { forbidden, invalid, oneOf, required } from '../kinds/validation/field.ts'
import { immutableMessage } from '../kinds/validation/field.ts'
import { dnsLabel1035, dnsSubdomain } from '../kinds/validation/names.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../types/apiextensions-v1/custom-resource-definition.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { conditionIs } from './conditions.ts'
import { isCaBundle, validateConversion } from './conversion-rules.ts'
import { requiredNames, validateApproval, validateNames } from './definition-names.ts'
import { validateDefaults } from './default-rules.ts'
import { schemaOf, someSchema } from './json-schema.ts'
import { validateRules } from './rule-check.ts'
import { validateSchema } from './schema-rules.ts'
import { validateStructural } from './structural-rules.ts'
import { whyNotStructural } from './unsupported.ts'
import { validateColumn, validateDeprecation, validateSelectableFields, validateSubresources } from './version-rules.ts'

/** How a definition is looked at. */
interface View {
  readonly old: CustomResourceDefinition | undefined
  /** Fields may be kept that no schema names (`apiextensions.k8s.io/v1beta1`, and what was made through it): schemas may be absent and need not be structural. */
  readonly lenient: boolean
}

/** Every failed check of a new definition, metadata but for its name excluded. `lenient` is for those who still have v1beta1's freedom. */
export function validateDefinition(definition: CustomResourceDefinition, { lenient = false } = {}): FieldError[] {
  const { names, group } = definition.spec
  const name = definition.metadata.name
  const misnamed = name && name !== `${names.plural}.${group}` ? [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')] : []
  return [...misnamed, ...whole(definition, { old: undefined, lenient })]
}

/** Every failed check of a change. */
export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const { spec } = definition
  const fixed: [string, unknown, unknown][] = [['spec.group', spec.group, old.spec.group], ['spec.names.plural', spec.names.plural, old.spec.names.plural]]
  if (conditionIs(old, 'Established', 'True')) fixed.unshift(['spec.scope', spec.scope, old.spec.scope], ['spec.names.kind', spec.names.kind, old.spec.names.kind])
  return [
    ...whole(definition, { old, lenient: old.spec.preserveUnknownFields === true }),
    ...fixed.filter(([, now, before]) => now !== before).map(([field, now]) => invalid(field, now, immutableMessage)),
  ]
}

/** Through the status only names can go wrong. */
export const validateDefinitionStatus = (definition: CustomResourceDefinition): FieldError[] =>
  (definition.status?.acceptedNames ? validateNames(definition.status.acceptedNames, 'status.acceptedNames') : [])

function whole(definition: CustomResourceDefinition, view: View): FieldError[] {
  const { spec } = definition
  return [
    ...group(spec.group), ...oneOf(spec.scope, ['Cluster', 'Namespaced'], 'spec.scope'),
    ...schemas(definition, view), ...versions(spec.versions), ...requiredNames(spec.names), ...validateNames(spec.names, 'spec.names'),
    ...content(definition, view), ...conversion(definition, view),
    ...validateDefinitionStatus(definition), ...storedVersions(definition), ...validateApproval(definition, view.old),
    ...(spec.preserveUnknownFields && !view.lenient ? [invalid('spec.preserveUnknownFields', true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []),
  ]
}

function group(name: string): FieldError[] {
  if (!name) return [required('spec.group')]
  const wrong = dnsSubdomain(name)
  if (wrong.length > 0) return [invalid('spec.group', name, wrong.join(','))]
  return name.includes('.') ? [] : [invalid('spec.group', name, 'should be a domain with at least one dot')]
}

/** Every version has a schema, unless unknown fields are kept. */
function schemas({ spec }: CustomResourceDefinition, { lenient }: View): FieldError[] {
  if (lenient && spec.preserveUnknownFields) return []
  return spec.versions.flatMap((version, i) => (schemaOf(version) ? [] : [required(`spec.versions[${i}].schema.openAPIV3Schema`)]))
}

function versions(all: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const misnamed = all.flatMap(({ name }, i) => {
    const wrong = dnsLabel1035(name)
    return wrong.length > 0 ? [invalid(`spec.versions[${i}].name`, name, wrong.join(','))] : []
  })
  return [
    ...misnamed, ...all.flatMap((version, i) => validateDeprecation(version, `spec.versions[${i}]`)),
    ...(new Set(all.map(({ name }) => name)).size < all.length ? [invalid('spec.versions', all, 'must contain unique version names')] : []),
    ...(all.filter(({ storage }) => storage).length === 1 ? [] : [invalid('spec.versions', all, 'must have exactly one version marked as storage version')]),
  ]
}

/**
 * Schemas, subresources, columns and selectable fields. Where all versions say the same, the original looks at it once, under
 * the path that the old API had for it (`spec.validation`); people know its messages by those paths.
 */
function content(definition: CustomResourceDefinition, view: View): FieldError[] {
  const { versions: all } = definition.spec
  const first = all[0]
  if (!first) return []
  const shared = <K extends keyof CustomResourceDefinitionVersion>(field: K, old: string): [number, string][] =>
    (all.every((version) => semanticEqual(version[field], first[field])) ? [[0, old]] : all.map((_, i) => [i, `spec.versions[${i}].${field}`]))
  return [
    ...shared('schema', 'spec.validation').flatMap(([i, path]) => schemaRules(definition, all[i]!, `${path}.openAPIV3Schema`, view)),
    ...shared('subresources', 'spec.subresources').flatMap(([i, path]) => validateSubresources(all[i]!.subresources, path)),
    ...shared('additionalPrinterColumns', 'spec.additionalPrinterColumns').flatMap(([i, path]) => (all[i]!.additionalPrinterColumns ?? []).flatMap((column, at) => validateColumn(column, `${path}[${at}]`))),
    ...shared('selectableFields', 'spec.selectableFields').flatMap(([i, path]) => selectable(all[i]!, path, view)),
  ]
}

function selectable(version: CustomResourceDefinitionVersion, path: string, { old }: View): FieldError[] {
  const fields = version.selectableFields ?? []
  const before = old?.spec.versions.find(({ name }) => name === version.name)?.selectableFields
  return validateSelectableFields(fields, schemaOf(version), path, before !== undefined && semanticEqual(before, fields))
}

/** With a status subresource the status is checked on its own, so nothing at the root may speak of the whole. */
const besideStatus = new Set([
  'description', 'type', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems',
  'multipleOf', 'required', 'items', 'properties', 'externalDocs', 'example', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations',
])
const besideStatusText = 'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'

function schemaRules(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion, path: string, view: View): FieldError[] {
  const schema = schemaOf(version)
  if (!schema) return []
  const errors: FieldError[] = []
  if (definition.spec.versions.some(({ subresources }) => subresources?.status)) errors.push(...rootRules(schema, path))
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const needed = !view.lenient || !definition.spec.preserveUnknownFields || hasExtensions(schema)
  const unreadable = needed ? whyNotStructural(schema) : undefined
  const structural = needed && !unreadable ? structure(schema, path) : []
  errors.push(...structural)
  const broken = validateSchema(schema, path)
  errors.push(...broken)
  if (needed && !unreadable && structural.length === 0 && broken.length === 0) errors.push(...validateRules(schema, path, knownRules(view.old)))
  return errors.length === 0 && unreadable ? [invalid(path, '', unreadable)] : errors
}

function structure(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = validateStructural(schema, path)
  return errors.length > 0 ? errors : validateDefaults(schema, path)
}

function rootRules(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema.type && schema.type !== 'object') return [invalid(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')]
  if (Object.keys(schema).every((word) => besideStatus.has(word))) return []
  return [invalid(path, schema, `only [${besideStatusText}] fields are allowed at the root of the schema if the status subresource is enabled`)]
}

const extensionWords = ['x-kubernetes-embedded-resource', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-validations', 'default'] as const
const hasExtensions = (schema: JSONSchemaProps): boolean => someSchema(schema, (one) => extensionWords.some((word) => one[word] !== undefined))

/** The expressions that were accepted before: what they cost is not held against them. */
function knownRules(old: CustomResourceDefinition | undefined): ReadonlySet<string> {
  const known = new Set<string>()
  for (const version of old?.spec.versions ?? []) someSchema(schemaOf(version), (schema) => {
    for (const { rule } of schema['x-kubernetes-validations'] ?? []) known.add(rule)
    return false
  })
  return known
}

function conversion({ spec }: CustomResourceDefinition, { old }: View): FieldError[] {
  if (!spec.conversion) return []
  const before = old?.spec.conversion?.webhook?.clientConfig?.caBundle
  const mayBeBroken = !old || !conditionIs(old, 'Established', 'True') || !isCaBundle(before)
  const kept = spec.conversion.strategy !== 'None' && spec.preserveUnknownFields ? [invalid('spec.conversion.strategy', spec.conversion.strategy, 'must be None if spec.preserveUnknownFields is true')] : []
  return [...kept, ...validateConversion(spec.conversion, mayBeBroken)]
}

function storedVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const stored = status?.storedVersions ?? []
  const field = 'status.storedVersions'
  if (stored.length === 0) return [invalid(field, stored, 'must have at least one stored version')]
  const unnamed = spec.versions.filter(({ name, storage }) => storage && !stored.includes(name)).map(({ name }) => invalid(field, stored, `must have the storage version ${name}`))
  const gone = stored.flatMap((name, i) => (spec.versions.some((version) => version.name === name) ? [] : [invalid(
    `${field}[${i}]`, name,
    `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
  )]))
  return [...unnamed, ...gone]
}
