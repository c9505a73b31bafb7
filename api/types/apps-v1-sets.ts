import type { Infer } from '../schema/schema.ts'
import { always, int32, int64, intOrString, list, opt, raw, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus } from './core-v1/common.ts'
import { PersistentVolumeClaim } from './core-v1/persistent-volume.ts'
import { PodTemplateSpec } from './core-v1/pod.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const ControllerRevision = struct('apps/v1.ControllerRevision', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  data: opt(2, raw),
  revision: req(3, int64),
})
export interface ControllerRevision extends Infer<typeof ControllerRevision> {}

export const DaemonSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const RollingUpdateDaemonSet = struct('apps/v1.RollingUpdateDaemonSet', {
  maxUnavailable: opt(1, intOrString, { pointer: true }),
  maxSurge: opt(2, intOrString, { pointer: true }),
})
export interface RollingUpdateDaemonSet extends Infer<typeof RollingUpdateDaemonSet> {}

export const DaemonSetUpdateStrategy = struct('apps/v1.DaemonSetUpdateStrategy', {
  type: opt(1, DaemonSetUpdateStrategyType),
  rollingUpdate: opt(2, RollingUpdateDaemonSet),
})
export interface DaemonSetUpdateStrategy extends Infer<typeof DaemonSetUpdateStrategy> {}

export const DaemonSetSpec = struct('apps/v1.DaemonSetSpec', {
  selector: req(1, LabelSelector, { nullable: true }),
  template: req(2, PodTemplateSpec),
  updateStrategy: opt(3, DaemonSetUpdateStrategy),
  minReadySeconds: opt(4, int32),
  revisionHistoryLimit: opt(6, int32, { pointer: true }),
})
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

export const DaemonSetCondition = struct('apps/v1.DaemonSetCondition', {
  type: req(1, string),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface DaemonSetCondition extends Infer<typeof DaemonSetCondition> {}

export const DaemonSetStatus = struct('apps/v1.DaemonSetStatus', {
  currentNumberScheduled: req(1, int32),
  numberMisscheduled: req(2, int32),
  desiredNumberScheduled: req(3, int32),
  numberReady: req(4, int32),
  observedGeneration: opt(5, int64),
  updatedNumberScheduled: opt(6, int32),
  numberAvailable: opt(7, int32),
  numberUnavailable: opt(8, int32),
  collisionCount: opt(9, int32, { pointer: true }),
  conditions: opt(10, list(DaemonSetCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface DaemonSetStatus extends Infer<typeof DaemonSetStatus> {}

export const DaemonSet = struct('apps/v1.DaemonSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DaemonSetSpec),
  status: opt(3, DaemonSetStatus),
})
export interface DaemonSet extends Infer<typeof DaemonSet> {}

export const PersistentVolumeClaimRetentionPolicyType = text('Delete', 'Retain')

export const PodManagementPolicyType = text('OrderedReady', 'Parallel')

export const RollingUpdateStatefulSetStrategy = struct('apps/v1.RollingUpdateStatefulSetStrategy', {
  partition: opt(1, int32, { pointer: true }),
  maxUnavailable: opt(2, intOrString, { pointer: true }),
})
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

export const StatefulSetOrdinals = struct('apps/v1.StatefulSetOrdinals', {
  start: opt(1, int32, { written: true }),
})
export interface StatefulSetOrdinals extends Infer<typeof StatefulSetOrdinals> {}

export const StatefulSetPersistentVolumeClaimRetentionPolicy = struct('apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy', {
  whenDeleted: opt(1, PersistentVolumeClaimRetentionPolicyType),
  whenScaled: opt(2, PersistentVolumeClaimRetentionPolicyType),
})
export interface StatefulSetPersistentVolumeClaimRetentionPolicy extends Infer<typeof StatefulSetPersistentVolumeClaimRetentionPolicy> {}

export const StatefulSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const StatefulSetUpdateStrategy = struct('apps/v1.StatefulSetUpdateStrategy', {
  type: opt(1, StatefulSetUpdateStrategyType),
  rollingUpdate: opt(2, RollingUpdateStatefulSetStrategy),
})
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

export const StatefulSetSpec = struct('apps/v1.StatefulSetSpec', {
  replicas: opt(1, int32, { pointer: true }),
  selector: req(2, LabelSelector, { nullable: true }),
  template: req(3, PodTemplateSpec),
  volumeClaimTemplates: opt(4, list(PersistentVolumeClaim), { listType: 'atomic' }),
  serviceName: opt(5, string, { written: true }),
  podManagementPolicy: opt(6, PodManagementPolicyType),
  updateStrategy: opt(7, StatefulSetUpdateStrategy),
  revisionHistoryLimit: opt(8, int32, { pointer: true }),
  minReadySeconds: opt(9, int32),
  persistentVolumeClaimRetentionPolicy: opt(10, StatefulSetPersistentVolumeClaimRetentionPolicy),
  ordinals: opt(11, StatefulSetOrdinals),
})
export interface StatefulSetSpec extends Infer<typeof StatefulSetSpec> {}

export const StatefulSetCondition = struct('apps/v1.StatefulSetCondition', {
  type: req(1, string),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface StatefulSetCondition extends Infer<typeof StatefulSetCondition> {}

export const StatefulSetStatus = struct('apps/v1.StatefulSetStatus', {
  observedGeneration: opt(1, int64),
  replicas: req(2, int32),
  readyReplicas: opt(3, int32),
  currentReplicas: opt(4, int32),
  updatedReplicas: opt(5, int32),
  currentRevision: opt(6, string),
  updateRevision: opt(7, string),
  collisionCount: opt(9, int32, { pointer: true }),
  conditions: opt(10, list(StatefulSetCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  availableReplicas: opt(11, int32, { written: true }),
})
export interface StatefulSetStatus extends Infer<typeof StatefulSetStatus> {}

export const StatefulSet = struct('apps/v1.StatefulSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, StatefulSetSpec),
  status: opt(3, StatefulSetStatus),
})
export interface StatefulSet extends Infer<typeof StatefulSet> {}
