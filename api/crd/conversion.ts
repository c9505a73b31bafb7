import type { Kind, StoredAs } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import type { ResourceSchema } from './resource-schema.ts'

/**
 * Asks a conversion webhook for objects in another version; the answers stand in the order of the questions. Rejects with an
 * `ApiError` whose message is the original's: `conversion webhook for example.com/v1, Kind=Widget failed: …`.
 */
export type Converter = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>

export interface Conversion {
  /** The kind in whose form objects are written from now on; what lies in the store may still have that of older versions. */
  readonly stored: Kind
  /** By `apiVersion`. */
  readonly schemas: ReadonlyMap<string, ResourceSchema>
  /** Absent: versions differ in their name only. */
  readonly converter: Converter | undefined
}

/** How objects of one version (`apiVersion`) lie in the store. */
export function conversionOf(apiVersion: string, { stored, schemas, converter }: Conversion): StoredAs {
  const storedVersion = `${stored.group}/${stored.version}`
  const own = schemas.get(apiVersion)
  /** Stored objects are frozen and never change, so what became of them is kept. */
  const faces = new WeakMap<KubeObject, KubeObject>()
  const keep = (object: KubeObject, face: KubeObject): KubeObject => {
    if (!Object.isFrozen(object)) return face
    freeze(face)
    faces.set(object, face)
    return face
  }
  /** As the schema of its own version has it by now: defaults that came later are filled in, fields that went are dropped. */
  const current = (object: KubeObject): KubeObject => schemas.get(object.apiVersion)?.settle(object, true) ?? object
  const renamed = (object: KubeObject, to: string): KubeObject => schemas.get(to)?.settle({ ...object, apiVersion: to }, false) ?? { ...object, apiVersion: to }
  const convertible = (object: KubeObject): boolean => converter !== undefined && object.apiVersion !== apiVersion && schemas.has(object.apiVersion)

  return {
    kind: stored,
    toStored: (object: KubeObject) => (apiVersion === storedVersion ? object : renamed(object, storedVersion)),
    ...(converter && apiVersion !== storedVersion && {
      toStoredLater: (object: KubeObject) => converter([object], storedVersion).then(([converted]) => schemas.get(storedVersion)!.settle(converted!, false)),
    }),
    fromStored(object: KubeObject) {
      const known = faces.get(object)
      if (known) return known
      if (convertible(object)) throw new Error(`${object.metadata.name} has not been converted to ${apiVersion}`)
      // What is not frozen does not come out of the store (ownership is compared across versions).
      const settled = Object.isFrozen(object) ? current(object) : object
      return keep(object, settled.apiVersion === apiVersion ? settled : renamed(settled, apiVersion))
    },
    ...(converter && {
      ready(objects: readonly KubeObject[]) {
        const waiting = objects.filter((object) => convertible(object) && !faces.has(object))
        if (waiting.length === 0) return undefined
        return converter(waiting.map(current), apiVersion).then((converted) => {
          waiting.forEach((object, i) => faces.set(object, freeze(own?.settle(converted[i]!, false) ?? converted[i]!)))
        })
      },
    }),
  }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}
