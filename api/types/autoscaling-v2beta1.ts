import type { Infer } from '../schema/schema.ts'
import { always, int32, int64, list, opt, quantity, req, string, struct, text, time } from '../schema/schema.ts'
import { CrossVersionObjectReference, HorizontalPodAutoscalerCondition } from './autoscaling-v2.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

/*
 * `autoscaling/v2beta1`, with the numbers of its last publication (1.24).
 */

export const MetricSourceType = text('ContainerResource', 'External', 'Object', 'Pods', 'Resource')

export const ContainerResourceMetricSource = struct('autoscaling/v2beta1.ContainerResourceMetricSource', {
  name: req(1, string),
  targetAverageUtilization: opt(2, int32, { pointer: true }),
  targetAverageValue: opt(3, quantity, { pointer: true }),
  container: req(4, string),
})

export const ExternalMetricSource = struct('autoscaling/v2beta1.ExternalMetricSource', {
  metricName: req(1, string),
  metricSelector: opt(2, LabelSelector),
  targetValue: opt(3, quantity, { pointer: true }),
  targetAverageValue: opt(4, quantity, { pointer: true }),
})

export const ObjectMetricSource = struct('autoscaling/v2beta1.ObjectMetricSource', {
  target: req(1, CrossVersionObjectReference),
  metricName: req(2, string),
  targetValue: req(3, quantity),
  selector: opt(4, LabelSelector),
  averageValue: opt(5, quantity, { pointer: true }),
})

export const PodsMetricSource = struct('autoscaling/v2beta1.PodsMetricSource', {
  metricName: req(1, string),
  targetAverageValue: req(2, quantity),
  selector: opt(3, LabelSelector),
})

export const ResourceMetricSource = struct('autoscaling/v2beta1.ResourceMetricSource', {
  name: req(1, string),
  targetAverageUtilization: opt(2, int32, { pointer: true }),
  targetAverageValue: opt(3, quantity, { pointer: true }),
})

export const MetricSpec = struct('autoscaling/v2beta1.MetricSpec', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricSource),
  pods: opt(3, PodsMetricSource),
  resource: opt(4, ResourceMetricSource),
  containerResource: opt(7, ContainerResourceMetricSource),
  external: opt(5, ExternalMetricSource),
})

export const HorizontalPodAutoscalerSpec = struct('autoscaling/v2beta1.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: req(1, CrossVersionObjectReference),
  minReplicas: opt(2, int32, { pointer: true }),
  maxReplicas: req(3, int32),
  metrics: opt(4, list(MetricSpec), { listType: 'atomic' }),
})

export const ContainerResourceMetricStatus = struct('autoscaling/v2beta1.ContainerResourceMetricStatus', {
  name: req(1, string),
  currentAverageUtilization: opt(2, int32, { pointer: true }),
  currentAverageValue: req(3, quantity),
  container: req(4, string),
})

export const ExternalMetricStatus = struct('autoscaling/v2beta1.ExternalMetricStatus', {
  metricName: req(1, string),
  metricSelector: opt(2, LabelSelector),
  currentValue: req(3, quantity),
  currentAverageValue: opt(4, quantity, { pointer: true }),
})

export const ObjectMetricStatus = struct('autoscaling/v2beta1.ObjectMetricStatus', {
  target: req(1, CrossVersionObjectReference),
  metricName: req(2, string),
  currentValue: req(3, quantity),
  selector: opt(4, LabelSelector),
  averageValue: opt(5, quantity, { pointer: true }),
})

export const PodsMetricStatus = struct('autoscaling/v2beta1.PodsMetricStatus', {
  metricName: req(1, string),
  currentAverageValue: req(2, quantity),
  selector: opt(3, LabelSelector),
})

export const ResourceMetricStatus = struct('autoscaling/v2beta1.ResourceMetricStatus', {
  name: req(1, string),
  currentAverageUtilization: opt(2, int32, { pointer: true }),
  currentAverageValue: req(3, quantity),
})

export const MetricStatus = struct('autoscaling/v2beta1.MetricStatus', {
  type: req(1, MetricSourceType),
  object: opt(2, ObjectMetricStatus),
  pods: opt(3, PodsMetricStatus),
  resource: opt(4, ResourceMetricStatus),
  containerResource: opt(7, ContainerResourceMetricStatus),
  external: opt(5, ExternalMetricStatus),
})

export const HorizontalPodAutoscalerStatus = struct('autoscaling/v2beta1.HorizontalPodAutoscalerStatus', {
  observedGeneration: opt(1, int64, { pointer: true }),
  lastScaleTime: opt(2, time, { pointer: true }),
  currentReplicas: req(3, int32),
  desiredReplicas: req(4, int32),
  currentMetrics: opt(5, list(MetricStatus), { listType: 'atomic' }),
  conditions: opt(6, list(HorizontalPodAutoscalerCondition), { listType: 'map', listMapKeys: ['type'] }),
})

export const HorizontalPodAutoscaler = struct('autoscaling/v2beta1.HorizontalPodAutoscaler', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, HorizontalPodAutoscalerSpec),
  status: opt(3, HorizontalPodAutoscalerStatus),
})
export interface HorizontalPodAutoscaler extends Infer<typeof HorizontalPodAutoscaler> {}
