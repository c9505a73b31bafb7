import type { KubeObject } from '../object.ts'
import { compare } from './compare.ts'
import { difference } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { mistakesOf } from './apply-config.ts'
import { toFieldSet } from './to-set.ts'
import { isObject } from './typed.ts'
import type { Json } from './typed.ts'
import type { Ownership } from './versions.ts'

/** Where `kubectl apply` of the client's side keeps what it applied. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'
/** The annotations of an object may hold that many bytes together. */
const maxAnnotationBytes = 256 * 1024

/**
 * What `kubectl` may take without a conflict because it applied it from the client's side before and it is so still. Undefined
 * when there is no such configuration.
 */
export function takenOver({ shape, apiVersion }: Ownership, live: KubeObject): FieldSet | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation]
  if (!text) return undefined
  const config = parsed(text)
  if (!config || config['apiVersion'] !== apiVersion || mistakesOf(shape, config) !== undefined) return undefined
  const { added, modified, removed } = compare(shape, config, live)
  return difference(difference(difference(toFieldSet(shape, config), modified), added), removed)
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Keeps the annotation true for clients that still apply from their side: the annotations of the object with it. */
export function withLastApplied(annotations: Readonly<Record<string, string>>, config: Json): Record<string, string> {
  const metadata = isObject(config['metadata']) ? config['metadata'] : {}
  const said = isObject(metadata['annotations']) ? metadata['annotations'] : undefined
  const { [lastAppliedAnnotation]: _, ...others } = said ?? {}
  const { annotations: __, ...plain } = metadata
  const shown = { ...config, metadata: { ...plain, ...(said && Object.keys(others).length > 0 && { annotations: others }) } }
  const out = { ...annotations, [lastAppliedAnnotation]: `${JSON.stringify(sorted(shown))}\n` }
  const bytes = Object.entries(out).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  if (bytes <= maxAnnotationBytes) return out
  const { [lastAppliedAnnotation]: ___, ...rest } = out
  return rest
}

/** Keys in order, as Go writes a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}
