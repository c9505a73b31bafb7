import type { Kind } from '../../../../api/kinds/kind.ts'
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../../../api/types/admissionregistration-v1/webhook.ts'
import { derived } from '../../derived.ts'
import type { Derived } from '../../derived.ts'
import type { Tools } from '../../tools.ts'

/** A webhook with what tells it from all others. */
export interface Configured<W> { readonly id: string; readonly webhook: W }

/** The webhooks of all configurations, in the order of the configurations' names; one list for each server. */
export function configured<C extends MutatingWebhookConfiguration | ValidatingWebhookConfiguration>(kind: Kind<C>): { load(tools: Tools): Promise<void>; of(tools: Tools): readonly Configured<NonNullable<C['webhooks']>[number]>[] } {
  type W = NonNullable<C['webhooks']>[number]
  const known = new WeakMap<object, Derived<readonly Configured<W>[]>>()
  const index = (tools: Tools): Derived<readonly Configured<W>[]> => {
    let there = known.get(tools.resources)
    if (!there) known.set(tools.resources, there = derived(tools, [kind], (objects) => (objects as unknown as readonly C[]).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .flatMap(({ metadata: { name }, webhooks = [] }) => (webhooks as W[]).map((webhook, i) => ({ id: `${name}/${webhook.name}/${i}`, webhook })))))
    return there
  }
  return { load: (tools) => index(tools).load(), of: (tools) => index(tools).get() }
}
