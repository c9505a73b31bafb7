import { ApiError, isNotFound } from '../../../api/errors.ts'
import type { Client } from '../../../api/client/client.ts'
import type { Recorder } from '../../../api/client/recorder.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Expectations } from '../shared/expectations.ts'
import { controllerRef } from '../shared/owner.ts'
import { podFromTemplate } from '../shared/pod-from-template.ts'
import { slowStart } from '../shared/slow-start.ts'
import type { ReplicaPlan } from './plan-replicas.ts'
import type { ReplicaKind, ReplicaOwner } from './replica-kind.ts'

export interface Manager<T extends ReplicaOwner> {
  readonly of: ReplicaKind<T>
  readonly client: Client
  readonly recorder: Recorder
  /** Keyed by the owner's uid; deletions by the pod's. */
  readonly expectations: Expectations
}

/** Performs the plan. Resolves to the error that stopped it, if any: the status wants to tell it before it is thrown. */
export async function manageReplicas<T extends ReplicaOwner>(manager: Manager<T>, owner: T, plan: ReplicaPlan): Promise<unknown> {
  if (plan.type === 'create') return createPods(manager, owner, plan.count)
  if (plan.type === 'delete') return deletePods(manager, owner, plan.pods)
  return undefined
}

async function createPods<T extends ReplicaOwner>({ of, client, recorder, expectations }: Manager<T>, owner: T, count: number): Promise<unknown> {
  const { uid = '', namespace = '' } = owner.metadata
  const pod = podFromTemplate(owner.spec.template!, controllerRef(of.kind, owner), namespace)
  expectations.expectCreations(uid, count)
  const { succeeded, error } = await slowStart(count, async () => {
    try {
      const created = await client.create(podKind, pod)
      recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    } catch (error) {
      if (isNamespaceTerminating(error)) throw error
      recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`)
      throw error
    }
  })
  for (let skipped = count - succeeded; skipped > 0; skipped--) expectations.creationObserved(uid)
  return isNamespaceTerminating(error) ? undefined : error
}

async function deletePods<T extends ReplicaOwner>({ client, recorder, expectations }: Manager<T>, owner: T, doomed: readonly Pod[]): Promise<unknown> {
  const uid = owner.metadata.uid ?? ''
  expectations.expectDeletions(uid, doomed.map((pod) => pod.metadata.uid ?? ''))
  const results = await Promise.allSettled(doomed.map(async (pod) => {
    const { namespace, name, uid: podUid = '' } = pod.metadata
    try {
      await client.delete(podKind, { namespace, name }, { preconditions: { uid: podUid } })
      recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      expectations.deletionObserved(uid, podUid)
      if (isNotFound(error)) return
      recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
      throw error
    }
  }))
  return results.find((result) => result.status === 'rejected')?.reason
}

/** Nothing can be created in a namespace that goes; its controller will delete the owner too. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError && (error.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
