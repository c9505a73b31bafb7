import { alreadyExists, ApiError, invalid } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { CacheEntry } from '../../store/cache.ts'
import { StoreError } from '../../store/log.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { storedForm } from '../object-response.ts'
import { unsavedEntry } from '../unsaved-entry.ts'
import { settleNamespace } from '../object-names.ts'
import { checkManagedFields, noteOwner, setManagedFields } from '../ownership.ts'
import { generatedName, uid } from '../random-names.ts'
import { prepareWithHook, withReservation } from '../storage-hooks.ts'
import type { Tools } from '../tools.ts'
import type { Warner } from '../context.ts'
import { validateObjectMeta } from '../../../api/kinds/validation/metadata.ts'

export interface Creation {
  readonly kind: Kind
  /** Decoded, private; is completed in place. */
  readonly object: any
  readonly namespace: string
  readonly user: UserInfo
  readonly dryRun: boolean
  readonly subresource?: string
  readonly warn?: Warner | undefined
  /** Who owns what the object says; absent: the server. */
  readonly manager?: string | undefined
  /** The object's `managedFields` are settled already (an apply). */
  readonly managed?: true | undefined
  /** For admission: the `CreateOptions`. */
  readonly options?: AdmissionRequest['options']
}

/** How often a generated name that is taken is drawn anew. */
const tries = 8

/** The way of a new object into the store: defaults, metadata, admission, validation, reservation, write. */
export async function createObject(tools: Tools, creation: Creation): Promise<Pick<CacheEntry, 'object' | 'bytes'>> {
  const { kind, object, user, dryRun } = creation
  if (object.metadata.resourceVersion) throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created')
  settleNamespace(kind, object, creation.namespace)
  kind.default?.(object)
  fillMetadata(tools, object)
  if (creation.managed) setManagedFields(object, object.metadata.managedFields)
  else noteOwner(tools, kind, creation.subresource ?? '', object, undefined, creation.manager)
  const generated = !object.metadata.name && object.metadata.generateName
  for (let attempt = 1; ; attempt++) {
    if (generated) object.metadata.name = generatedName(object.metadata.generateName, tools.clock)
    const candidate = generated ? structuredClone(object) : object
    try {
      return await attemptCreate(tools, { ...creation, object: candidate }, { operation: 'create', kind, subresource: creation.subresource ?? '', namespace: creation.namespace, name: candidate.metadata.name, object: candidate, old: undefined, user, dryRun, options: creation.options, warn: creation.warn })
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists' || !generated || attempt >= tries) throw error
    }
  }
}

async function attemptCreate(tools: Tools, creation: Creation, request: Parameters<typeof admit>[1]): Promise<Pick<CacheEntry, 'object' | 'bytes'>> {
  const { kind, object, dryRun } = creation
  const { managedFields } = object.metadata
  await admit(tools, request)
  checkManagedFields(object, managedFields, request)
  kind.prepareForCreate?.(object, { user: creation.user, now: rfc3339(tools.clock.now()) })
  prepareWithHook(tools.hooks, kind, object, undefined)
  const errors = [...validateObjectMeta(object.metadata, kind), ...kind.validate(object)]
  if (errors.length > 0) throw invalid(kind, object.metadata.name ?? '', errors)
  if (creation.warn) kind.warnings?.(object).forEach(creation.warn)
  await validateAdmission(tools, request)
  const stored: KubeObject = kind.storedAs ? await storedForm(kind, object) : object
  return withReservation(tools.hooks, kind, stored, undefined, dryRun, () => write(tools, kind, stored, dryRun))
}

function fillMetadata({ clock }: Tools, object: KubeObject): void {
  const { metadata } = object
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  metadata.uid = uid(clock)
  metadata.creationTimestamp = rfc3339(clock.now())
}

async function write(tools: Tools, kind: Kind, object: KubeObject, dryRun: boolean): Promise<Pick<CacheEntry, 'object' | 'bytes'>> {
  const { name, namespace } = object.metadata
  const key = tools.resources.key(kind, namespace ?? '', name)
  if (dryRun) {
    const there = await tools.resources.cache(kind).get(key)
    if (there) throw taken(kind, name, there.object)
    return unsavedEntry(object)
  }
  try {
    return await tools.store.create(tools.resources.of(kind), key, object, { lazy: kind.ephemeral })
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'exists') throw taken(kind, name, tools.resources.cache(kind).peek(key)?.object)
    throw error
  }
}

function taken(kind: Kind, name: string, there: KubeObject | undefined): ApiError {
  const error = alreadyExists(kind, name)
  return there?.metadata.deletionTimestamp ? new ApiError(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.details) : error
}
