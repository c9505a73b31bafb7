import { apiVersionOf } from '../kinds/kind.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import { decode } from '../schema/decode.ts'
import { resolve } from '../schema/schema.ts'
import type { StructSchema } from '../schema/schema.ts'

/**
 * Optional fields that the original holds by value: they are there in an object that says nothing, and so are nobody's
 * (`spec`, `spec.template`, `spec.strategy`), where a pointer's field belongs to who set it.
 */
const byValue: ReadonlySet<string> = new Set([
  'spec', 'status', 'metadata', 'strategy', 'updateStrategy', 'template', 'resources', 'loadBalancer', 'daemonEndpoints', 'kubeletEndpoint', 'nodeInfo',
  'source', 'deprecatedSource', 'regarding', 'user', 'userInfo',
])

const known = new WeakMap<Kind, KubeObject>()

/** An object of the kind before anybody has said anything; frozen. */
export function emptyObject(kind: Kind): KubeObject {
  const there = known.get(kind)
  if (there) return there
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind }
  const made = kind.jsonOnly ? { ...type, metadata: {} } : { ...filled(kind.schema, decode(kind.schema, type, 'Ignore').object), ...type }
  known.set(kind, Object.freeze(made) as unknown as KubeObject)
  return made as unknown as KubeObject
}

function filled(schema: StructSchema, object: Record<string, unknown>): Record<string, unknown> {
  for (const [name, field] of Object.entries(schema.fields)) {
    const inner = resolve(field.schema)
    if (inner.kind !== 'struct') continue
    if (object[name] === undefined && byValue.has(name) && field.presence !== 'required') object[name] = {}
    if (object[name] !== undefined) filled(inner, object[name] as Record<string, unknown>)
  }
  return object
}
