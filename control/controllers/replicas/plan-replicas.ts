import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { podsToDelete } from '../shared/rank-pods.ts'

/** At most this many pods are made or deleted in one go. */
export const burst = 500

export type ReplicaPlan = { readonly type: 'none' } | { readonly type: 'create'; readonly count: number } | { readonly type: 'delete'; readonly pods: readonly Pod[] }

/** How to get from the active pods to the wanted number. `related`: all active pods of the same application; asked for only when some must go. */
export function planReplicas(wanted: number, active: readonly Pod[], related: () => readonly Pod[], now: number): ReplicaPlan {
  const missing = wanted - active.length
  if (missing > 0) return { type: 'create', count: Math.min(missing, burst) }
  if (missing < 0) return { type: 'delete', pods: podsToDelete(active, related(), Math.min(-missing, burst), now) }
  return { type: 'none' }
}
