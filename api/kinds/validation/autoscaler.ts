import type { FieldError } from '../../errors.ts'
import { parseQuantity } from '../../schema/quantity.ts'
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HPAScalingPolicy, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget } from '../../types/autoscaling-v2.ts'
import { notNegative } from './amounts.ts'
import { each, forbidden, invalid, invalidFor, nonNegative, notPositiveMessage, notSupported, required } from './field.ts'
import { dnsLabel, pathSegment } from './names.ts'
import { containerResourceName } from './resources.ts'

export const validateAutoscaler = ({ spec }: HorizontalPodAutoscaler): FieldError[] => validateSpec(spec, 1)

/** One that was set to nought when that was allowed may stay so. */
export const validateAutoscalerUpdate = ({ spec }: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler): FieldError[] => validateSpec(spec, old.spec.minReplicas === 0 ? 0 : 1)

export const validateAutoscalerStatusUpdate = ({ status }: HorizontalPodAutoscaler): FieldError[] =>
  (['currentReplicas', 'desiredReplicas'] as const).flatMap((name) => nonNegative(status?.[name], `status.${name}`))

function validateSpec({ minReplicas: min, maxReplicas: max, scaleTargetRef, metrics = [], behavior }: HorizontalPodAutoscalerSpec, least: number): FieldError[] {
  const fromNought = min === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')
  return [
    ...(min !== undefined && min < least ? [invalid('spec.minReplicas', min, `must be greater than or equal to ${least}`)] : []),
    ...(max < 1 ? [invalid('spec.maxReplicas', max, 'must be greater than 0')] : []),
    ...(min !== undefined && max < min ? [invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')] : []),
    ...validateReference(scaleTargetRef, 'spec.scaleTargetRef'),
    ...each(metrics, 'spec.metrics', validateMetric),
    ...(fromNought ? [forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas')] : []),
    ...(behavior?.scaleUp ? validateRules(behavior.scaleUp, 'spec.behavior.scaleUp') : []),
    ...(behavior?.scaleDown ? validateRules(behavior.scaleDown, 'spec.behavior.scaleDown') : []),
  ]
}

const validateReference = ({ kind, name }: CrossVersionObjectReference, field: string): FieldError[] => [
  ...(kind ? invalidFor(`${field}.kind`, kind, pathSegment(kind)) : [required(`${field}.kind`)]),
  ...(name ? invalidFor(`${field}.name`, name, pathSegment(name)) : [required(`${field}.name`)]),
]

const longestWindow = 3600
const longestPeriod = 1800

function validateRules({ stabilizationWindowSeconds: seconds, selectPolicy, policies = [], tolerance }: HPAScalingRules, field: string): FieldError[] {
  const at = `${field}.stabilizationWindowSeconds`
  return [
    ...(seconds !== undefined && seconds < 0 ? [invalid(at, seconds, 'must be greater than or equal to zero')] : []),
    ...(seconds !== undefined && seconds > longestWindow ? [invalid(at, seconds, `must be less than or equal to ${longestWindow}`)] : []),
    ...(selectPolicy === undefined || ['Disabled', 'Max', 'Min'].includes(selectPolicy) ? [] : [notSupported(`${field}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min'])]),
    ...(policies.length ? [] : [required(`${field}.policies`, 'must specify at least one Policy')]),
    ...each(policies, `${field}.policies`, validatePolicy),
    ...(tolerance === undefined ? [] : notNegative(tolerance, `${field}.tolerance`)),
  ]
}

const validatePolicy = ({ type, value, periodSeconds }: HPAScalingPolicy, field: string): FieldError[] => [
  ...(type === 'Pods' || type === 'Percent' ? [] : [notSupported(`${field}.type`, type, ['Percent', 'Pods'])]),
  ...(value <= 0 ? [invalid(`${field}.value`, value, notPositiveMessage)] : []),
  ...(periodSeconds <= 0 ? [invalid(`${field}.periodSeconds`, periodSeconds, notPositiveMessage)] : []),
  ...(periodSeconds > longestPeriod ? [invalid(`${field}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`)] : []),
]

const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** The field of each type of metric, in the original's order. */
const sources = { Object: 'object', External: 'external', Pods: 'pods', Resource: 'resource', ContainerResource: 'containerResource' } as const
type Source = (typeof sources)[keyof typeof sources]

function validateMetric(metric: MetricSpec, field: string): FieldError[] {
  const present = Object.values(sources).filter((source) => metric[source] !== undefined)
  const expected: Source | undefined = Object.hasOwn(sources, metric.type) ? sources[metric.type as keyof typeof sources] : undefined
  const first = present[0]
  const unknown = notSupported(`${field}.type`, metric.type, types)
  return [
    ...(metric.type ? [] : [required(`${field}.type`, 'must specify a metric source type')]),
    ...(expected ? [] : [unknown]),
    ...(first ? validateSource(metric, first, `${field}.${first}`) : []),
    ...(expected ? metric[expected] ? [] : [required(`${field}.${expected}`, 'must populate information for the given metric source')] : [unknown]),
    ...(present.length > 1 ? present.filter((source) => source !== expected).map((source) => forbidden(`${field}.${source}`, 'must populate the given metric source only')) : []),
  ]
}

function validateSource(metric: MetricSpec, source: Source, field: string): FieldError[] {
  const target = metric[source]!.target
  const targetErrors = validateTarget(target, `${field}.target`)
  switch (source) {
    case 'object': return [
      ...validateReference(metric.object!.describedObject, `${field}.describedObject`), ...validateIdentifier(metric.object!.metric, `${field}.metric`), ...targetErrors,
      ...(target.value === undefined && target.averageValue === undefined ? [required(`${field}.target.averageValue`, 'must set either a target value or averageValue')] : []),
    ]
    case 'external': return [
      ...validateIdentifier(metric.external!.metric, `${field}.metric`), ...targetErrors,
      ...(target.value === undefined && target.averageValue === undefined ? [required(`${field}.target.averageValue`, 'must set either a target value for metric or a per-pod target')] : []),
      ...(target.value !== undefined && target.averageValue !== undefined ? [forbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target')] : []),
    ]
    case 'pods': return [
      ...validateIdentifier(metric.pods!.metric, `${field}.metric`), ...targetErrors,
      ...(target.averageValue === undefined ? [required(`${field}.target.averageValue`, 'must specify a positive target averageValue')] : []),
    ]
    default: return [...validateResourceName(metric, source, field), ...targetErrors, ...validateUtilization(target, `${field}.target`)]
  }
}

function validateResourceName(metric: MetricSpec, source: 'resource' | 'containerResource', field: string): FieldError[] {
  const { name } = metric[source]!
  if (!name) return [required(`${field}.name`, 'must specify a resource name')]
  if (source === 'resource') return []
  const { container } = metric.containerResource!
  return [...containerResourceName(name, `${field}.name`), ...(container ? invalidFor(`${field}.container`, container, dnsLabel(container)) : [required(`${field}.container`, 'must specify a container')])]
}

function validateUtilization({ averageUtilization, averageValue }: MetricTarget, field: string): FieldError[] {
  if (averageUtilization === undefined && averageValue === undefined) return [required(`${field}.averageUtilization`, 'must set either a target raw value or a target utilization')]
  return averageUtilization !== undefined && averageValue !== undefined ? [forbidden(`${field}.averageValue`, 'may not set both a target raw value and a target utilization')] : []
}

function validateTarget({ type, value, averageValue, averageUtilization }: MetricTarget, field: string): FieldError[] {
  const positive = (amount: string | undefined, name: string): FieldError[] => (amount !== undefined && parseQuantity(amount).nano <= 0n ? [invalid(`${field}.${name}`, amount, 'must be positive')] : [])
  return [
    ...(type ? [] : [required(`${field}.type`, 'must specify a metric target type')]),
    ...(['Utilization', 'Value', 'AverageValue'].includes(type) ? [] : [invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive(value, 'value'), ...positive(averageValue, 'averageValue'),
    ...(averageUtilization !== undefined && averageUtilization < 1 ? [invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0')] : []),
  ]
}

const validateIdentifier = ({ name }: MetricIdentifier, field: string): FieldError[] =>
  (name ? invalidFor(`${field}.name`, name, pathSegment(name)) : [required(`${field}.name`, 'must specify a metric name')])
