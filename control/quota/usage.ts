import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../api/types/core-v1/quota.ts'
import type { Evaluator } from './evaluator.ts'
import { add, pick } from './lists.ts'

/** All scopes of a quota, those given as bare names too. An object counts that is in every one. */
export function scopesOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] {
  return [...scopes.map((scopeName): ScopedResourceSelectorRequirement => ({ scopeName, operator: 'Exists' })), ...scopeSelector?.matchExpressions ?? []]
}

/** The objects of one kind in a quota's namespace. */
export interface Counted { readonly evaluator: Evaluator; readonly objects: readonly any[] }

/** What a quota's namespace uses of everything that the quota limits. What nobody counts is left out. */
export function usageOf(spec: ResourceQuotaSpec, counted: readonly Counted[], now: number): ResourceList {
  const hard = Object.keys(spec.hard ?? {})
  const scopes = scopesOf(spec)
  let used: ResourceList = {}
  for (const { evaluator, objects } of counted) {
    const names = new Set(hard.filter((name) => evaluator.counts(name)))
    if (names.size === 0) continue
    used = add(used, Object.fromEntries([...names].map((name) => [name, '0'])))
    for (const object of objects) {
      if (scopes.every((scope) => evaluator.inScope?.(scope, object) ?? false)) used = add(used, pick(evaluator.usage(object, now), (name) => names.has(name)))
    }
  }
  return used
}
