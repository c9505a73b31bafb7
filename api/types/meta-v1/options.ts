import type { Infer } from '../../schema/schema.ts'
import { always, bool, int64, list, opt, string, struct, text } from '../../schema/schema.ts'

export const DeletionPropagation = text('Background', 'Foreground', 'Orphan')

export const Preconditions = struct('meta/v1.Preconditions', {
  uid: opt(1, string),
  resourceVersion: opt(2, string),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

export const DeleteOptions = struct('meta/v1.DeleteOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  gracePeriodSeconds: opt(1, int64),
  preconditions: opt(2, Preconditions),
  orphanDependents: opt(3, bool, { deprecated: true }),
  propagationPolicy: opt(4, DeletionPropagation),
  dryRun: opt(5, list(string), { listType: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: opt(6, bool),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}
