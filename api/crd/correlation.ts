import { isDeepStrictEqual } from 'node:util'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { isObject, ownValue } from './json-value.ts'

/**
 * A value of a new object with the one of the old object it comes from. What was wrong and did not change is let pass
 * (ratcheting), so that a schema can become stricter while objects are there.
 */
export class Correlation {
  readonly value: unknown
  readonly old: unknown
  readonly #schema: JSONSchemaProps | undefined
  #equal: boolean | undefined

  constructor(value: unknown, old: unknown, schema: JSONSchemaProps | undefined) {
    this.value = value
    this.old = old
    this.#schema = schema
  }

  get equal(): boolean { return (this.#equal ??= isDeepStrictEqual(this.value, this.old)) }

  /** The field of both; undefined when one does not have it. */
  key(name: string): Correlation | undefined {
    const schema = this.#schema && (ownValue(this.#schema.properties, name) ?? additionalOf(this.#schema))
    if (!schema || !isObject(this.value) || !isObject(this.old) || !Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined
    return new Correlation(this.value[name], this.old[name], schema)
  }

  /** The item of both that has the same keys; only lists that are maps know which that is. */
  index(at: number): Correlation | undefined {
    if (!this.#schema || !Array.isArray(this.value)) return undefined
    const old = oldItem(this.value[at], this.old, this.#schema)
    return old === undefined ? undefined : new Correlation(this.value[at], old, itemsOf(this.#schema))
  }
}

/** The item of an old list that an item of the new one comes from. */
export function oldItem(item: unknown, old: unknown, schema: JSONSchemaProps): unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || !isObject(item)) return undefined
  return old.find((candidate) => isObject(candidate) && keys.every((key) => isDeepStrictEqual(ownValue(candidate, key), ownValue(item, key))))
}
