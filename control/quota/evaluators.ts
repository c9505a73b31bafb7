import { claimEvaluator } from './claims.ts'
import { objectCount } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'
import { podEvaluator } from './pods.ts'
import { serviceEvaluator } from './services.ts'

const special: Readonly<Record<string, Evaluator>> = { pods: podEvaluator, persistentvolumeclaims: claimEvaluator, services: serviceEvaluator }
/** Events come and go by themselves; nobody counts them. */
const ignored = new Set(['/events', 'events.k8s.io/events'])

/** How objects of a (namespaced) kind are held against quotas; undefined for those that never are. */
export function evaluatorOf(kind: { readonly group: string; readonly resource: string }): Evaluator | undefined {
  if (ignored.has(`${kind.group}/${kind.resource}`)) return undefined
  return kind.group === '' && Object.hasOwn(special, kind.resource) ? special[kind.resource] : objectCount(kind)
}
