import type { Infer } from '../schema/schema.ts'
import { always, int32, int64, opt, quantity, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus, ResourceName } from './core-v1/common.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const ContainerResourceMetricSource = struct('autoscaling/v1.ContainerResourceMetricSource', {
  name: req(1, ResourceName),
  targetAverageUtilization: opt(2, int32, { pointer: true }),
  targetAverageValue: opt(3, quantity, { pointer: true }),
  container: req(5, string),
})
export interface ContainerResourceMetricSource extends Infer<typeof ContainerResourceMetricSource> {}

export const ContainerResourceMetricStatus = struct('autoscaling/v1.ContainerResourceMetricStatus', {
  name: req(1, ResourceName),
  currentAverageUtilization: opt(2, int32, { pointer: true }),
  currentAverageValue: req(3, quantity),
  container: req(4, string),
})
export interface ContainerResourceMetricStatus extends Infer<typeof ContainerResourceMetricStatus> {}

export const CrossVersionObjectReference = struct('autoscaling/v1.CrossVersionObjectReference', {
  kind: req(1, string),
  name: req(2, string),
  apiVersion: opt(3, string),
}, { atomic: true })
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

export const ExternalMetricSource = struct('autoscaling/v1.ExternalMetricSource', {
  metricName: req(1, string),
  metricSelector: opt(2, LabelSelector),
  targetValue: opt(3, quantity, { pointer: true }),
  targetAverageValue: opt(4, quantity, { pointer: true }),
})
export interface ExternalMetricSource extends Infer<typeof ExternalMetricSource> {}

export const ExternalMetricStatus = struct('autoscaling/v1.ExternalMetricStatus', {
  metricName: req(1, string),
  metricSelector: opt(2, LabelSelector),
  currentValue: req(3, quantity),
  currentAverageValue: opt(4, quantity, { pointer: true }),
})
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

export const HorizontalPodAutoscalerSpec = struct('autoscaling/v1.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: req(1, CrossVersionObjectReference),
  minReplicas: opt(2, int32, { pointer: true }),
  maxReplicas: req(3, int32),
  targetCPUUtilizationPercentage: opt(4, int32, { pointer: true }),
})
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

export const HorizontalPodAutoscalerStatus = struct('autoscaling/v1.HorizontalPodAutoscalerStatus', {
  observedGeneration: opt(1, int64, { pointer: true }),
  lastScaleTime: opt(2, time, { pointer: true }),
  currentReplicas: req(3, int32),
  desiredReplicas: req(4, int32),
  currentCPUUtilizationPercentage: opt(5, int32, { pointer: true }),
})
export interface HorizontalPodAutoscalerStatus extends Infer<typeof HorizontalPodAutoscalerStatus> {}

export const HorizontalPodAutoscaler = struct('autoscaling/v1.HorizontalPodAutoscaler', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, HorizontalPodAutoscalerSpec),
  status: opt(3, HorizontalPodAutoscalerStatus),
})
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscaler> {}

export const HorizontalPodAutoscalerConditionType = text('AbleToScale', 'ScaledToZero', 'ScalingActive', 'ScalingLimited')

export const HorizontalPodAutoscalerCondition = struct('autoscaling/v1.HorizontalPodAutoscalerCondition', {
  type: req(1, HorizontalPodAutoscalerConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface HorizontalPodAutoscalerCondition extends Infer<typeof HorizontalPodAutoscalerCondition> {}

export const MetricSourceType = text('ContainerResource', 'External', 'Object', 'Pods', 'Resource')

export const ObjectMetricSource = struct('autoscaling/v1.ObjectMetricSource', {
  target: req(1, CrossVersionObjectReference),
  metricName: req(2, string),
  targetValue: req(3, quantity),
  selector: opt(4, LabelSelector),
  averageValue: opt(5, quantity, { pointer: true }),
})
export interface ObjectMetricSource extends Infer<typeof ObjectMetricSource> {}

export const PodsMetricSource = struct('autoscaling/v1.PodsMetricSource', {
  metricName: req(1, string),
  targetAverageValue: req(2, quantity),
  selector: opt(3, LabelSelector),
})
export interface PodsMetricSource extends Infer<typeof PodsMetricSource> {}

export const ResourceMetricSource = struct('autoscaling/v1.ResourceMetricSource', {
  name: req(1, ResourceName),
  targetAverageUtilization: opt(2, int32, { pointer: true }),
  targetAverageValue: opt(3, quantity, { pointer: true }),
})
export interface ResourceMetricSource extends Infer<typeof ResourceMetricSource> {}

export const MetricSpec = struct('autoscaling/v1.MetricSpec', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricSource),
  pods: opt(3, PodsMetricSource),
  resource: opt(4, ResourceMetricSource),
  containerResource: opt(7, ContainerResourceMetricSource),
  external: opt(5, ExternalMetricSource),
})
export interface MetricSpec extends Infer<typeof MetricSpec> {}

export const ObjectMetricStatus = struct('autoscaling/v1.ObjectMetricStatus', {
  target: req(1, CrossVersionObjectReference),
  metricName: req(2, string),
  currentValue: req(3, quantity),
  selector: opt(4, LabelSelector),
  averageValue: opt(5, quantity, { pointer: true }),
})
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

export const PodsMetricStatus = struct('autoscaling/v1.PodsMetricStatus', {
  metricName: req(1, string),
  currentAverageValue: req(2, quantity),
  selector: opt(3, LabelSelector),
})
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

export const ResourceMetricStatus = struct('autoscaling/v1.ResourceMetricStatus', {
  name: req(1, ResourceName),
  currentAverageUtilization: opt(2, int32, { pointer: true }),
  currentAverageValue: req(3, quantity),
})
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

export const MetricStatus = struct('autoscaling/v1.MetricStatus', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricStatus),
  pods: opt(3, PodsMetricStatus),
  resource: opt(4, ResourceMetricStatus),
  containerResource: opt(7, ContainerResourceMetricStatus),
  external: opt(5, ExternalMetricStatus),
})
export interface MetricStatus extends Infer<typeof MetricStatus> {}
