import { rfc3339Micro } from '../../host/clock.ts'
import type { LeaseSpec } from '../types/coordination-v1.ts'

/** What a candidate knows of the Lease: the record, and when it saw that record change (by its own clock; clocks differ between machines). */
export interface Observation {
  readonly spec: LeaseSpec
  readonly at: number
}

export interface Candidate {
  readonly identity: string
  readonly leaseDuration: number
}

/** The spec with which to take or keep the Lease, or `undefined` while another one holds it. */
export function claim(candidate: Candidate, observed: Observation | undefined, now: number): LeaseSpec | undefined {
  const time = rfc3339Micro(now)
  const mine: LeaseSpec = { holderIdentity: candidate.identity, leaseDurationSeconds: Math.ceil(candidate.leaseDuration / 1000), renewTime: time }
  if (!observed) return { ...mine, acquireTime: time, leaseTransitions: 0 }
  const { spec, at } = observed
  if (spec.holderIdentity === candidate.identity) return { ...spec, ...mine }
  const valid = spec.holderIdentity && at + (spec.leaseDurationSeconds ?? 0) * 1000 > now
  return valid ? undefined : { ...spec, ...mine, acquireTime: time, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 }
}

/** The spec with which a leader that stops lets go, so that the next need not wait. */
export function release(spec: LeaseSpec, now: number): LeaseSpec {
  const time = rfc3339Micro(now)
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: time, acquireTime: time }
}
