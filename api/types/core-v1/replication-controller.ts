import type { Infer } from '../../schema/schema.ts'
import { always, int32, int64, list, map, opt, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConditionStatus } from './common.ts'
import { PodTemplateSpec } from './pod.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ReplicationControllerSpec = struct('core/v1.ReplicationControllerSpec', {
  replicas: opt(1, int32, { default: 1, pointer: true }),
  minReadySeconds: opt(4, int32, { default: 0 }),
  selector: opt(2, map(string), { mapType: 'atomic' }),
  template: opt(3, PodTemplateSpec),
})
export interface ReplicationControllerSpec extends Infer<typeof ReplicationControllerSpec> {}

export const ReplicationControllerConditionType = text('ReplicaFailure')

export const ReplicationControllerCondition = struct('core/v1.ReplicationControllerCondition', {
  type: req(1, ReplicationControllerConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface ReplicationControllerCondition extends Infer<typeof ReplicationControllerCondition> {}

export const ReplicationControllerStatus = struct('core/v1.ReplicationControllerStatus', {
  replicas: req(1, int32),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32),
  availableReplicas: opt(5, int32),
  observedGeneration: opt(3, int64),
  conditions: opt(6, list(ReplicationControllerCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface ReplicationControllerStatus extends Infer<typeof ReplicationControllerStatus> {}

export const ReplicationController = struct('core/v1.ReplicationController', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ReplicationControllerSpec),
  status: opt(3, ReplicationControllerStatus),
})
export interface ReplicationController extends Infer<typeof ReplicationController> {}
