import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { derived } from '../../derived.ts'
import type { Derived } from '../../derived.ts'
import type { Tools } from '../../tools.ts'

/** A policy with the bindings that put it to use; without one it does nothing. */
export interface Bound<P, B> { readonly policy: P; readonly bindings: readonly B[] }

type Binding = KubeObject & { readonly spec: { readonly policyName?: string | undefined } }

/** The policies that are bound, ordered by name; one list for each server. */
export function bound<P extends KubeObject, B extends Binding>(policies: Kind<P>, bindings: Kind<B>): { load(tools: Tools): Promise<void>; of(tools: Tools): readonly Bound<P, B>[] } {
  const known = new WeakMap<object, Derived<readonly Bound<P, B>[]>>()
  const index = (tools: Tools): Derived<readonly Bound<P, B>[]> => {
    let there = known.get(tools.resources)
    if (!there) known.set(tools.resources, there = derived(tools, [policies, bindings], (all, bound) => join(all as readonly P[], bound as readonly B[])))
    return there
  }
  return { load: (tools) => index(tools).load(), of: (tools) => index(tools).get() }
}

const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name < b.metadata.name ? -1 : 1)

function join<P extends KubeObject, B extends Binding>(policies: readonly P[], bindings: readonly B[]): readonly Bound<P, B>[] {
  const of = Map.groupBy(bindings.toSorted(byName), ({ spec }) => spec.policyName ?? '')
  return policies.toSorted(byName).flatMap((policy) => (of.has(policy.metadata.name) ? [{ policy, bindings: of.get(policy.metadata.name)! }] : []))
}
