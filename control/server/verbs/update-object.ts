import { settlesUnchanged } from '../../../api/apply/settle-times.ts'
import { conflict, invalid, isAlreadyExists, notFound, staleWrite } from '../../../api/errors.ts'
import type { Author, Kind, Subresource } from '../../../api/kinds/kind.ts'
import { validateObjectMetaUpdate } from '../../../api/kinds/validation/metadata.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { CacheEntry } from '../../store/cache.ts'
import { StoreError } from '../../store/log.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { refusal } from '../filters/authorization.ts'
import { settleNamespace } from '../object-names.ts'
import { facesReady, faceOf, storedForm } from '../object-response.ts'
import { checkManagedFields, noteOwner, setManagedFields } from '../ownership.ts'
import { prepareWithHook, withReservation } from '../storage-hooks.ts'
import type { Tools } from '../tools.ts'
import type { Warner } from '../context.ts'
import { unsavedEntry } from '../unsaved-entry.ts'
import { createObject } from './create-object.ts'

export interface Update {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly user: UserInfo
  readonly dryRun: boolean
  readonly warn?: Warner | undefined
  /** Who owns what changes; absent: the server. */
  readonly manager?: string | undefined
  /** `make` settles the `managedFields` of what it makes (an apply, a scale). */
  readonly managed?: true | undefined
  /** Create the object when it is not there, whatever the kind says (an apply). */
  readonly creates?: true | undefined
  /** For admission: the options of the request as those of an update, and as those of a creation. */
  readonly options?: AdmissionRequest['options']
  readonly createOptions?: AdmissionRequest['options']
  /** What admission is shown instead of the object (a `Scale`), and how its changes come back. */
  readonly face?: Face | undefined
  /**
   * The new object, private and undefaulted, made from the one there is (frozen, in the form of `kind`). Called again
   * when somebody else was faster. Without `current` it makes the object to create, where the kind allows that.
   */
  make(current: KubeObject | undefined): any
}

export interface Face {
  readonly subresource: string
  show(object: any): any
  take(object: any, shown: any): void
}

export interface Updated {
  readonly entry: Pick<CacheEntry, 'object' | 'bytes'>
  readonly created: boolean
}

/** How often a write begins again because somebody else was faster. */
const tries = 100

/** The way of a change into the store: precondition, admission, what may not change, validation, compare-and-set. */
export async function updateObject(tools: Tools, update: Update): Promise<Updated> {
  const { kind, name } = update
  const cache = tools.resources.cache(kind)
  const key = tools.resources.key(kind, update.namespace, name)
  for (let attempt = 1; ; attempt++) {
    const entry = await cache.get(key)
    if (!entry) {
      const made = await createInstead(tools, update).catch((error: unknown) => {
        // Somebody else made it meanwhile: then it is an update after all.
        if (isAlreadyExists(error) && attempt < tries) return undefined
        throw error
      })
      if (made) return made
      continue
    }
    if (kind.storedAs) await facesReady(kind, [entry.object])
    const current = faceOf(kind, entry.object)
    const object = update.make(current)
    checkPreconditions(kind, object, current, update.subresource)
    try {
      return { entry: await change(tools, update, entry, object, current), created: false }
    } catch (error) {
      if (!(error instanceof StoreError) || (error.reason !== 'conflict' && error.reason !== 'missing')) throw error
      // Whoever named a version fails the precondition on the next round; whoever did not gets through.
      if (attempt >= tries) throw staleWrite(kind, name)
    }
  }
}

async function createInstead(tools: Tools, update: Update): Promise<Updated> {
  const { kind, name, namespace, user, dryRun, warn, manager, managed, createOptions: options } = update
  if (!(kind.createOnUpdate || update.creates) || update.subresource !== '') throw notFound(kind, name)
  const object = update.make(undefined)
  if (object.metadata.uid && update.creates) throw conflict(kind, name, `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`)
  if (object.metadata.uid) throw conflict(kind, name, storageError(tools.resources.key(kind, namespace, name), object.metadata.uid, ''))
  delete object.metadata.resourceVersion
  await checkMayCreate(tools, update)
  return { entry: await createObject(tools, { kind, object, namespace, user, dryRun, warn, manager, managed, options }), created: true }
}

/** Who may change things may not for that make them. */
async function checkMayCreate(tools: Tools, { kind, namespace, name, user }: Update): Promise<void> {
  const { group, version, resource } = kind
  const attributes = { user, verb: 'create', isResource: true, path: '', group, version, resource, subresource: '', namespace, name }
  const decision = await tools.authorizer.authorize(attributes)
  if (decision.verdict !== 'allow') throw refusal(attributes, decision.reason)
}

const storageError = (key: string, asked: string, there: string): string =>
  `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${there}`

