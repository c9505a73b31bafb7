import type { Writable } from './reset-fields.ts'
import type { Shape } from './shape.ts'
import type { Json } from './typed.ts'

/** How an object looks in a version, and the way there from the version of the request and back. */
export interface VersionView {
  readonly shape: Shape
  to(object: Json): Json
  from(object: Json): Json
}

/** What is known of the kind that is written. */
export interface Ownership {
  /** The version of the request, in which objects are given. */
  readonly apiVersion: string
  readonly shape: Shape
  /** `''`, or the subresource that is written. */
  readonly subresource: string
  /** What of a set can be written here: no `status` through the main resource. */
  readonly writable: Writable
  /** Undefined for a version that is served no more: its entries are dropped. */
  view(apiVersion: string): VersionView | undefined
}
