import type { Infer } from '../schema/schema.ts'
import { always, opt, string, struct } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'
import { DeleteOptions } from './meta-v1/options.ts'

export const Eviction = struct('policy/v1.Eviction', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  deleteOptions: opt(2, DeleteOptions),
})
export interface Eviction extends Infer<typeof Eviction> {}