/** 409 when the object is another (uid) or newer (resourceVersion) than the writer thinks. */
function checkPreconditions(kind: Kind, object: KubeObject, current: KubeObject, subresource: string): void {
  const { metadata } = object
  if (metadata.uid && metadata.uid !== current.metadata.uid) {
    throw conflict(kind, current.metadata.name, storageError(`/registry/${kind.storage}/${current.metadata.namespace ? `${current.metadata.namespace}/` : ''}${current.metadata.name}`, metadata.uid, current.metadata.uid ?? ''))
  }
  const conditional = Boolean(metadata.resourceVersion) && metadata.resourceVersion !== '0'
  if (conditional && metadata.resourceVersion !== current.metadata.resourceVersion) throw staleWrite(kind, current.metadata.name)
  if (!conditional && kind.unconditionalUpdate === false && subresource === '') {
    throw invalid({ group: kind.group, kind: kind.resource }, current.metadata.name, [{ type: 'Invalid', field: 'metadata.resourceVersion', value: 0, printed: '0x0', detail: 'must be specified for an update' }])
  }
}

async function change(tools: Tools, update: Update, entry: CacheEntry, object: any, old: KubeObject): Promise<Pick<CacheEntry, 'object' | 'bytes'>> {
  const { kind, namespace, name, subresource, user, dryRun } = update
  const view = subresource ? kind.subresources?.[subresource] : undefined
  kind.default?.(object)
  if (!update.managed) noteOwner(tools, kind, subresource, object, old, update.manager)
  const { managedFields } = object.metadata
  const { face } = update
  const seen = face ? { subresource: face.subresource, object: face.show(object), old: face.show(old) } : { subresource, object, old }
  const request: AdmissionRequest = { operation: 'update', kind, ...seen, namespace, name, user, dryRun, options: update.options, warn: update.warn }
  await admit(tools, request)
  face?.take(object, seen.object)
  checkManagedFields(object, managedFields, request)
  settleNamespace(kind, object, namespace)
  prepare(kind, view, object, old, { user, now: rfc3339(tools.clock.now()) })
  if (!view) prepareWithHook(tools.hooks, kind, object, old)
  const unchanged = settlesUnchanged(object, old)
  const errors = [...validateObjectMetaUpdate(object.metadata, old.metadata, kind), ...check(kind, view, object, old)]
  if (errors.length > 0) throw invalid(kind, name, errors)
  if (update.warn && !view) kind.warnings?.(object, old).forEach(update.warn)
  await validateAdmission(tools, request)
  const stored: KubeObject = kind.storedAs ? await storedForm(kind, object) : object
  const write = async () => {
    if (deletes(stored, entry.object)) return remove(tools, kind, entry, stored, dryRun)
    if (dryRun) return unsavedEntry(stored)
    if (unchanged) return entry
    return tools.store.update(tools.resources.of(kind), entry.key, entry.revision, stored, { lazy: kind.ephemeral })
  }
  return view ? write() : withReservation(tools.hooks, kind, stored, entry.object, dryRun, write)
}

/** What a writer may not change comes from the object there is. */
function prepare(kind: Kind, view: Subresource | undefined, object: any, old: any, by: Author): void {
  const { metadata } = object
  const before = old.metadata
  const { managedFields } = metadata
  metadata.generation = before.generation
  if (before.generation === undefined) delete metadata.generation
  delete metadata.selfLink
  if (!view) kind.prepareForUpdate?.(object, old, by)
  else if (view.prepareForUpdate) view.prepareForUpdate(object, old, by)
  else if (view.type === 'status') onlyStatus(object, old)
  const { metadata: after } = object
  after.uid ||= before.uid
  after.resourceVersion = before.resourceVersion
  if (before.creationTimestamp) after.creationTimestamp = before.creationTimestamp
  if (before.deletionTimestamp) after.deletionTimestamp = before.deletionTimestamp
  if (before.deletionGracePeriodSeconds !== undefined) after.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds
  // Ownership is kept for all writers, whatever a kind's own rule restores of the metadata.
  setManagedFields(object, managedFields)
}

/** A status write of a kind without a rule of its own changes nothing but `status` (and labels and annotations). */
function onlyStatus(object: any, old: any): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field === 'status' || field === 'metadata') continue
    if (field in old) object[field] = old[field]
    else delete object[field]
  }
}

function check(kind: Kind, view: Subresource | undefined, object: any, old: any) {
  if (view) return view.validateUpdate?.(object, old) ?? (view.type === 'custom' ? kind.validateUpdate?.(object, old) ?? [] : [])
  return kind.validateUpdate ? kind.validateUpdate(object, old) : kind.validate(object)
}

/** The last finalizer of an object that waits for its deletion is gone: so is the object. */
function deletes(object: KubeObject, old: KubeObject): boolean {
  if (!old.metadata.deletionTimestamp || (object.metadata.finalizers ?? []).length > 0) return false
  if (((object as { spec?: { finalizers?: string[] } }).spec?.finalizers ?? []).length > 0) return false
  return !old.metadata.deletionGracePeriodSeconds
}

async function remove(tools: Tools, kind: Kind, entry: CacheEntry, object: KubeObject, dryRun: boolean): Promise<Pick<CacheEntry, 'object' | 'bytes'>> {
  if (!dryRun) {
    await tools.store.delete(tools.resources.of(kind), entry.key, entry.revision, { lazy: kind.ephemeral })
    await tools.hooks[`${kind.group}/${kind.resource}`]?.deleted(entry.object)
  }
  return unsavedEntry(object)
}
