import type { Schema } from './schema.ts'
import { resolve } from './schema.ts'

/** `apps/v1.Deployment` → `v1`, `Deployment`. */
export function splitName(name: string): [string, string] {
  const dot = name.lastIndexOf('.')
  return [name.slice(name.indexOf('/') + 1, dot), name.slice(dot + 1)]
}

/** The Go type a schema stands for, as reflection prints it. */
export function goType(schema: Schema): string {
  switch (schema.kind) {
    case 'lazy': return goType(resolve(schema))
    case 'list': return `[]${goType(schema.items)}`
    case 'map': return `map[string]${goType(schema.values)}`
    case 'struct': return splitName(schema.name).join('.')
    case 'bytes': return '[]uint8'
    case 'quantity': return 'resource.Quantity'
    case 'intOrString': return 'intstr.IntOrString'
    case 'time': return 'v1.Time'
    case 'microTime': return 'v1.MicroTime'
    case 'raw': return 'runtime.RawExtension'
    case 'fields': return 'v1.FieldsV1'
    case 'duration': return 'v1.Duration'
    default: return schema.kind
  }
}
