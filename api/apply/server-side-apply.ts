import { ApiError, badRequest } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'
import { applyConfig, mistakesOf } from './apply-config.ts'
import type { Applied } from './apply-config.ts'
import { capOwners } from './cap-owners.ts'
import { conflictError, Conflicts, without } from './conflicts.ts'
import { difference, isEmpty } from './field-set.ts'
import { lastAppliedAnnotation, takenOver, withLastApplied } from './last-applied.ts'
import { addOwner, bookkeeping, ownerOf } from './managed-fields.ts'
import type { Writer } from './managed-fields.ts'
import { readOwners, withSet, writeOwners } from './owners.ts'
import type { Owner, Owners } from './owners.ts'
import { isObject, ItemError } from './typed.ts'
import type { Json } from './typed.ts'
import { updateOwners } from './update-owners.ts'
import type { Ownership } from './versions.ts'

/** A request to apply, checked as far as it can be without the object. */
export interface Application {
  /** The configuration, as the client wrote it. */
  readonly config: Json
  readonly kind: string
  readonly writer: Writer
  readonly force: boolean
}

/**
 * The object after an apply, not yet decoded and without its `managedFields`, and these beside it. `empty` is an object of the kind that says nothing: the
 * live one of a creation, and what ownership begins from where none was kept. Throws `ApiError`: 409 with every conflict,
 * 400, and 500 (as the original does) for a configuration that does not fit the type.
 */
export function serverSideApply(ownership: Ownership, live: KubeObject, empty: KubeObject, application: Application): { object: Json; managedFields: ManagedFieldsEntry[] | undefined } {
  const { config, kind, writer } = application
  checkConfig(ownership, config, kind)
  const start = firstOwners(ownership, live, empty, writer.now)
  const { object, owners } = applied(ownership, live, start, application)
  const { id } = ownerOf(ownership, 'Apply', writer)
  const mine = owners.get(id)
  if (mine) {
    const set = difference(mine.set, bookkeeping)
    if (isEmpty(set)) owners.delete(id)
    else owners.set(id, { ...withSet(mine, set), time: object ? writer.now : start.get(id)?.time, entry: undefined })
  }
  return { object: plain(object ?? live as unknown as Json, config, writer), managedFields: writeOwners(owners) }
}

function checkConfig({ shape, apiVersion }: Ownership, config: Json, kind: string): void {
  const type = `${gvk(config['apiVersion'], config['kind'])}`
  if (config['apiVersion'] !== apiVersion || config['kind'] !== kind) throw badRequest(`invalid object type: ${type}`)
  const metadata = isObject(config['metadata']) ? config['metadata'] : {}
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) throw badRequest('metadata.managedFields must be nil')
  const mistakes = mistakesOf(shape, config)
  if (mistakes !== undefined) throw untypeable(config, mistakes)
}

/** The original answers 500 here. */
export const untypeable = (config: Json, why: string): ApiError => {
  const { namespace = '', name = '' } = (isObject(config['metadata']) ? config['metadata'] : {}) as { namespace?: string; name?: string }
  return new ApiError(500, '', `failed to create typed patch object (${namespace}/${name}; ${gvk(config['apiVersion'], config['kind'])}): ${why}`)
}

/** `apps/v1, Kind=Deployment`, as Go prints a group, version and kind. */
function gvk(apiVersion: unknown, kind: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : ''
  return `${text.includes('/') ? text : `/${text}`}, Kind=${typeof kind === 'string' ? kind : ''}`
}

/** The owners there are; what was there before anybody applied belongs to nobody in particular. */
function firstOwners(ownership: Ownership, live: KubeObject, empty: KubeObject, now: string): Owners {
  const owners = readableOwners(live)
  if (owners.size > 0) return owners
  const first = ownerOf(ownership, 'Update', { manager: 'before-first-apply', now })
  const { owners: next, written } = updateOwners(ownership, empty as unknown as Json, live as unknown as Json, owners, first.id)
  addOwner(next, first, difference(written, bookkeeping))
  capOwners(next)
  return next
}

function readableOwners(live: KubeObject): Map<string, Owner> {
  try {
    return readOwners(live.metadata.managedFields)
  } catch (error) {
    throw new ApiError(500, '', `failed to decode managed fields: ${(error as Error).message}`)
  }
}

function applied(ownership: Ownership, live: KubeObject, owners: Owners, { config, writer, force }: Application): Applied {
  const self = ownerOf(ownership, 'Apply', writer)
  const run = (forced: boolean): Applied => applyConfig(ownership, live as unknown as Json, config, owners, self, forced)
  try {
    return run(force)
  } catch (error) {
    if (error instanceof ItemError) throw new ApiError(500, '', `failed to merge config: ${error.message}`)
    if (!(error instanceof Conflicts)) throw error
    const allowed = writer.manager === 'kubectl' ? takenOver(ownership, live) : undefined
    const left = allowed ? without(error.conflicts, allowed) : error.conflicts
    if (left.length > 0) throw conflictError(left)
    return run(true)
  }
}

function plain(object: Json, config: Json, { manager }: Writer): Json {
  const { managedFields: _, ...metadata } = isObject(object['metadata']) ? object['metadata'] : {}
  const annotations = metadata['annotations'] as Record<string, string> | null | undefined
  if (manager !== 'kubectl' || !annotations?.[lastAppliedAnnotation]) return { ...object, metadata }
  return { ...object, metadata: { ...metadata, annotations: withLastApplied(annotations, config) } }
}
