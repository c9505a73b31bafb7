import type { Kind } from '../kinds/kind.ts'

/** API machinery that lives outside `k8s.io/api`, by the short group name of our schemas. */
const machinery: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

/** The original's name of a definition: `core/v1.Pod` → `io.k8s.api.core.v1.Pod`, `example.com/v1.Tab` → `com.example.v1.Tab`. */
export function definitionName(schemaName: string): string {
  const slash = schemaName.indexOf('/')
  const group = schemaName.slice(0, slash)
  const rest = schemaName.slice(slash + 1)
  const prefix = Object.hasOwn(machinery, group) ? machinery[group] : group.includes('.') ? group.split('.').reverse().join('.') : `io.k8s.api.${group}`
  return `${prefix}.${rest}`
}

export const definitionOf = (kind: Kind): string => definitionName(kind.schema.name)
export const listDefinitionOf = (kind: Kind): string => `${definitionOf(kind).replace(/[^.]+$/, '')}${kind.listKind ?? `${kind.kind}List`}`

export interface GroupVersionKind { readonly group: string; readonly version: string; readonly kind: string }

export const gvkOf = ({ group, version, kind }: GroupVersionKind): GroupVersionKind => ({ group, kind, version })

/** `core` → `Core`, `discovery.k8s.io` → `Discovery`: how operation ids call a group. */
export const groupWord = (group: string): string => capital((group || 'core').split('.')[0]!)
export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
