import { startController } from '../../../api/client/controller.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { namespaces as namespaceKind } from '../../../api/kinds/core-v1/namespace.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Namespace } from '../../../api/types/core-v1/namespace.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { deletableKinds } from '../shared/all-kinds.ts'
import { followCustomKinds } from '../shared/custom-kinds.ts'
import { same } from '../shared/same.ts'
import { unless } from '../shared/unless.ts'
import type { Content } from './delete-content.ts'
import { deleteContent } from './delete-content.ts'
import { namespaceConditions } from './namespace-conditions.ts'

const ours = 'kubernetes'
/** Deletions wake us; this is for those we cannot see. */
const lookAgainMs = 15_000

/** Empties namespaces that are being deleted, then lets them go. */
export function startNamespace(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const namespaces = deps.informers.of(namespaceKind)
  const kinds = deletableKinds(deps).filter((kind) => kind.namespaced)
  /** Custom resources, with the end of each observation. */
  const custom = new Map<Kind, () => void>()

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const namespace = namespaces.get(key)
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(ours)) return undefined
    const terminating = namespace.status?.phase === 'Terminating' ? namespace : await writeStatus(namespace, { ...namespace.status, phase: 'Terminating' })
    if (!terminating) return undefined
    const content = await deleteContent(client, [...kinds, ...custom.keys()], key)
    const isEmpty = content.left.length === 0 && content.failures.length === 0
    const told = await tell(terminating, content, isEmpty)
    if (!isEmpty) return { after: lookAgainMs }
    if (told) await finalize(told)
    return undefined
  }

  /** A namespace that was empty at once has nothing to tell. */
  async function tell(namespace: Namespace, { left, failures }: Content, isEmpty: boolean): Promise<Namespace | undefined> {
    const old = namespace.status?.conditions ?? []
    const conditions = namespaceConditions(old, left, failures, clock.now())
    if ((isEmpty && old.length === 0) || same(old, conditions)) return namespace
    return writeStatus(namespace, { ...namespace.status, conditions })
  }

  /** Somebody else's write in between is no failure: it wakes us. */
  const writeStatus = (namespace: Namespace, status: NonNullable<Namespace['status']>): Promise<Namespace | undefined> =>
    client.updateStatus(namespaceKind, { ...namespace, status }).catch(unless(isNotFound, isConflict))

  async function finalize(namespace: Namespace): Promise<void> {
    const finalizers = namespace.spec.finalizers?.filter((finalizer) => finalizer !== ours) ?? []
    await client.update(namespaceKind, { ...namespace, spec: { finalizers } }, { subresource: 'finalize' }).catch(unless(isNotFound, isConflict))
  }

  const controller = startController({
    name: 'namespace-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: namespaces, reconcile,
  })
  const wake = ({ metadata: { namespace } }: KubeObject) => {
    if (namespace && namespaces.get(namespace)?.metadata.deletionTimestamp) controller.enqueue(namespace)
  }
  const stopObserving = kinds.map((kind) => deps.informers.of(kind).on({ delete: wake }))
  const following = followCustomKinds(deps, {
    added: (kind) => { if (kind.namespaced) custom.set(kind, deps.informers.of(kind).on({ delete: wake })) },
    removed(kind) {
      custom.get(kind)?.()
      custom.delete(kind)
      void deps.informers.drop(kind)
    },
  })
  return {
    async stop() {
      following.stop()
      for (const stop of custom.values()) stop()
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}
