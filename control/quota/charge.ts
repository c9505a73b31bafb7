import { compareQuantities } from '../../api/schema/quantity.ts'
import type { KubeObject } from '../../api/object.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { ResourceQuota } from '../../api/types/core-v1/quota.ts'
import type { Evaluator } from './evaluator.ts'
import { add, growth, pick, printed, withoutZeros } from './lists.ts'
import { scopesOf } from './usage.ts'

/** What a write would do to the quotas of its namespace: a refusal, or what is used of each quota afterwards (by name; only those that change). */
export type Charge = { readonly refusal: string } | { readonly used: ReadonlyMap<string, ResourceList> }

export interface Write {
  readonly evaluator: Evaluator
  readonly object: any
  /** The object there was; absent for a creation. */
  readonly old: KubeObject | undefined
  /** A status is never refused: what it tells has happened. */
  readonly subresource: string
}

/** Holds a write against quotas. `usedOf` says what is used of a quota by now, which may be more than its status does. */
export function chargeFor(quotas: readonly ResourceQuota[], usedOf: (quota: ResourceQuota) => ResourceList, write: Write, now: number): Charge {
  const { evaluator, object, old } = write
  const concerned = quotas.flatMap((quota) => {
    const limited = limitedBy(quota, evaluator, object)
    return limited.length > 0 ? [{ quota, limited }] : []
  })
  for (const { quota, limited } of concerned) {
    const missing = evaluator.missing?.(limited, object)
    if (missing) return { refusal: `failed quota: ${quota.metadata.name}: ${missing}` }
    if (limited.some((name) => usedOf(quota)[name] === undefined)) return { refusal: `status unknown for quota: ${quota.metadata.name}, resources: ${limited.join(',')}` }
  }
  if (concerned.length === 0) return { used: new Map() }
  const usage = evaluator.usage(object, now)
  const negative = Object.keys(usage).filter((name) => compareQuantities(usage[name]!, '0') < 0).sort()
  if (negative.length > 0) return { refusal: `quota usage is negative for resource(s): ${negative.join(',')}` }
  const more = old && growth(usage, evaluator.usage(old, now))
  const charged = new Map<string, ResourceList>()
  for (const { quota } of concerned) {
    // What was not in the quota's scope before counts in full now.
    const wanted = more && old && limitedBy(quota, evaluator, old).length > 0 ? more : usage
    const hard = quota.status?.hard ?? {}
    const requested = withoutZeros(pick(wanted, (name) => hard[name] !== undefined))
    if (Object.keys(requested).length === 0) continue
    const used = usedOf(quota)
    const after = add(used, requested)
    const exceeded = Object.keys(requested).filter((name) => compareQuantities(after[name]!, hard[name]!) > 0)
    if (exceeded.length > 0 && write.subresource !== 'status') return { refusal: exceededQuota(quota, exceeded, requested, used) }
    charged.set(quota.metadata.name, after)
  }
  return { used: charged }
}

/** The resources of an object's kind that a quota limits, where the object is in its scopes. What counts is what the controller has seen: the status. */
function limitedBy({ spec, status }: ResourceQuota, evaluator: Evaluator, object: any): string[] {
  const limited = Object.keys(status?.hard ?? {}).filter((name) => evaluator.counts(name))
  const inScope = limited.length > 0 && scopesOf(spec ?? {}).every((scope) => evaluator.inScope?.(scope, object) ?? false)
  return inScope ? limited.sort() : []
}

function exceededQuota({ metadata, status }: ResourceQuota, names: readonly string[], requested: ResourceList, used: ResourceList): string {
  const only = (list: ResourceList = {}) => printed(pick(list, (name) => names.includes(name)))
  return `exceeded quota: ${metadata.name}, requested: ${only(requested)}, used: ${only(used)}, limited: ${only(status?.hard)}`
}
