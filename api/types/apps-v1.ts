import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, int64, intOrString, list, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus } from './core-v1/common.ts'
import { PodTemplateSpec } from './core-v1/pod.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const DeploymentStrategyType = text('Recreate', 'RollingUpdate')

export const RollingUpdateDeployment = struct('apps/v1.RollingUpdateDeployment', {
  maxUnavailable: opt(1, intOrString, { pointer: true }),
  maxSurge: opt(2, intOrString, { pointer: true }),
})
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

export const DeploymentStrategy = struct('apps/v1.DeploymentStrategy', {
  type: opt(1, DeploymentStrategyType),
  rollingUpdate: opt(2, RollingUpdateDeployment),
})
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

export const DeploymentSpec = struct('apps/v1.DeploymentSpec', {
  replicas: opt(1, int32, { pointer: true }),
  selector: req(2, LabelSelector, { nullable: true }),
  template: req(3, PodTemplateSpec),
  strategy: opt(4, DeploymentStrategy, { patchStrategy: 'retainKeys' }),
  minReadySeconds: opt(5, int32),
  revisionHistoryLimit: opt(6, int32, { pointer: true }),
  paused: opt(7, bool),
  progressDeadlineSeconds: opt(9, int32, { pointer: true }),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentConditionType = text('Available', 'Progressing', 'ReplicaFailure')

export const DeploymentCondition = struct('apps/v1.DeploymentCondition', {
  type: req(1, DeploymentConditionType),
  status: req(2, ConditionStatus),
  lastUpdateTime: opt(6, time),
  lastTransitionTime: opt(7, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

export const DeploymentStatus = struct('apps/v1.DeploymentStatus', {
  observedGeneration: opt(1, int64),
  replicas: opt(2, int32),
  updatedReplicas: opt(3, int32),
  readyReplicas: opt(7, int32),
  availableReplicas: opt(4, int32),
  unavailableReplicas: opt(5, int32),
  terminatingReplicas: opt(9, int32, { pointer: true }),
  conditions: opt(6, list(DeploymentCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  collisionCount: opt(8, int32, { pointer: true }),
})
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}

export const Deployment = struct('apps/v1.Deployment', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DeploymentSpec),
  status: opt(3, DeploymentStatus),
})
export interface Deployment extends Infer<typeof Deployment> {}

export const ReplicaSetSpec = struct('apps/v1.ReplicaSetSpec', {
  replicas: opt(1, int32, { pointer: true }),
  minReadySeconds: opt(4, int32),
  selector: req(2, LabelSelector, { nullable: true }),
  template: opt(3, PodTemplateSpec),
})
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetConditionType = text('ReplicaFailure')

export const ReplicaSetCondition = struct('apps/v1.ReplicaSetCondition', {
  type: req(1, ReplicaSetConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

export const ReplicaSetStatus = struct('apps/v1.ReplicaSetStatus', {
  replicas: req(1, int32),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32),
  availableReplicas: opt(5, int32),
  terminatingReplicas: opt(7, int32, { pointer: true }),
  observedGeneration: opt(3, int64),
  conditions: opt(6, list(ReplicaSetCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}

export const ReplicaSet = struct('apps/v1.ReplicaSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ReplicaSetSpec),
  status: opt(3, ReplicaSetStatus),
})
export interface ReplicaSet extends Infer<typeof ReplicaSet> {}
