import type { Informer } from '../../../api/client/informer.ts'
import type { Outcome } from '../../../api/client/controller.ts'
import { resourceQuotas as quotaKind } from '../../../api/kinds/core-v1/resource-quota.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import { keyOf } from '../../../api/object.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ResourceQuota } from '../../../api/types/core-v1/quota.ts'
import { evaluatorOf } from '../../quota/evaluators.ts'
import type { Evaluator } from '../../quota/evaluator.ts'
import { sameQuantities } from '../../quota/lists.ts'
import { usageOf } from '../../quota/usage.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { deletableKinds } from '../shared/all-kinds.ts'
import { startKeyed } from '../shared/keyed-controller.ts'

/** A quota is counted anew at least so often (`--resource-quota-sync-period`): a pod on a lost node is let off without an event. */
const resync = 5 * 60_000
/** What the server has charged is let settle before it is counted: the objects may still be on their way. */
const settling = 5000
/** Of many deletions at once each is not counted apart. */
const together = 20

interface Countable { readonly kind: Kind; readonly evaluator: Evaluator }

/**
 * Keeps in the status of each quota what its namespace uses. The server charges quotas when things are made; here they are
 * credited when things go, and put right where a charge came to nothing. Only kinds that some quota is about are watched.
 */
export function startResourceQuota(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const quotas = deps.informers.of(quotaKind)
  const countable = deletableKinds(deps).filter(({ namespaced }) => namespaced).flatMap((kind): Countable[] => {
    const evaluator = evaluatorOf(kind)
    return evaluator ? [{ kind, evaluator }] : []
  })
  const watched = new Map<string, { readonly informer: Informer; readonly off: () => void }>()
  /** When each quota's status was last seen to change. */
  const charged = new Map<string, number>()

  const controller = startKeyed(deps, { name: 'resourcequota-controller', workers: 5, informers: [quotas], reconcile })
  const offQuotas = quotas.on({
    add: (quota) => controller.enqueue(keyOf(quota)),
    update(quota, old) {
      if (!sameQuantities(quota.spec?.hard, old.spec?.hard)) return controller.enqueue(keyOf(quota))
      charged.set(keyOf(quota), clock.now())
      controller.enqueue(keyOf(quota), settling)
    },
    delete: (quota) => charged.delete(keyOf(quota)),
  })

  /** Begins to watch a kind, once a quota is about it. */
  function informerOf({ kind, evaluator }: Countable): Informer {
    const id = `${apiVersionOf(kind)}/${kind.resource}`
    const known = watched.get(id)
    if (known) return known.informer
    const informer: Informer = deps.informers.of(kind)
    const wake = ({ metadata }: KubeObject) => {
      for (const quota of quotas.list(metadata.namespace)) {
        if (!Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.counts(name))) continue
        charged.delete(keyOf(quota))
        controller.enqueue(keyOf(quota), together)
      }
    }
    const off = informer.on({
      delete: wake,
      update(object, old) {
        if (quotas.list(object.metadata.namespace).length === 0) return
        const now = clock.now()
        if (!sameQuantities(evaluator.usage(object, now), evaluator.usage(old, now))) wake(object)
      },
    })
    watched.set(id, { informer, off })
    return informer
  }

  async function reconcile(key: string): Promise<Outcome> {
    const quota = quotas.get(key)
    if (!quota) return undefined
    const rest = (charged.get(key) ?? -Infinity) + settling - clock.now()
    if (rest > 0) return { after: rest }
    const status = await statusOf(quota)
    if (!sameQuantities(status.hard, quota.status?.hard) || !sameQuantities(status.used, quota.status?.used)) await client.updateStatus(quotaKind, { ...quota, status })
    return { after: resync }
  }

  async function statusOf({ metadata, spec = {} }: ResourceQuota): Promise<NonNullable<ResourceQuota['status']>> {
    const hard = spec.hard ?? {}
    const needed = countable.filter(({ evaluator }) => Object.keys(hard).some((name) => evaluator.counts(name)))
    const informers = needed.map(informerOf)
    await Promise.all(informers.map(({ synced }) => synced))
    const counted = needed.map(({ evaluator }, i) => ({ evaluator, objects: informers[i]!.list(metadata.namespace) }))
    return { hard, used: usageOf(spec, counted, clock.now()) }
  }

  return {
    async stop() {
      offQuotas()
      for (const { off } of watched.values()) off()
      await controller.stop()
    },
  }
}
