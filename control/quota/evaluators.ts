import { claimEvaluator } from './claims.ts'
import { objectCount } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'
import { podEvaluator } from './pods.ts'
import { resourceClaimEvaluator } from './resource-claims.ts'
import { serviceEvaluator } from './services.ts'

const special: Readonly<Record<string, Evaluator>> = {
  '/pods': podEvaluator, '/persistentvolumeclaims': claimEvaluator, '/services': serviceEvaluator, 'resource.k8s.io/resourceclaims': resourceClaimEvaluator,
}
/** Events come and go by themselves; nobody counts them. */
const ignored = new Set(['/events', 'events.k8s.io/events'])

/** Made at first use: every write of every kind asks. */
const counts = new Map<string, Evaluator>()

function counted(name: string, kind: { readonly group: string; readonly resource: string }): Evaluator {
  const known = counts.get(name) ?? objectCount(kind)
  counts.set(name, known)
  return known
}

/** How objects of a (namespaced) kind are held against quotas; undefined for those that never are. */
export function evaluatorOf(kind: { readonly group: string; readonly resource: string }): Evaluator | undefined {
  const name = `${kind.group}/${kind.resource}`
  if (ignored.has(name)) return undefined
  return Object.hasOwn(special, name) ? special[name] : counted(name, kind)
}
