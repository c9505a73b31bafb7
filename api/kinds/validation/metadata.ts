import type { FieldError } from '../../errors.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../../types/meta-v1/meta.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from './equal.ts'
import { each, forbidden, immutableMessage, invalid, invalidFor, nonNegative, required, tooLong } from './field.ts'
import { validateLabels } from './labels.ts'
import { asPrefix, dnsLabel, dnsLabel1035, dnsSubdomain, qualifiedName } from './names.ts'

type NameRule = (name: string) => string[]
const root = 'metadata'
const rules: Readonly<Record<string, NameRule>> = { subdomain: dnsSubdomain, label: dnsLabel, label1035: dnsLabel1035 }

/** The rule the names of a kind follow. */
export const nameRuleOf = ({ nameRule = 'subdomain' }: Pick<Kind, 'nameRule'>): NameRule => (typeof nameRule === 'function' ? nameRule : rules[nameRule]!)

/** Every failed check of a new object's metadata. The name must already have been generated. */
export function validateObjectMeta(meta: ObjectMeta, kind: Pick<Kind, 'nameRule' | 'namespaced'> & Owned): FieldError[] {
  const rule = nameRuleOf(kind)
  return [
    ...(meta.generateName ? invalidFor(`${root}.generateName`, meta.generateName, asPrefix(rule)(meta.generateName)) : []),
    ...(meta.name ? invalidFor(`${root}.name`, meta.name, rule(meta.name)) : [required(`${root}.name`, 'name or generateName is required')]),
    ...validateNamespace(meta.namespace, kind.namespaced),
    ...nonNegative(meta.generation, `${root}.generation`),
    ...validateMutableMeta(meta, kind),
  ]
}

/** Every failed check of a change: what may never change, and the rest of the rules. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, kind: Owned = {}): FieldError[] {
  const immutable = (['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    .filter((name) => !semanticEqual(meta[name], old[name]))
    .map((name) => invalid(`${root}.${name}`, meta[name] ?? null, immutableMessage))
  return [
    ...(old.deletionTimestamp ? noNewFinalizers(meta.finalizers ?? [], old.finalizers ?? []) : []),
    ...(meta.resourceVersion ? [] : [invalid(`${root}.resourceVersion`, meta.resourceVersion ?? '', 'must be specified for an update')]),
    ...((meta.generation ?? 0) < (old.generation ?? 0) ? [invalid(`${root}.generation`, meta.generation ?? 0, 'must not be decremented')] : []),
    ...immutable,
    ...validateMutableMeta(meta, kind),
  ]
}

/** Whose metadata it is: extensions of the API are judged less strictly. */
type Owned = Partial<Pick<Kind, 'group' | 'jsonOnly'>>

/** Custom resources, and what declares them, may have finalizers without a path; the kinds of the core's own server may not. */
const anyFinalizer = ({ group, jsonOnly }: Owned): boolean => jsonOnly === true || group === 'apiextensions.k8s.io' || group === 'apiregistration.k8s.io'

function validateMutableMeta(meta: ObjectMeta, kind: Owned): FieldError[] {
  return [
    ...validateLabels(meta.labels, `${root}.labels`),
    ...validateAnnotations(meta.annotations, `${root}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences ?? [], `${root}.ownerReferences`),
    ...validateFinalizers(meta.finalizers ?? [], `${root}.finalizers`, anyFinalizer(kind)),
    ...each(meta.managedFields, `${root}.managedFields`, validateManagedFields),
  ]
}

function validateNamespace(namespace: string | undefined, namespaced: boolean): FieldError[] {
  if (!namespaced) return namespace ? [forbidden(`${root}.namespace`, 'not allowed on this type')] : []
  return namespace ? invalidFor(`${root}.namespace`, namespace, dnsLabel(namespace)) : [required(`${root}.namespace`)]
}

const annotationLimit = 256 * 1024

/** Keys are qualified names in any case; all together they are at most 256 KiB. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    ...entries.flatMap(([key]) => invalidFor(field, key, qualifiedName(key.toLowerCase()))),
    ...(size > annotationLimit ? [tooLong(field, annotationLimit)] : []),
  ]
}

function validateOwnerReferences(references: readonly OwnerReference[], field: string): FieldError[] {
  const controllers = references.filter((reference) => reference.controller).map(({ kind, name }) => `${kind}/${name}`)
  return [
    ...references.flatMap((reference) => validateOwnerReference(reference, field)),
    ...controllers.slice(1).map((other) =>
      invalid(field, references, `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${other}`)),
  ]
}

function validateOwnerReference(reference: OwnerReference, field: string): FieldError[] {
  const { apiVersion, kind, name, uid } = reference
  return [
    ...(apiVersion ? [] : [invalid(`${field}.apiVersion`, apiVersion ?? '', 'version must not be empty')]),
    ...(kind ? [] : [invalid(`${field}.kind`, kind ?? '', 'must not be empty')]),
    ...(name ? [] : [invalid(`${field}.name`, name ?? '', 'must not be empty')]),
    ...(uid ? [] : [invalid(`${field}.uid`, uid ?? '', 'must not be empty')]),
    ...(apiVersion === 'v1' && kind === 'Event' ? [invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner')] : []),
  ]
}

const orphan = 'orphan'
const foreground = 'foregroundDeletion'
const standardFinalizers = new Set(['kubernetes', orphan, foreground])

function validateFinalizers(finalizers: readonly string[], field: string, anyForm: boolean): FieldError[] {
  return [
    ...finalizers.flatMap((finalizer) => invalidFor(field, finalizer, qualifiedName(finalizer))),
    ...(finalizers.includes(orphan) && finalizers.includes(foreground) ? [invalid(field, finalizers, `finalizer ${orphan} and ${foreground} cannot be both set`)] : []),
    ...(anyForm ? [] : each(finalizers, field, standardOrQualified)),
  ]
}

/** A finalizer without a domain must be one of the few known ones. */
const standardOrQualified = (finalizer: string, field: string): FieldError[] =>
  (finalizer.includes('/') || standardFinalizers.has(finalizer) ? [] : [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')])

/** One finalizer of `spec.finalizers` of a Namespace. */
export const validateFinalizerName = (finalizer: string, field: string): FieldError[] =>
  [...invalidFor(field, finalizer, qualifiedName(finalizer)), ...standardOrQualified(finalizer, field)]

function noNewFinalizers(finalizers: readonly string[], old: readonly string[]): FieldError[] {
  const extra = finalizers.filter((finalizer) => !old.includes(finalizer)).sort()
  const text = `[]string{${extra.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`
  return extra.length ? [forbidden(`${root}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers ${text}`)] : []
}

function validateManagedFields(entry: ManagedFieldsEntry, field: string): FieldError[] {
  return [
    ...(entry.operation === 'Apply' || entry.operation === 'Update' ? [] : [invalid(`${field}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`')]),
    ...(entry.fieldsType && entry.fieldsType !== 'FieldsV1' ? [invalid(`${field}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`')] : []),
    ...(Buffer.byteLength(entry.manager ?? '') > 128 ? [tooLong(`${field}.manager`, 128)] : []),
    ...(Buffer.byteLength(entry.subresource ?? '') > 256 ? [tooLong(`${field}.subresource`, 256)] : []),
  ]
}
