import { fieldErrorBody } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import { decode } from '../schema/decode.ts'
import type { Kind } from './kind.ts'

/*
 * What the tests of the kinds share: an object is taken through the door the way the server does it.
 */

type Rough = Record<string, unknown> & { metadata?: Record<string, unknown> }

/** Decoded, defaulted and prepared as for a create. */
export function created<T extends KubeObject>(kind: Kind<T>, rough: Rough): T {
  const namespace = kind.namespaced ? { namespace: 'default' } : {}
  const object = decoded(kind, { ...rough, metadata: { name: 'x', ...namespace, ...rough.metadata } })
  kind.default?.(object)
  kind.prepareForCreate?.(object)
  return object
}

function decoded<T extends KubeObject>(kind: Kind<T>, object: Rough): T {
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version
  return decode<T>(kind.schema, { apiVersion, kind: kind.kind, ...object }, 'Strict').object
}

/** The failed checks of a new object, each as `path: sentence`. */
export const failures = (kind: Kind, rough: Rough): string[] => kind.validate(created(kind, rough)).map(print)

/** The failed checks of a change: `change` edits a copy of the stored object. */
export function changeFailures<T extends KubeObject>(kind: Kind<T>, rough: Rough, change: (object: T) => void, subresource?: string): string[] {
  const { object, old } = changed(kind, rough, change, subresource)
  const validate = subresource ? kind.subresources?.[subresource]?.validateUpdate : kind.validateUpdate
  return validate?.(object, old).map(print) ?? []
}

/** The object after a change came through the door, before validation. */
export function changed<T extends KubeObject>(kind: Kind<T>, rough: Rough, change: (object: T) => void, subresource?: string): { object: T; old: T } {
  const old = created(kind, rough)
  const object = structuredClone(old)
  change(object)
  kind.default?.(object)
  const prepare = subresource ? kind.subresources?.[subresource]?.prepareForUpdate : kind.prepareForUpdate
  prepare?.(object, old)
  return { object, old }
}

/** The cells `kubectl get -o wide` shows of a new object; the name apart, and the age, which is the clock's. */
export const row = (kind: Kind, rough: Rough, now = 0) =>
  kind.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(created(kind, rough), now))

export const print = (error: FieldError): string => `${error.field}: ${fieldErrorBody(error)}`
