import type { Infer } from '../schema/schema.ts'
import { always, list, map, opt, req, string, struct } from '../schema/schema.ts'
import { ResourceList, Toleration } from './core-v1/common.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const Overhead = struct('node/v1.Overhead', {
  podFixed: opt(1, ResourceList),
})
export interface Overhead extends Infer<typeof Overhead> {}

export const Scheduling = struct('node/v1.Scheduling', {
  nodeSelector: opt(1, map(string), { mapType: 'atomic' }),
  tolerations: opt(2, list(Toleration), { listType: 'atomic' }),
})
export interface Scheduling extends Infer<typeof Scheduling> {}

export const RuntimeClass = struct('node/v1.RuntimeClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  handler: req(2, string),
  overhead: opt(3, Overhead),
  scheduling: opt(4, Scheduling),
})
export interface RuntimeClass extends Infer<typeof RuntimeClass> {}
