import { compareVersions } from '../../../api/discovery/versions.ts'
import { customResourceDefinitions } from '../../../api/kinds/apiextensions-v1/custom-resource-definition.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import { allVerbs } from '../../../api/kinds/verbs.ts'
import { always, string, struct } from '../../../api/schema/schema.ts'
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { ObjectMeta } from '../../../api/types/meta-v1/meta.ts'
import type { ControllerDeps } from '../deps.ts'

/** Custom resources as those need them who look at metadata alone, in step with the definitions. */
export interface CustomKinds {
  readonly all: () => readonly Kind[]
  stop(): void
}

export interface CustomKindsHandler {
  added(kind: Kind): void
  /** Nobody answers for it any more. */
  removed(kind: Kind): void
}

/** Follows the definitions: each that is established brings one kind, in the version that clients prefer. */
export function followCustomKinds({ informers }: ControllerDeps, { added, removed }: CustomKindsHandler): CustomKinds {
  const known = new Map<string, Kind>()
  const settle = (name: string, next: Kind | undefined): void => {
    const before = known.get(name)
    if (before && next && sameResource(before, next)) return
    known.delete(name)
    if (before) removed(before)
    if (!next) return
    known.set(name, next)
    added(next)
  }
  const put = (definition: CustomResourceDefinition): void => settle(definition.metadata.name, kindOf(definition))
  const stop = informers.of(customResourceDefinitions).on({ add: put, update: put, delete: ({ metadata: { name } }) => settle(name, undefined) })
  return { all: () => [...known.values()], stop }
}

const sameResource = (a: Kind, b: Kind): boolean => apiVersionOf(a) === apiVersionOf(b) && a.kind === b.kind && a.namespaced === b.namespaced

const schema = struct('meta/v1.PartialObjectMetadata', { apiVersion: always(0, string), kind: always(0, string), metadata: always(1, ObjectMeta) })

function kindOf({ spec, status }: CustomResourceDefinition): Kind | undefined {
  const established = status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True')
  const [version] = spec.versions.filter(({ served }) => served).map(({ name }) => name).sort(compareVersions)
  if (!established || version === undefined) return undefined
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names
  return {
    group: spec.group, version, kind: names.kind, resource: names.plural, singular: names.singular ?? '', namespaced: spec.scope === 'Namespaced', verbs: allVerbs,
    schema, storage: `${spec.group}/${names.plural}`, doc: '', jsonOnly: true, validate: () => [],
  }
}
