import type { NamespaceCondition } from '../../../api/types/core-v1/namespace.ts'
import { rfc3339 } from '../../../host/clock.ts'

/** What is left of one kind in a namespace that goes. */
export interface Remainder {
  /** `deployments.apps`; the core group as in `pods.` */
  readonly resource: string
  readonly count: number
  /** How many objects wait for each finalizer. */
  readonly finalizers: Readonly<Record<string, number>>
}

/** The conditions that tell a user why a namespace is still there. */
export function namespaceConditions(old: readonly NamespaceCondition[], left: readonly Remainder[], failures: readonly string[], now: number): NamespaceCondition[] {
  const waiting = totals(left)
  const remaining = left.map(({ resource, count }) => `${resource} has ${count} resource instances`)
  const finalizers = Object.entries(waiting).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} in ${count} resource instances`)
  return [
    condition('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    failures.length > 0
      ? condition('NamespaceDeletionContentFailure', 'True', 'ContentDeletionFailed', `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}`)
      : condition('NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    remaining.length > 0
      ? condition('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${remaining.toSorted().join(', ')}`)
      : condition('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'),
    finalizers.length > 0
      ? condition('NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`)
      : condition('NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ].map((next) => dated(next, old.find(({ type }) => type === next.type), now))
}

const condition = (type: string, status: 'True' | 'False', reason: string, message: string): NamespaceCondition => ({ type, status, reason, message })

function dated(next: NamespaceCondition, old: NamespaceCondition | undefined, now: number): NamespaceCondition {
  return { ...next, lastTransitionTime: old?.status === next.status ? old.lastTransitionTime : rfc3339(now) }
}

function totals(left: readonly Remainder[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { finalizers } of left) for (const [name, count] of Object.entries(finalizers)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
