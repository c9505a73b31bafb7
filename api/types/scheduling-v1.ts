import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, opt, string, struct } from '../schema/schema.ts'
import { PreemptionPolicy } from './core-v1/scheduling.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const PriorityClass = struct('scheduling/v1.PriorityClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  value: opt(2, int32, { written: true }),
  globalDefault: opt(3, bool),
  description: opt(4, string),
  preemptionPolicy: opt(5, PreemptionPolicy, { pointer: true }),
})
export interface PriorityClass extends Infer<typeof PriorityClass> {}
