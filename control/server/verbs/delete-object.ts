import { notFound } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import { StoreError } from '../../store/log.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { Warner } from '../context.ts'
import { facesReady, faceOf } from '../object-response.ts'
import type { Tools } from '../tools.ts'
import { planDeletion } from './plan-deletion.ts'
import type { DeletionOptions } from './plan-deletion.ts'

export interface DeletionRequest {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly options: DeletionOptions
  readonly user: UserInfo
  readonly dryRun: boolean
  /** For admission: the `DeleteOptions`. */
  readonly asked?: AdmissionRequest['options']
  readonly warn?: Warner | undefined
}

export interface Deleted {
  /** As it was last seen, or as it is while others hold on to it; frozen, in the form of `kind`. */
  readonly object: KubeObject
  /** Whether it is gone. */
  readonly gone: boolean
}

/** Deletes one object, or begins to. Decides anew when somebody else was faster. */
export async function deleteObject(tools: Tools, request: DeletionRequest): Promise<Deleted> {
  const { kind, namespace, name, user, dryRun } = request
  const key = tools.resources.key(kind, namespace, name)
  const resource = tools.resources.of(kind)
  for (;;) {
    const entry = await tools.resources.cache(kind).get(key)
    if (!entry) throw notFound(kind, name)
    await facesReady(kind, [entry.object])
    const asked = { operation: 'delete', kind, subresource: '', namespace, name, object: undefined, old: faceOf(kind, entry.object), user, dryRun, options: request.asked, warn: request.warn } as const
    await admit(tools, asked)
    await validateAdmission(tools, asked)
    const plan = planDeletion(kind, entry.object, request.options, tools.clock.now())
    if (plan.action === 'keep') return { object: faceOf(kind, entry.object), gone: false }
    if (dryRun) return { object: await shown(kind, plan.action === 'mark' ? plan.object : entry.object), gone: plan.action === 'remove' }
    try {
      if (plan.action === 'mark') {
        const marked = await tools.store.update(resource, key, entry.revision, plan.object, { lazy: kind.ephemeral })
        return { object: await shown(kind, marked.object), gone: false }
      }
      const last = await tools.store.delete(resource, key, entry.revision, { lazy: kind.ephemeral })
      await tools.hooks[`${kind.group}/${kind.resource}`]?.deleted(entry.object)
      return { object: await shown(kind, last.object), gone: true }
    } catch (error) {
      if (!(error instanceof StoreError) || (error.reason !== 'conflict' && error.reason !== 'missing')) throw error
    }
  }
}

async function shown(kind: Kind, object: KubeObject): Promise<KubeObject> {
  await facesReady(kind, [object])
  return faceOf(kind, object)
}
