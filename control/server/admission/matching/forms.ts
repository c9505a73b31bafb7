import type { Kind } from '../../../../api/kinds/kind.ts'
import { decode } from '../../../../api/schema/decode.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { facesReady, faceOf, storedForm } from '../../object-response.ts'
import type { AdmissionRequest } from '../admission.ts'

/** Whether the object is of the kind itself; that of a subresource may be another (`Scale`, `Eviction`). */
const isOfKind = (kind: Kind, object: KubeObject): boolean => object.kind === kind.kind

/** An object of one version of a stored kind in the form of another. */
export async function convert<T extends KubeObject | undefined>(object: T, from: Kind, to: Kind): Promise<T> {
  if (!object || from === to || !isOfKind(from, object)) return object
  const stored = from.storedAs ? await storedForm(from, structuredClone(object)) : object
  await facesReady(to, [stored])
  return faceOf(to, stored) as T
}

/** Puts what somebody made of the object (JSON, in the form of `from`) in the place of the request's object. */
export async function replaceObject({ kind, object }: AdmissionRequest, made: unknown, from: Kind): Promise<void> {
  const changed = isOfKind(from, object) ? await convert(decoded(from, made), from, kind) : made
  const fresh = Object.isFrozen(changed) ? structuredClone(changed) : changed
  for (const key of Object.keys(object)) delete object[key]
  Object.assign(object, fresh)
}

function decoded(kind: Kind, value: unknown): KubeObject {
  const { object } = kind.decode ? kind.decode(value, 'Ignore') : decode(kind.schema, value, 'Ignore')
  kind.default?.(object)
  return object
}
