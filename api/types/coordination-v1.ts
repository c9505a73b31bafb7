import type { Infer } from '../schema/schema.ts'
import { always, int32, microTime, opt, string, struct, text } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const CoordinatedLeaseStrategy = text('OldestEmulationVersion')

export const LeaseSpec = struct('coordination/v1.LeaseSpec', {
  holderIdentity: opt(1, string, { pointer: true }),
  leaseDurationSeconds: opt(2, int32, { pointer: true }),
  acquireTime: opt(3, microTime),
  renewTime: opt(4, microTime),
  leaseTransitions: opt(5, int32, { pointer: true }),
  strategy: opt(6, CoordinatedLeaseStrategy, { pointer: true }),
  preferredHolder: opt(7, string, { pointer: true }),
})
export interface LeaseSpec extends Infer<typeof LeaseSpec> {}

export const Lease = struct('coordination/v1.Lease', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, LeaseSpec),
})
export interface Lease extends Infer<typeof Lease> {}
