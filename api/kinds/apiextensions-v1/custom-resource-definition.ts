import { conditionIs, withCondition } from '../../crd/conditions.ts'
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from '../../crd/definition-rules.ts'
import { definitionWarnings } from '../../crd/definition-warnings.ts'
import { canonicalUnions, schemaOf } from '../../crd/json-schema.ts'
import { CustomResourceDefinition } from '../../types/apiextensions-v1/custom-resource-definition.ts'
import type { Column, Kind } from '../kind.ts'
import { keepSpec, raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const customResourceDefinitions: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'], categories: ['api-extensions'], namespaced: false, verbs: allVerbs, schema: CustomResourceDefinition,
  storage: 'apiextensions.k8s.io/customresourcedefinitions', unconditionalUpdate: false,
  doc: 'A resource of the user\'s own making, with its names, versions and schemas.',
  default: fillIn,
  prepareForCreate(definition) {
    const storage = definition.spec.versions.find((version) => version.storage)
    definition.status = { acceptedNames: { plural: '', kind: '' }, ...(storage && { storedVersions: [storage.name] }) }
    definition.metadata.generation = 1
  },
  prepareForUpdate(definition, old) {
    definition.status = rememberStorage(definition, old)
    raiseGeneration(definition, old, !semanticEqual(definition.spec, old.spec))
  },
  markForDeletion,
  validate: (definition) => validateDefinition(definition),
  validateUpdate: validateDefinitionUpdate,
  warnings: definitionWarnings,
  columns: [
    text('Name', 'The name, unique in the cluster.', ({ metadata }) => metadata.name, { format: 'name' }),
    text('Scope', 'Cluster or Namespaced.', ({ spec }) => spec.scope),
    text('Versions', 'The versions that are served.', ({ spec }) => spec.versions.filter(({ served }) => served).map(({ name, storage }) => (storage ? `${name}(storage)` : name)).sort().join(',')),
    text('Created At', 'When the object was created.', ({ metadata }) => metadata.creationTimestamp ?? '', { type: 'date' }),
    text('Group', 'The API group.', ({ spec }) => spec.group, { priority: 1 }),
    text('Kind', 'The kind of its objects.', ({ spec }) => spec.names.kind, { priority: 1 }),
    text('ShortNames', 'The short names.', ({ spec }) => (spec.names.shortNames ?? []).join(','), { priority: 1 }),
    text('Established', 'Whether it is served.', (definition) => conditionIs(definition, 'Established', 'True'), { priority: 1, type: 'boolean' }),
  ],
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateDefinitionStatus } },
}

/** Takes care of the instances of a definition that goes. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

function text(name: string, description: string, value: Column<CustomResourceDefinition>['value'], more: Partial<Column<CustomResourceDefinition>> = {}): Column<CustomResourceDefinition> {
  return { name, type: 'string', description, value, ...more }
}

function fillIn(definition: CustomResourceDefinition): void {
  const { spec } = definition
  spec.names.singular ||= spec.names.kind.toLowerCase()
  if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`
  spec.conversion ??= { strategy: 'None' }
  const service = spec.conversion.webhook?.clientConfig?.service
  if (service) service.port ??= 443
  for (const version of spec.versions) {
    const schema = schemaOf(version)
    if (schema) canonicalUnions(schema)
  }
}

/** The status as it was; a version that becomes the one of storage is noted in it. */
function rememberStorage({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): NonNullable<CustomResourceDefinition['status']> {
  const status = old.status ?? { acceptedNames: { plural: '', kind: '' } }
  const stored = status.storedVersions ?? []
  const storage = spec.versions.find((version) => version.storage)?.name
  return storage === undefined || stored.includes(storage) ? status : { ...status, storedVersions: [...stored, storage] }
}

/** What a deletion leaves for the server to do: the instances go first. */
function markForDeletion(definition: CustomResourceDefinition, now: string): CustomResourceDefinition {
  const { metadata, status } = definition
  const finalizers = metadata.finalizers ?? []
  const conditions = withCondition(status?.conditions ?? [], {
    type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }, now)
  return {
    ...definition,
    metadata: { ...metadata, finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer] },
    status: { ...status, acceptedNames: status?.acceptedNames ?? { plural: '', kind: '' }, conditions },
  }
}
