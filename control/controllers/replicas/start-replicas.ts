import { ownerKeys, startController } from '../../../api/client/controller.ts'
import type { Informer } from '../../../api/client/informer.ts'
import { isNotFound } from '../../../api/errors.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { keyOf } from '../../../api/object.ts'
import type { ReplicaSetStatus } from '../../../api/types/apps-v1.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { claimAll } from '../shared/claim.ts'
import { Expectations } from '../shared/expectations.ts'
import { byController, orphansOf } from '../shared/indexes.ts'
import { controllerOf } from '../shared/owner.ts'
import { isActive, isTerminating } from '../shared/pods.ts'
import { same } from '../shared/same.ts'
import { unless } from '../shared/unless.ts'
import { manageReplicas } from './manage-replicas.ts'
import { planReplicas } from './plan-replicas.ts'
import type { ReplicaKind, ReplicaOwner } from './replica-kind.ts'
import { comparable, nextAvailability, replicaStatus } from './replica-status.ts'
import type { ReplicaFailure } from './replica-status.ts'

/** The controller behind ReplicaSets and ReplicationControllers: keeps as many pods of a template running as asked for. */
export function startReplicas<T extends ReplicaOwner>(of: ReplicaKind<T>, deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const owners: Informer<T> = deps.informers.of(of.kind, { indexes: byController })
  const pods = deps.informers.of(podKind, { indexes: byController })
  const expectations = new Expectations(clock)
  const manager = { of, client, expectations, recorder: deps.recorder(of.component) }
  const stopObserving = [observePods(pods, expectations), owners.on({ delete: (owner) => expectations.forget(owner.metadata.uid ?? '') })]

  /** Owners of pods, and those that might adopt the pod. */
  const ownersOf = (pod: Pod): string[] => [...ownerKeys(pod, of.kind), ...adopters(pod)]
  const adopters = (pod: Pod): string[] =>
    controllerOf(pod) ? [] : owners.list(pod.metadata.namespace).filter((owner) => of.selects(owner)(pod.metadata.labels)).map(keyOf)

  /** The active pods of everything under the same controller: a Deployment's new and old ReplicaSets. */
  function related(owner: T): Pod[] {
    const above = controllerOf(owner)
    const siblings = above ? owners.byIndex('controller', above.uid) : [owner]
    return siblings.flatMap((sibling) => pods.byIndex('controller', sibling.metadata.uid ?? '')).filter(isActive)
  }

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const owner = owners.get(key)
    if (!owner) return undefined
    const { uid = '', namespace, deletionTimestamp } = owner.metadata
    const trustedIn = expectations.msUntilSatisfied(uid)
    const mine = pods.byIndex('controller', uid)
    const candidates = [...mine, ...pods.byIndex('controller', orphansOf(namespace))].filter(isActive)
    const selects = of.selects(owner)
    const active = await claimAll({ client, ownerKind: of.kind, owner, kind: podKind, matches: (pod) => selects(pod.metadata.labels) }, candidates)
    const plan = planReplicas(owner.spec.replicas ?? 1, active, () => related(owner), clock.now())
    const error = trustedIn === 0 && !deletionTimestamp ? await manageReplicas(manager, owner, plan) : undefined
    const terminating = of.countsTerminating ? { terminating: mine.filter(isTerminating).length } : {}
    await writeStatus(owner, replicaStatus({ owner, active, ...terminating, failure: failureOf(plan.type, error), now: clock.now() }))
    if (error) throw error
    const waits = [trustedIn > 0 ? trustedIn : undefined, nextAvailability(owner, active, clock.now())].filter((ms) => ms !== undefined)
    return waits.length > 0 ? { after: Math.min(...waits) } : undefined
  }

  async function writeStatus(owner: T, status: ReplicaSetStatus): Promise<void> {
    if (same(comparable(owner.status), comparable(status))) return
    await client.updateStatus(of.kind, { ...owner, status }).catch(unless(isNotFound))
  }

  const controller = startController({
    name: of.component, client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: owners, watches: [{ informer: pods, map: () => [] }], reconcile,
  })
  const wake = (pod: Pod) => { for (const key of ownersOf(pod)) controller.enqueue(key, gatherMs(owners.get(key))) }
  stopObserving.push(pods.on({ add: wake, delete: wake, update(pod, old) { wake(old); wake(pod) } }))
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}

/** A pod that is being deleted counts as deleted: it is replaced at once, not when its grace is over. */
function observePods(pods: Informer<Pod>, expectations: Expectations): () => void {
  const gone = (pod: Pod) => expectations.deletionObserved(controllerOf(pod)?.uid ?? '', pod.metadata.uid ?? '')
  return pods.on({
    add: (pod) => (pod.metadata.deletionTimestamp ? gone(pod) : expectations.creationObserved(controllerOf(pod)?.uid ?? '')),
    update: (pod) => { if (pod.metadata.deletionTimestamp) gone(pod) },
    delete: gone,
  })
}

/** Counting n pods at each of n changes costs n²: changes of large sets are gathered for a moment. */
const gatherMs = (owner: ReplicaOwner | undefined): number => {
  const pods = Math.max(owner?.spec.replicas ?? 0, owner?.status?.replicas ?? 0)
  return pods <= 50 ? 0 : Math.min(100, pods / 10)
}

function failureOf(type: 'create' | 'delete' | 'none', error: unknown): ReplicaFailure | undefined {
  if (!error) return undefined
  return { reason: type === 'delete' ? 'FailedDelete' : 'FailedCreate', message: (error as Error).message }
}
