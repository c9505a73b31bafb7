import { ApiError } from '../errors.ts'
import { has, pathsOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import type { Owner } from './owners.ts'
import { printPath } from './path-element.ts'

/** A field that an applied configuration would take from its owner. */
export interface Conflict {
  readonly owner: Owner
  readonly path: readonly string[]
}

/** Thrown by an apply that is not forced. */
export class Conflicts extends Error {
  override readonly name = 'Conflicts'
  readonly conflicts: readonly Conflict[]

  constructor(conflicts: readonly Conflict[]) {
    super('conflicts')
    this.conflicts = conflicts
  }
}

export const conflictsOf = (owner: Owner, set: FieldSet): Conflict[] => pathsOf(set).map((path) => ({ owner, path }))
export const without = (conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] => conflicts.filter(({ path }) => !has(allowed, path))

/** 409 with a cause for each field, in the original's words. */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${printOwner(owner)}`, field: printPath(path) }))
  return new ApiError(409, 'Conflict', messageOf(conflicts), { causes })
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (conflicts.length === 1) return `Apply failed with 1 conflict: conflict with ${printOwner(first!.owner)}: ${printPath(first!.path)}`
  const owners = new Map<string, Owner>()
  for (const { owner } of conflicts) owners.set(owner.id, owner)
  const lines: string[] = []
  for (const id of [...owners.keys()].sort()) {
    lines.push(`conflicts with ${printOwner(owners.get(id)!)}:`)
    for (const { owner, path } of conflicts) if (owner.id === id) lines.push(`- ${printPath(path)}`)
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

/** `"kubectl-client-side-apply" using apps/v1`, `"helm"`, `"kubelet" with subresource "status" using v1`. */
function printOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
