import type { Infer } from '../schema/schema.ts'
import { always, microTime, opt, req, string, struct } from '../schema/schema.ts'
import { CoordinatedLeaseStrategy, Lease as StableLease, LeaseSpec as StableLeaseSpec } from './coordination-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const LeaseSpec = struct('coordination/v1beta1.LeaseSpec', StableLeaseSpec.fields)
export type LeaseSpec = StableLeaseSpec

export const Lease = struct('coordination/v1beta1.Lease', StableLease.fields)
export type Lease = StableLease

export const LeaseCandidateSpec = struct('coordination/v1beta1.LeaseCandidateSpec', {
  leaseName: req(1, string),
  pingTime: opt(2, microTime, { pointer: true }),
  renewTime: opt(3, microTime, { pointer: true }),
  binaryVersion: req(4, string),
  emulationVersion: opt(5, string),
  strategy: opt(6, CoordinatedLeaseStrategy),
})
export interface LeaseCandidateSpec extends Infer<typeof LeaseCandidateSpec> {}

export const LeaseCandidate = struct('coordination/v1beta1.LeaseCandidate', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, LeaseCandidateSpec),
})
export interface LeaseCandidate extends Infer<typeof LeaseCandidate> {}
