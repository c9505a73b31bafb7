import type { StructSchema } from '../schema/schema.ts'
import type { KubeObject } from '../object.ts'
import type { Kind } from './kind.ts'

/** What a kind that is only ever asked, and never stored, says of itself. The server answers by a handler of its own, found by `resource`. */
export interface Question<T extends KubeObject> {
  readonly kind: string
  readonly namespaced?: boolean
  readonly schema: StructSchema
  readonly doc: string
  readonly validate?: Kind<T>['validate']
}

/** A create-only kind of a group: `TokenReview`, `SubjectAccessReview`. */
export const review = <T extends KubeObject>(group: string, { kind, namespaced = false, schema, doc, validate = () => [] }: Question<T>): Kind<T> => {
  const singular = kind.toLowerCase()
  return { group, version: 'v1', kind, resource: `${singular}s`, singular, namespaced, verbs: ['create'], schema, storage: `${singular}s`, doc, validate }
}
