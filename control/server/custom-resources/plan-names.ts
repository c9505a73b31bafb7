import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'

/** The words of one group that are taken: by other definitions, and by what is built in. */
export interface TakenNames {
  /** Plurals, singulars and short names. */
  readonly resources: ReadonlySet<string>
  /** Kinds and their lists. */
  readonly kinds: ReadonlySet<string>
}

export interface NamesPlan {
  readonly accepted: CustomResourceDefinitionNames
  /** The first word of each sort that somebody else has; undefined when all are free. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined
}

/** Takes of the wanted names those that are free. A name that was accepted once stays so, whoever wants it too. */
export function planNames({ spec: { names }, status }: CustomResourceDefinition, taken: TakenNames): NamesPlan {
  const before: CustomResourceDefinitionNames = status?.acceptedNames ?? { plural: '', kind: '' }
  const accepted: CustomResourceDefinitionNames = { ...before }
  let conflict: NamesPlan['conflict']
  const check = (reason: string, wanted: string, had: string, used: ReadonlySet<string>): boolean => {
    if (wanted === had || !used.has(wanted)) return true
    conflict = { reason, message: `${JSON.stringify(wanted)} is already in use` }
    return false
  }
  if (check('PluralConflict', names.plural, before.plural, taken.resources)) accepted.plural = names.plural
  if (check('SingularConflict', names.singular ?? '', before.singular ?? '', taken.resources)) accepted.singular = names.singular
  const strange = (names.shortNames ?? []).filter((name) => !before.shortNames?.includes(name) && taken.resources.has(name))
  if (strange.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregate(strange.map((name) => `${JSON.stringify(name)} is already in use`)) }
  else accepted.shortNames = names.shortNames
  if (check('KindConflict', names.kind, before.kind, taken.kinds)) accepted.kind = names.kind
  if (check('ListKindConflict', names.listKind ?? '', before.listKind ?? '', taken.kinds)) accepted.listKind = names.listKind
  accepted.categories = names.categories
  return { accepted: withoutEmpty(accepted), conflict }
}

const aggregate = (sentences: readonly string[]): string => (sentences.length === 1 ? sentences[0]! : `[${sentences.join(', ')}]`)

/** In the order of the declaration, without what is not said. */
function withoutEmpty({ plural, singular, shortNames, kind, listKind, categories }: CustomResourceDefinitionNames): CustomResourceDefinitionNames {
  return { plural, ...(singular && { singular }), ...(shortNames?.length && { shortNames }), kind, ...(listKind && { listKind }), ...(categories?.length && { categories }) }
}
