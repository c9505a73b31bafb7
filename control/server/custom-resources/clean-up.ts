import { conditionIs, withCondition } from '../../../api/crd/conditions.ts'
import { isNotFound } from '../../../api/errors.ts'
import { cleanupFinalizer, customResourceDefinitions as definitions } from '../../../api/kinds/apiextensions-v1/custom-resource-definition.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { CustomResourceDefinition } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { Tools } from '../tools.ts'
import { deleteObject } from '../verbs/delete-object.ts'
import { updateObject } from '../verbs/update-object.ts'

/** How many deletions are under way at once. */
const width = 16

/**
 * Deletes the instances of a definition that goes, waits until the last is gone (others may hold on to them), and lets the
 * definition go. `kind` is one of those it serves; without one there are no instances.
 */
export async function cleanUp(tools: Tools, definition: CustomResourceDefinition, kind: Kind | undefined): Promise<void> {
  if (!definition.metadata.finalizers?.includes(cleanupFinalizer)) return
  if (overlaps(tools, definition)) return letGo(tools, definition, 'OverlappingBuiltInResource', 'instances overlap with built-in resources in storage')
  if (!kind || !conditionIs(definition, 'Established', 'True')) return letGo(tools, definition, 'NeverEstablished', 'resource was never established')
  await tell(tools, definition, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')
  try {
    await deleteAll(tools, kind)
    await untilEmpty(tools, kind)
  } catch (error) {
    if (!tools.ending.aborted) await tell(tools, definition, 'True', 'InstanceDeletionFailed', `could not issue all deletes: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
  if (!tools.ending.aborted) await letGo(tools, definition, 'InstanceDeletionCompleted', 'removed all instances')
}

/** A definition of what is built in has no objects of its own. */
const overlaps = ({ kinds }: Tools, { spec }: CustomResourceDefinition): boolean =>
  kinds.all.some(({ group, resource, jsonOnly }) => !jsonOnly && group === spec.group && resource === spec.names.plural)

async function deleteAll(tools: Tools, kind: Kind): Promise<void> {
  const cache = tools.resources.cache(kind)
  await cache.ready()
  const waiting = cache.peekAll().map(({ object }) => object.metadata)
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { name, namespace = '' } = next
      await deleteObject(tools, { kind, namespace, name, options: {}, user: systemMaster, dryRun: false }).catch(unlessGone)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, waiting.length) }, work))
}

/** The watch is there before memory is looked at, so nothing that goes is missed. */
async function untilEmpty(tools: Tools, kind: Kind): Promise<void> {
  const cache = tools.resources.cache(kind)
  const over = new AbortController()
  const frames = await cache.watch({ signal: AbortSignal.any([over.signal, tools.ending]) })
  try {
    if (cache.peekAll().length === 0) return
    for await (const _ of frames) if (cache.peekAll().length === 0) return
  } finally {
    over.abort()
  }
}

const tell = (tools: Tools, definition: CustomResourceDefinition, status: 'True' | 'False', reason: string, message: string): Promise<void> =>
  change(tools, definition, (fresh) => {
    const conditions = withCondition(fresh.status?.conditions ?? [], { type: 'Terminating', status, reason, message }, rfc3339(tools.clock.now()))
    fresh.status = { ...fresh.status, conditions }
  })

const letGo = (tools: Tools, definition: CustomResourceDefinition, reason: string, message: string): Promise<void> =>
  change(tools, definition, (fresh) => {
    const conditions = withCondition(fresh.status?.conditions ?? [], { type: 'Terminating', status: 'False', reason, message }, rfc3339(tools.clock.now()))
    fresh.status = { ...fresh.status, conditions }
    fresh.metadata.finalizers = (fresh.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer)
  })

async function change(tools: Tools, { metadata: { name, uid } }: CustomResourceDefinition, edit: (fresh: CustomResourceDefinition) => void): Promise<void> {
  const make = (current: unknown): CustomResourceDefinition => {
    const fresh = structuredClone(current) as CustomResourceDefinition
    if (fresh.metadata.uid === uid) edit(fresh)
    return fresh
  }
  await updateObject(tools, { kind: definitions, namespace: '', name, subresource: 'status', user: systemMaster, dryRun: false, make }).catch(unlessGone)
}

const unlessGone = (error: unknown): void => {
  if (!isNotFound(error)) throw error
}
