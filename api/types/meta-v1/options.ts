import type { Infer } from '../../schema/schema.ts'
import { always, bool, int64, list, opt, string, struct, text } from '../../schema/schema.ts'

export const DeletionPropagation = text('Background', 'Foreground', 'Orphan')

export const Preconditions = struct('meta/v1.Preconditions', {
  uid: opt(1, string, { pointer: true }),
  resourceVersion: opt(2, string, { pointer: true }),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

export const DeleteOptions = struct('meta/v1.DeleteOptions', {
  apiVersion: always(0, string),
  kind: always(0, string),
  gracePeriodSeconds: opt(1, int64, { pointer: true }),
  preconditions: opt(2, Preconditions),
  orphanDependents: opt(3, bool, { deprecated: true, pointer: true }),
  propagationPolicy: opt(4, DeletionPropagation, { pointer: true }),
  dryRun: opt(5, list(string), { listType: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: opt(6, bool, { pointer: true }),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}
