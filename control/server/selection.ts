import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { matchesFields, parseFieldSelector, requiredField } from '../../api/selectors/fields.ts'
import { matchesLabels, parseLabelSelector } from '../../api/selectors/labels.ts'
import { faceOf } from './object-response.ts'

/** What a list, watch or collection deletion is narrowed to. */
export interface Selection {
  /** Decides on a stored, frozen object; undefined: all of them. */
  readonly filter: ((object: KubeObject) => boolean) | undefined
  /**
   * Of a kind that converts by webhook, when its own fields are asked for: they can only be looked at after conversion. `early` is
   * the filter without them, `face` decides on the converted object. `filter` does both, on objects that have been converted before.
   */
  readonly converted?: { readonly early: ((object: KubeObject) => boolean) | undefined; readonly face: (object: KubeObject) => boolean }
  /** The one name asked for, by `metadata.name=` or by the path. */
  readonly name: string | undefined
  /** The one namespace asked for by `metadata.namespace=`. */
  readonly namespace: string | undefined
  /** The node asked for by `spec.nodeName=`, an index of the watch cache. */
  readonly nodeName: string | undefined
}

const all: Selection = Object.freeze({ filter: undefined, name: undefined, namespace: undefined, nodeName: undefined })

/** Reads `labelSelector` and `fieldSelector`; 400 in the original's words for what it cannot read or the kind does not know. */
export function selectionOf(kind: Kind, query: URLSearchParams, pathName = ''): Selection {
  const labelText = query.get('labelSelector')
  const fieldText = query.get('fieldSelector')
  if (!labelText && !fieldText && !pathName) return all
  const labels = labelText ? parseLabelSelector(labelText) : undefined
  const known = Object.keys(kind.fieldLabels ?? {})
  const fields = fieldText ? parseFieldSelector(fieldText, known) : undefined
  const name = pathName || (fields && requiredField(fields, 'metadata.name'))
  const early = (stored: KubeObject): boolean => (!pathName || stored.metadata.name === pathName) && (!labels || matchesLabels(labels, stored.metadata.labels))
  const filter = (stored: KubeObject): boolean => early(stored) && (!fields || matchesFields(fields, (field) => fieldOf(kind, stored, field, faceOf)))
  const late = fields && kind.storedAs?.ready && known.some((field) => fieldText!.includes(field))
  return {
    filter, ...(late && { converted: { early, face: (object) => matchesFields(fields, (field) => fieldOf(kind, object, field, same)) } }), name: name || undefined, namespace: (fields && requiredField(fields, 'metadata.namespace')) || undefined,
    nodeName: kind.storedAs ? undefined : fields && requiredField(fields, 'spec.nodeName'),
  }
}

const same = (_: Kind, object: KubeObject): KubeObject => object

/** Names are the same in all forms of an object; other fields are those of its face. */
function fieldOf(kind: Kind, object: KubeObject, field: string, face: typeof faceOf): string {
  if (field === 'metadata.name') return object.metadata.name
  if (field === 'metadata.namespace') return object.metadata.namespace ?? ''
  return kind.fieldLabels?.[field]?.(face(kind, object)) ?? ''
}
