import type { Client } from '../../../api/client/client.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { keyOf, parseKey } from '../../../api/object.ts'
import { unless } from '../shared/unless.ts'
import type { Remainder } from './namespace-conditions.ts'

export interface Content { readonly left: readonly Remainder[]; readonly failures: readonly string[] }

/**
 * Asks for the deletion of everything in a namespace and tells what is still there. Pods go first, and the rest not
 * before they are gone: a running program may still need its secrets or the policies that fence it in.
 */
export async function deleteContent(client: Client, kinds: readonly Kind[], namespace: string): Promise<Content> {
  const isPods = (kind: Kind) => kind.group === '' && kind.resource === 'pods'
  const pods = await deleteKinds(client, kinds.filter(isPods), namespace)
  return pods.left.length > 0 || pods.failures.length > 0 ? pods : deleteKinds(client, kinds.filter((kind) => !isPods(kind)), namespace)
}

async function deleteKinds(client: Client, kinds: readonly Kind[], namespace: string): Promise<Content> {
  const results = await Promise.all(kinds.map(async (kind) => {
    try {
      return { remainder: await deleteKind(client, kind, namespace) }
    } catch (error) {
      return { failure: (error as Error).message }
    }
  }))
  return { left: results.flatMap(({ remainder }) => remainder ?? []), failures: results.flatMap(({ failure }) => failure ?? []) }
}

async function deleteKind(client: Client, kind: Kind, namespace: string): Promise<Remainder | undefined> {
  const before = await client.list(kind, { namespace })
  if (before.items.length === 0) return undefined
  if (kind.verbs.includes('deletecollection')) await client.deleteCollection(kind, { namespace, propagation: 'Background' })
  else await Promise.all(before.items.map((object) => client.delete(kind, parseKey(keyOf(object)), { propagation: 'Background' }).catch(unless(isNotFound, isConflict))))
  const { items } = await client.list(kind, { namespace })
  return items.length > 0 ? { resource: `${kind.resource}.${kind.group}`, count: items.length, finalizers: finalizersOf(items) } : undefined
}

function finalizersOf(items: readonly KubeObject[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { metadata: { finalizers } } of items) for (const name of finalizers ?? []) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
