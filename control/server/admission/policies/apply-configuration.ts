import { merge } from '../../../../api/apply/merge.ts'
import { shapeOf } from '../../../../api/apply/shape.ts'
import type { Shape } from '../../../../api/apply/shape.ts'
import { childShape, isObject } from '../../../../api/apply/typed.ts'
import { apiVersionOf } from '../../../../api/kinds/kind.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'

/** Merges what an ApplyConfiguration expression made into the object, by the lists' keys. Throws an Error with what is wrong. */
export function applyConfiguration(kind: Kind, object: Readonly<Record<string, unknown>>, made: unknown): unknown {
  if (!isObject(made)) throw new Error('unsupported return type from ApplyConfiguration expression')
  const shape = shapeOf(kind.schema, kind.jsonOnly ?? false)
  const atomics = atomicsIn(shape, made, '')
  if (atomics.length > 0) throw new Error(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`)
  return merge(shape, object, { ...made, apiVersion: apiVersionOf(kind), kind: kind.kind })
}

/** What has one owner as a whole may not be set in part: the rest of it would be lost unseen. */
function atomicsIn(shape: Shape, value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    if (shape.type !== 'list') return shape.type === 'free' ? [path] : []
    if (shape.atomic) return [path]
    return value.flatMap((item, i) => atomicsIn(shape.element(), item, `${path}[${i}]`))
  }
  if (!isObject(value) || (shape.type !== 'struct' && shape.type !== 'map' && shape.type !== 'free')) return []
  if (shape.type !== 'free' && shape.atomic) return [path]
  return Object.entries(value).flatMap(([name, child]) => atomicsIn(childShape(shape, name), child, `${path}.${name}`))
}
