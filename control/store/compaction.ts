/** How much history a log keeps. Revisions are counted, not rows. */
export interface CompactionPolicy {
  /** Kept however old: a client that slept finds its place again. */
  readonly atLeast: number
  /** Not more than this, however young. */
  readonly atMost: number
  /** Between the two: what is younger, in milliseconds. */
  readonly keepFor: number
}

/** The original compacts every five minutes. */
export const defaultPolicy: CompactionPolicy = Object.freeze({ atLeast: 1_000, atMost: 20_000, keepFor: 5 * 60_000 })

/** The log was at `revision` at this time. */
export interface Mark { readonly revision: number; readonly at: number }

/** Up to where history may be forgotten now. `marks` are in order. */
export function compactionTarget({ revision, compacted, marks, now }: { revision: number; compacted: number; marks: readonly Mark[]; now: number }, policy = defaultPolicy): number {
  const old = marks.findLast((mark) => mark.at <= now - policy.keepFor)?.revision ?? 0
  return Math.max(compacted, revision - policy.atMost, Math.min(old, revision - policy.atLeast))
}

const markEvery = 10_000

/** The marks with a new one, when the last is old enough, and without those nobody will ask for again. */
export function withMark(marks: readonly Mark[], mark: Mark, policy = defaultPolicy): readonly Mark[] {
  const last = marks.at(-1)
  if (last && mark.at - last.at < markEvery) return marks
  const firstNeeded = marks.findLastIndex(({ at }) => at <= mark.at - policy.keepFor)
  return [...marks.slice(Math.max(0, firstNeeded)), mark]
}
