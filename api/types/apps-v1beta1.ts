import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, int64, intOrString, list, map, opt, req, string, struct, text } from '../schema/schema.ts'
import { ControllerRevision as StableControllerRevision, StatefulSetCondition as StableStatefulSetCondition, StatefulSetOrdinals as StableStatefulSetOrdinals, StatefulSetPersistentVolumeClaimRetentionPolicy as StableStatefulSetPersistentVolumeClaimRetentionPolicy } from './apps-v1-sets.ts'
import { DeploymentCondition as StableDeploymentCondition, DeploymentStatus as StableDeploymentStatus, DeploymentStrategy as StableDeploymentStrategy, RollingUpdateDeployment as StableRollingUpdateDeployment } from './apps-v1.ts'
import { ScaleSpec as StableScaleSpec } from './autoscaling-v1.ts'
import { PersistentVolumeClaim } from './core-v1/persistent-volume.ts'
import { PodTemplateSpec } from './core-v1/pod.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const ControllerRevision = struct('apps/v1beta1.ControllerRevision', StableControllerRevision.fields)
export type ControllerRevision = StableControllerRevision

export const DeploymentStrategyType = text('Recreate', 'RollingUpdate')

export const RollingUpdateDeployment = struct('apps/v1beta1.RollingUpdateDeployment', StableRollingUpdateDeployment.fields)
export type RollingUpdateDeployment = StableRollingUpdateDeployment

export const DeploymentStrategy = struct('apps/v1beta1.DeploymentStrategy', StableDeploymentStrategy.fields)
export type DeploymentStrategy = StableDeploymentStrategy

export const RollbackConfig = struct('apps/v1beta1.RollbackConfig', {
  revision: opt(1, int64),
})
export interface RollbackConfig extends Infer<typeof RollbackConfig> {}

export const DeploymentSpec = struct('apps/v1beta1.DeploymentSpec', {
  replicas: opt(1, int32, { pointer: true }),
  selector: opt(2, LabelSelector),
  template: req(3, PodTemplateSpec),
  strategy: opt(4, DeploymentStrategy, { patchStrategy: 'retainKeys' }),
  minReadySeconds: opt(5, int32),
  revisionHistoryLimit: opt(6, int32, { pointer: true }),
  paused: opt(7, bool),
  rollbackTo: opt(8, RollbackConfig),
  progressDeadlineSeconds: opt(9, int32, { pointer: true }),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentConditionType = text('Available', 'Progressing', 'ReplicaFailure')

export const DeploymentCondition = struct('apps/v1beta1.DeploymentCondition', StableDeploymentCondition.fields)
export type DeploymentCondition = StableDeploymentCondition

export const DeploymentStatus = struct('apps/v1beta1.DeploymentStatus', StableDeploymentStatus.fields)
export type DeploymentStatus = StableDeploymentStatus

export const Deployment = struct('apps/v1beta1.Deployment', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DeploymentSpec),
  status: opt(3, DeploymentStatus),
})
export interface Deployment extends Infer<typeof Deployment> {}

export const DeploymentRollback = struct('apps/v1beta1.DeploymentRollback', {
  apiVersion: always(0, string),
  kind: always(0, string),
  name: req(1, string),
  updatedAnnotations: opt(2, map(string)),
  rollbackTo: req(3, RollbackConfig),
})
export interface DeploymentRollback extends Infer<typeof DeploymentRollback> {}

export const PersistentVolumeClaimRetentionPolicyType = text('Delete', 'Retain')

export const PodManagementPolicyType = text('OrderedReady', 'Parallel')

export const RollingUpdateStatefulSetStrategy = struct('apps/v1beta1.RollingUpdateStatefulSetStrategy', {
  partition: opt(1, int32, { pointer: true }),
  maxUnavailable: opt(2, intOrString, { pointer: true }),
})
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

export const ScaleSpec = struct('apps/v1beta1.ScaleSpec', StableScaleSpec.fields)
export type ScaleSpec = StableScaleSpec

export const ScaleStatus = struct('apps/v1beta1.ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, map(string)),
  targetSelector: opt(3, string),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = struct('apps/v1beta1.Scale', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ScaleSpec),
  status: opt(3, ScaleStatus),
})
export interface Scale extends Infer<typeof Scale> {}

export const StatefulSetOrdinals = struct('apps/v1beta1.StatefulSetOrdinals', StableStatefulSetOrdinals.fields)
export type StatefulSetOrdinals = StableStatefulSetOrdinals

export const StatefulSetPersistentVolumeClaimRetentionPolicy = struct('apps/v1beta1.StatefulSetPersistentVolumeClaimRetentionPolicy', StableStatefulSetPersistentVolumeClaimRetentionPolicy.fields)
export type StatefulSetPersistentVolumeClaimRetentionPolicy = StableStatefulSetPersistentVolumeClaimRetentionPolicy

export const StatefulSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const StatefulSetUpdateStrategy = struct('apps/v1beta1.StatefulSetUpdateStrategy', {
  type: opt(1, StatefulSetUpdateStrategyType),
  rollingUpdate: opt(2, RollingUpdateStatefulSetStrategy),
})
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

export const StatefulSetSpec = struct('apps/v1beta1.StatefulSetSpec', {
  replicas: opt(1, int32, { pointer: true }),
  selector: opt(2, LabelSelector),
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

export const StatefulSetCondition = struct('apps/v1beta1.StatefulSetCondition', StableStatefulSetCondition.fields)
export type StatefulSetCondition = StableStatefulSetCondition

export const StatefulSetStatus = struct('apps/v1beta1.StatefulSetStatus', {
  observedGeneration: opt(1, int64, { pointer: true }),
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

export const StatefulSet = struct('apps/v1beta1.StatefulSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, StatefulSetSpec),
  status: opt(3, StatefulSetStatus),
})
export interface StatefulSet extends Infer<typeof StatefulSet> {}
