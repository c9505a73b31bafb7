import type { Infer } from '../schema/schema.ts'
import { always, int32, int64, list, opt, quantity, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus, ResourceName } from './core-v1/common.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const MetricTargetType = text('AverageValue', 'Utilization', 'Value')

export const MetricTarget = struct('autoscaling/v2.MetricTarget', {
  type: req(1, MetricTargetType),
  value: opt(2, quantity, { pointer: true }),
  averageValue: opt(3, quantity, { pointer: true }),
  averageUtilization: opt(4, int32, { pointer: true }),
})
export interface MetricTarget extends Infer<typeof MetricTarget> {}

export const ContainerResourceMetricSource = struct('autoscaling/v2.ContainerResourceMetricSource', {
  name: req(1, ResourceName),
  target: req(2, MetricTarget),
  container: req(3, string),
})
export interface ContainerResourceMetricSource extends Infer<typeof ContainerResourceMetricSource> {}

export const MetricValueStatus = struct('autoscaling/v2.MetricValueStatus', {
  value: opt(1, quantity, { pointer: true }),
  averageValue: opt(2, quantity, { pointer: true }),
  averageUtilization: opt(3, int32, { pointer: true }),
})
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

export const ContainerResourceMetricStatus = struct('autoscaling/v2.ContainerResourceMetricStatus', {
  name: req(1, ResourceName),
  current: req(2, MetricValueStatus),
  container: req(3, string),
})
export interface ContainerResourceMetricStatus extends Infer<typeof ContainerResourceMetricStatus> {}

export const CrossVersionObjectReference = struct('autoscaling/v2.CrossVersionObjectReference', {
  kind: req(1, string),
  name: req(2, string),
  apiVersion: opt(3, string),
})
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const MetricIdentifier = struct('autoscaling/v2.MetricIdentifier', {
  name: req(1, string),
  selector: opt(2, LabelSelector),
})
export interface MetricIdentifier extends Infer<typeof MetricIdentifier> {}

export const ExternalMetricSource = struct('autoscaling/v2.ExternalMetricSource', {
  metric: req(1, MetricIdentifier),
  target: req(2, MetricTarget),
})
export interface ExternalMetricSource extends Infer<typeof ExternalMetricSource> {}

export const ExternalMetricStatus = struct('autoscaling/v2.ExternalMetricStatus', {
  metric: req(1, MetricIdentifier),
  current: req(2, MetricValueStatus),
})
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

export const HPAScalingPolicyType = text('Percent', 'Pods')

export const HPAScalingPolicy = struct('autoscaling/v2.HPAScalingPolicy', {
  type: req(1, HPAScalingPolicyType),
  value: req(2, int32),
  periodSeconds: req(3, int32),
})
export interface HPAScalingPolicy extends Infer<typeof HPAScalingPolicy> {}

export const ScalingPolicySelect = text('Disabled', 'Max', 'Min')

export const HPAScalingRules = struct('autoscaling/v2.HPAScalingRules', {
  stabilizationWindowSeconds: opt(3, int32, { pointer: true }),
  selectPolicy: opt(1, ScalingPolicySelect, { pointer: true }),
  policies: opt(2, list(HPAScalingPolicy), { listType: 'atomic' }),
  tolerance: opt(4, quantity, { pointer: true }),
})
export interface HPAScalingRules extends Infer<typeof HPAScalingRules> {}

export const HorizontalPodAutoscalerBehavior = struct('autoscaling/v2.HorizontalPodAutoscalerBehavior', {
  scaleUp: opt(1, HPAScalingRules),
  scaleDown: opt(2, HPAScalingRules),
})
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof HorizontalPodAutoscalerBehavior> {}

export const MetricSourceType = text('ContainerResource', 'External', 'Object', 'Pods', 'Resource')

export const ObjectMetricSource = struct('autoscaling/v2.ObjectMetricSource', {
  describedObject: req(1, CrossVersionObjectReference),
  target: req(2, MetricTarget),
  metric: req(3, MetricIdentifier),
})
export interface ObjectMetricSource extends Infer<typeof ObjectMetricSource> {}

export const PodsMetricSource = struct('autoscaling/v2.PodsMetricSource', {
  metric: req(1, MetricIdentifier),
  target: req(2, MetricTarget),
})
export interface PodsMetricSource extends Infer<typeof PodsMetricSource> {}

export const ResourceMetricSource = struct('autoscaling/v2.ResourceMetricSource', {
  name: req(1, ResourceName),
  target: req(2, MetricTarget),
})
export interface ResourceMetricSource extends Infer<typeof ResourceMetricSource> {}

export const MetricSpec = struct('autoscaling/v2.MetricSpec', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricSource),
  pods: opt(3, PodsMetricSource),
  resource: opt(4, ResourceMetricSource),
  containerResource: opt(7, ContainerResourceMetricSource),
  external: opt(5, ExternalMetricSource),
})
export interface MetricSpec extends Infer<typeof MetricSpec> {}

export const HorizontalPodAutoscalerSpec = struct('autoscaling/v2.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: req(1, CrossVersionObjectReference),
  minReplicas: opt(2, int32, { pointer: true }),
  maxReplicas: req(3, int32),
  metrics: opt(4, list(MetricSpec), { listType: 'atomic' }),
  behavior: opt(5, HorizontalPodAutoscalerBehavior),
})
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerConditionType = text('AbleToScale', 'ScaledToZero', 'ScalingActive', 'ScalingLimited')

export const HorizontalPodAutoscalerCondition = struct('autoscaling/v2.HorizontalPodAutoscalerCondition', {
  type: req(1, HorizontalPodAutoscalerConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface HorizontalPodAutoscalerCondition extends Infer<typeof HorizontalPodAutoscalerCondition> {}

export const ObjectMetricStatus = struct('autoscaling/v2.ObjectMetricStatus', {
  metric: req(1, MetricIdentifier),
  current: req(2, MetricValueStatus),
  describedObject: req(3, CrossVersionObjectReference),
})
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

export const PodsMetricStatus = struct('autoscaling/v2.PodsMetricStatus', {
  metric: req(1, MetricIdentifier),
  current: req(2, MetricValueStatus),
})
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

export const ResourceMetricStatus = struct('autoscaling/v2.ResourceMetricStatus', {
  name: req(1, ResourceName),
  current: req(2, MetricValueStatus),
})
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

export const MetricStatus = struct('autoscaling/v2.MetricStatus', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricStatus),
  pods: opt(3, PodsMetricStatus),
  resource: opt(4, ResourceMetricStatus),
  containerResource: opt(7, ContainerResourceMetricStatus),
  external: opt(5, ExternalMetricStatus),
})
export interface MetricStatus extends Infer<typeof MetricStatus> {}

export const HorizontalPodAutoscalerStatus = struct('autoscaling/v2.HorizontalPodAutoscalerStatus', {
  observedGeneration: opt(1, int64, { pointer: true }),
  lastScaleTime: opt(2, time, { pointer: true }),
  currentReplicas: opt(3, int32),
  desiredReplicas: req(4, int32),
  currentMetrics: opt(5, list(MetricStatus), { listType: 'atomic' }),
  conditions: opt(6, list(HorizontalPodAutoscalerCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}

export const HorizontalPodAutoscaler = struct('autoscaling/v2.HorizontalPodAutoscaler', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, HorizontalPodAutoscalerSpec),
  status: opt(3, HorizontalPodAutoscalerStatus),
})
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscaler> {}
