import type { Infer } from '../schema/schema.ts'
import { always, int32, opt, req, string, struct } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const ScaleSpec = struct('autoscaling/v1.ScaleSpec', {
  replicas: opt(1, int32, { default: 0 }),
})
export interface ScaleSpec extends Infer<typeof ScaleSpec> {}

export const ScaleStatus = struct('autoscaling/v1.ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, string),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = struct('autoscaling/v1.Scale', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ScaleSpec),
  status: opt(3, ScaleStatus),
})
export interface Scale extends Infer<typeof Scale> {}
