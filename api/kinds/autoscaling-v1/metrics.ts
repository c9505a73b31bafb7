import type * as v1 from '../../types/autoscaling-v1-autoscaler.ts'
import type * as v2 from '../../types/autoscaling-v2.ts'

/*
 * Metrics in the form of autoscaling/v1 (and of v2beta1, which has the same), and in that of v2.
 */

const defined = <T extends object>(object: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T

const resourceTarget = ({ targetAverageUtilization: averageUtilization, targetAverageValue: averageValue }: { targetAverageUtilization?: number | undefined; targetAverageValue?: string | undefined }): v2.MetricTarget =>
  defined({ type: averageUtilization === undefined ? 'AverageValue' : 'Utilization', value: undefined, averageValue, averageUtilization })

export function metricFromV1({ type, object, pods, resource, containerResource, external }: v1.MetricSpec): v2.MetricSpec {
  return defined<v2.MetricSpec>({
    type,
    object: object && {
      describedObject: object.target, metric: defined({ name: object.metricName, selector: object.selector }),
      target: defined({ type: object.averageValue === undefined ? 'Value' : 'AverageValue', value: object.targetValue, averageValue: object.averageValue, averageUtilization: undefined }),
    },
    pods: pods && { metric: defined({ name: pods.metricName, selector: pods.selector }), target: { type: 'AverageValue', averageValue: pods.targetAverageValue } },
    resource: resource && { name: resource.name, target: resourceTarget(resource) },
    containerResource: containerResource && { name: containerResource.name, container: containerResource.container, target: resourceTarget(containerResource) },
    external: external && {
      metric: defined({ name: external.metricName, selector: external.metricSelector }),
      target: defined({ type: external.targetValue === undefined ? 'AverageValue' : 'Value', value: external.targetValue, averageValue: external.targetAverageValue, averageUtilization: undefined }),
    },
  })
}

export function metricToV1({ type, object, pods, resource, containerResource, external }: v2.MetricSpec): v1.MetricSpec {
  return defined<v1.MetricSpec>({
    type,
    object: object && defined<v1.ObjectMetricSource>({ target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? '0', selector: object.metric.selector, averageValue: object.target.averageValue }),
    pods: pods && defined<v1.PodsMetricSource>({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && defined<v1.ResourceMetricSource>({ name: resource.name, targetAverageUtilization: resource.target.averageUtilization, targetAverageValue: resource.target.averageValue }),
    containerResource: containerResource && defined<v1.ContainerResourceMetricSource>({
      name: containerResource.name, targetAverageUtilization: containerResource.target.averageUtilization, targetAverageValue: containerResource.target.averageValue, container: containerResource.container,
    }),
    external: external && defined<v1.ExternalMetricSource>({ metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue }),
  })
}

const resourceCurrent = ({ currentAverageUtilization: averageUtilization, currentAverageValue: averageValue }: { currentAverageUtilization?: number | undefined; currentAverageValue?: string | undefined }): v2.MetricValueStatus =>
  defined({ value: undefined, averageValue, averageUtilization })

export function metricStatusFromV1({ type, object, pods, resource, containerResource, external }: v1.MetricStatus): v2.MetricStatus {
  return defined<v2.MetricStatus>({
    type,
    object: object && { metric: defined({ name: object.metricName, selector: object.selector }), current: defined({ value: object.currentValue, averageValue: object.averageValue, averageUtilization: undefined }), describedObject: object.target },
    pods: pods && { metric: defined({ name: pods.metricName, selector: pods.selector }), current: { averageValue: pods.currentAverageValue } },
    resource: resource && { name: resource.name, current: resourceCurrent(resource) },
    containerResource: containerResource && { name: containerResource.name, current: resourceCurrent(containerResource), container: containerResource.container },
    external: external && { metric: defined({ name: external.metricName, selector: external.metricSelector }), current: defined({ value: external.currentValue, averageValue: external.currentAverageValue, averageUtilization: undefined }) },
  })
}

export function metricStatusToV1({ type, object, pods, resource, containerResource, external }: v2.MetricStatus): v1.MetricStatus {
  return defined<v1.MetricStatus>({
    type,
    object: object && defined<v1.ObjectMetricStatus>({ target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? '0', selector: object.metric.selector, averageValue: object.current.averageValue }),
    pods: pods && defined<v1.PodsMetricStatus>({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? '0', selector: pods.metric.selector }),
    resource: resource && defined<v1.ResourceMetricStatus>({ name: resource.name, currentAverageUtilization: resource.current.averageUtilization, currentAverageValue: resource.current.averageValue ?? '0' }),
    containerResource: containerResource && defined<v1.ContainerResourceMetricStatus>({
      name: containerResource.name, currentAverageUtilization: containerResource.current.averageUtilization, currentAverageValue: containerResource.current.averageValue ?? '0', container: containerResource.container,
    }),
    external: external && defined<v1.ExternalMetricStatus>({ metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? '0', currentAverageValue: external.current.averageValue }),
  })
}
