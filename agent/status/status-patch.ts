import { isDeepStrictEqual } from 'node:util'
import type { PodStatus } from '../../api/types/core-v1/pod-status.ts'
import { plain } from './plain.ts'

/** Lists a strategic merge patch would merge by key, and that must be replaced instead: an old address has to go. */
const replaced = new Set(['podIPs', 'hostIPs'])
/** Not ours to take away. */
const foreign = new Set(['nominatedNodeName', 'resourceClaimStatuses', 'extendedResourceClaimStatus', 'resize'])

/**
 * The strategic merge patch that turns one status into the other, or undefined when they are equal. Conditions go one
 * by one, so that those others own are never overwritten.
 */
export function statusPatch(from: PodStatus, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  const [before, after] = [plain(from), plain(to)]
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (isDeepStrictEqual(before[key], after[key])) continue
    if (key === 'conditions') {
      const changed = (to.conditions ?? []).filter((condition) => !(from.conditions ?? []).some((old) => isDeepStrictEqual(plain(old), plain(condition))))
      // A merge keeps what is not named: a reason of yesterday has to be named to go.
      if (changed.length > 0) patch[key] = changed.map((condition) => ({ reason: null, message: null, ...condition }))
    } else if (after[key] === undefined) {
      if (!foreign.has(key)) patch[key] = null
    } else patch[key] = replaced.has(key) ? [{ $patch: 'replace' }, ...after[key] as unknown[]] : after[key]
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}
