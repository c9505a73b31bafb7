import type { Infer } from '../schema/schema.ts'
import { always, int32, map, opt, req, string, struct, text } from '../schema/schema.ts'
import { ControllerRevision as StableControllerRevision, DaemonSet as StableDaemonSet, DaemonSetCondition as StableDaemonSetCondition, DaemonSetSpec as StableDaemonSetSpec, DaemonSetStatus as StableDaemonSetStatus, DaemonSetUpdateStrategy as StableDaemonSetUpdateStrategy, RollingUpdateDaemonSet as StableRollingUpdateDaemonSet, RollingUpdateStatefulSetStrategy as StableRollingUpdateStatefulSetStrategy, StatefulSet as StableStatefulSet, StatefulSetCondition as StableStatefulSetCondition, StatefulSetOrdinals as StableStatefulSetOrdinals, StatefulSetPersistentVolumeClaimRetentionPolicy as StableStatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec as StableStatefulSetSpec, StatefulSetStatus as StableStatefulSetStatus, StatefulSetUpdateStrategy as StableStatefulSetUpdateStrategy } from './apps-v1-sets.ts'
import { Deployment as StableDeployment, DeploymentCondition as StableDeploymentCondition, DeploymentSpec as StableDeploymentSpec, DeploymentStatus as StableDeploymentStatus, DeploymentStrategy as StableDeploymentStrategy, ReplicaSet as StableReplicaSet, ReplicaSetCondition as StableReplicaSetCondition, ReplicaSetSpec as StableReplicaSetSpec, ReplicaSetStatus as StableReplicaSetStatus, RollingUpdateDeployment as StableRollingUpdateDeployment } from './apps-v1.ts'
import { ScaleSpec as StableScaleSpec } from './autoscaling-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const ControllerRevision = struct('apps/v1beta2.ControllerRevision', StableControllerRevision.fields)
export type ControllerRevision = StableControllerRevision

export const DaemonSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const RollingUpdateDaemonSet = struct('apps/v1beta2.RollingUpdateDaemonSet', StableRollingUpdateDaemonSet.fields)
export type RollingUpdateDaemonSet = StableRollingUpdateDaemonSet

export const DaemonSetUpdateStrategy = struct('apps/v1beta2.DaemonSetUpdateStrategy', StableDaemonSetUpdateStrategy.fields)
export type DaemonSetUpdateStrategy = StableDaemonSetUpdateStrategy

export const DaemonSetSpec = struct('apps/v1beta2.DaemonSetSpec', StableDaemonSetSpec.fields)
export type DaemonSetSpec = StableDaemonSetSpec

export const DaemonSetCondition = struct('apps/v1beta2.DaemonSetCondition', StableDaemonSetCondition.fields)
export type DaemonSetCondition = StableDaemonSetCondition

export const DaemonSetStatus = struct('apps/v1beta2.DaemonSetStatus', StableDaemonSetStatus.fields)
export type DaemonSetStatus = StableDaemonSetStatus

export const DaemonSet = struct('apps/v1beta2.DaemonSet', StableDaemonSet.fields)
export type DaemonSet = StableDaemonSet

export const DeploymentStrategyType = text('Recreate', 'RollingUpdate')

export const RollingUpdateDeployment = struct('apps/v1beta2.RollingUpdateDeployment', StableRollingUpdateDeployment.fields)
export type RollingUpdateDeployment = StableRollingUpdateDeployment

export const DeploymentStrategy = struct('apps/v1beta2.DeploymentStrategy', StableDeploymentStrategy.fields)
export type DeploymentStrategy = StableDeploymentStrategy

export const DeploymentSpec = struct('apps/v1beta2.DeploymentSpec', StableDeploymentSpec.fields)
export type DeploymentSpec = StableDeploymentSpec

export const DeploymentConditionType = text('Available', 'Progressing', 'ReplicaFailure')

export const DeploymentCondition = struct('apps/v1beta2.DeploymentCondition', StableDeploymentCondition.fields)
export type DeploymentCondition = StableDeploymentCondition

export const DeploymentStatus = struct('apps/v1beta2.DeploymentStatus', StableDeploymentStatus.fields)
export type DeploymentStatus = StableDeploymentStatus

export const Deployment = struct('apps/v1beta2.Deployment', StableDeployment.fields)
export type Deployment = StableDeployment

export const PersistentVolumeClaimRetentionPolicyType = text('Delete', 'Retain')

export const PodManagementPolicyType = text('OrderedReady', 'Parallel')

export const ReplicaSetSpec = struct('apps/v1beta2.ReplicaSetSpec', StableReplicaSetSpec.fields)
export type ReplicaSetSpec = StableReplicaSetSpec

export const ReplicaSetConditionType = text('ReplicaFailure')

export const ReplicaSetCondition = struct('apps/v1beta2.ReplicaSetCondition', StableReplicaSetCondition.fields)
export type ReplicaSetCondition = StableReplicaSetCondition

export const ReplicaSetStatus = struct('apps/v1beta2.ReplicaSetStatus', StableReplicaSetStatus.fields)
export type ReplicaSetStatus = StableReplicaSetStatus

export const ReplicaSet = struct('apps/v1beta2.ReplicaSet', StableReplicaSet.fields)
export type ReplicaSet = StableReplicaSet

export const RollingUpdateStatefulSetStrategy = struct('apps/v1beta2.RollingUpdateStatefulSetStrategy', StableRollingUpdateStatefulSetStrategy.fields)
export type RollingUpdateStatefulSetStrategy = StableRollingUpdateStatefulSetStrategy

export const ScaleSpec = struct('apps/v1beta2.ScaleSpec', StableScaleSpec.fields)
export type ScaleSpec = StableScaleSpec

export const ScaleStatus = struct('apps/v1beta2.ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, map(string), { mapType: 'atomic' }),
  targetSelector: opt(3, string),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = struct('apps/v1beta2.Scale', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ScaleSpec),
  status: opt(3, ScaleStatus),
})
export interface Scale extends Infer<typeof Scale> {}

export const StatefulSetOrdinals = struct('apps/v1beta2.StatefulSetOrdinals', StableStatefulSetOrdinals.fields)
export type StatefulSetOrdinals = StableStatefulSetOrdinals

export const StatefulSetPersistentVolumeClaimRetentionPolicy = struct('apps/v1beta2.StatefulSetPersistentVolumeClaimRetentionPolicy', StableStatefulSetPersistentVolumeClaimRetentionPolicy.fields)
export type StatefulSetPersistentVolumeClaimRetentionPolicy = StableStatefulSetPersistentVolumeClaimRetentionPolicy

export const StatefulSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const StatefulSetUpdateStrategy = struct('apps/v1beta2.StatefulSetUpdateStrategy', StableStatefulSetUpdateStrategy.fields)
export type StatefulSetUpdateStrategy = StableStatefulSetUpdateStrategy

export const StatefulSetSpec = struct('apps/v1beta2.StatefulSetSpec', StableStatefulSetSpec.fields)
export type StatefulSetSpec = StableStatefulSetSpec

export const StatefulSetCondition = struct('apps/v1beta2.StatefulSetCondition', StableStatefulSetCondition.fields)
export type StatefulSetCondition = StableStatefulSetCondition

export const StatefulSetStatus = struct('apps/v1beta2.StatefulSetStatus', StableStatefulSetStatus.fields)
export type StatefulSetStatus = StableStatefulSetStatus

export const StatefulSet = struct('apps/v1beta2.StatefulSet', StableStatefulSet.fields)
export type StatefulSet = StableStatefulSet
