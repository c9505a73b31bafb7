import { union } from './field-set.ts'
import { identityOf, withSet } from './owners.ts'
import type { Owner } from './owners.ts'

/** How many owners by update an object keeps apart. */
export const maxUpdateOwners = 10

/** Puts the oldest owners by update together, one heap for each version, until there are few enough. In place. */
export function capOwners(owners: Map<string, Owner>): void {
  const updates = [...owners].filter(([, owner]) => owner.operation === 'Update')
  let count = updates.length
  if (count <= maxUpdateOwners) return
  updates.sort(([a, one], [b, other]) => compareText(one.time ?? '', other.time ?? '') || compareText(a, b))
  const firsts = new Map<string, string>()
  for (const [id, { apiVersion }] of updates) {
    if (count <= maxUpdateOwners) return
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, id)
      continue
    }
    const heap = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' } as const
    const heapId = identityOf(heap)
    if (!owners.has(heapId)) {
      owners.set(heapId, { ...owners.get(first)!, ...heap, id: heapId, entry: undefined })
      if (first !== heapId) owners.delete(first)
    }
    if (id === heapId) continue
    const { set, time } = owners.get(id)!
    const heaped = owners.get(heapId)!
    owners.set(heapId, { ...withSet(heaped, union(set, heaped.set)), time, entry: undefined })
    owners.delete(id)
    count--
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
