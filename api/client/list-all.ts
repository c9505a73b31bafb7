import { isGone } from '../errors.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import type { Client, ListOptions } from './client.ts'

export interface Listing<T> {
  readonly items: readonly T[]
  /** The revision all items are true at; a watch goes on from it. */
  readonly revision: string
}

const pageSize = 500

/**
 * A whole collection, page by page. When the history behind a `continue` token is compacted away in the middle, the list
 * is taken again in one piece, as client-go's pager does.
 */
export async function listAll<T extends KubeObject>(client: Client, kind: Kind<T>, options: ListOptions = {}): Promise<Listing<T>> {
  const items: T[] = []
  let token: string | undefined
  try {
    for (;;) {
      const page = await client.list(kind, { ...options, limit: pageSize, ...(token && { continue: token }) })
      items.push(...page.items)
      token = page.metadata.continue
      if (!token) return { items, revision: page.metadata.resourceVersion ?? '' }
    }
  } catch (error) {
    if (!token || !isGone(error)) throw error
    const whole = await client.list(kind, options)
    return { items: whole.items, revision: whole.metadata.resourceVersion ?? '' }
  }
}
