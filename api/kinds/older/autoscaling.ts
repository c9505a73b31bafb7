import { setKey } from '../../schema/set-key.ts'
import * as v2beta1 from '../../types/autoscaling-v2beta1.ts'
import * as v2beta2 from '../../types/autoscaling-v2beta2.ts'
import { horizontalPodAutoscalers } from '../autoscaling-v2/horizontal-pod-autoscaler.ts'
import type { Kind } from '../kind.ts'
import { deprecation, olderVersion } from './older-version.ts'
import type { Conversion } from './older-version.ts'

/** What the first form had no field for is kept here, as JSON. */
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior'

const form: Conversion = {
  toStable(autoscaler) {
    const { [behaviorAnnotation]: text, ...annotations } = autoscaler.metadata?.annotations ?? {}
    const behavior = parsed(text)
    const { metrics, ...spec } = autoscaler.spec ?? {}
    return {
      ...autoscaler, metadata: behavior ? withAnnotations(autoscaler.metadata, annotations) : autoscaler.metadata,
      spec: { ...spec, ...(metrics && { metrics: metrics.map(stableMetric) }), ...(behavior && { behavior }) },
      ...statusWith(autoscaler.status, stableCurrent),
    }
  },
  fromStable(autoscaler) {
    const { metrics, behavior, ...spec } = autoscaler.spec ?? {}
    const annotations = { ...autoscaler.metadata?.annotations, ...(behavior && { [behaviorAnnotation]: JSON.stringify(behavior) }) }
    return {
      ...autoscaler, metadata: behavior ? withAnnotations(autoscaler.metadata, annotations) : autoscaler.metadata,
      spec: { ...spec, ...(metrics && { metrics: metrics.map(olderMetric) }) },
      ...statusWith(autoscaler.status, olderCurrent),
    }
  },
}

function parsed(text: string | undefined): object | undefined {
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function withAnnotations({ annotations: _, ...metadata }: any, wanted: Readonly<Record<string, string>>): any {
  const sorted: Record<string, string> = {}
  for (const key of Object.keys(wanted).sort()) setKey(sorted, key, wanted[key]!)
  return { ...metadata, ...(Object.keys(sorted).length > 0 && { annotations: sorted }) }
}

const statusWith = (status: any, convert: (metric: any) => any) =>
  (status ? { status: { ...status, ...(status.currentMetrics && { currentMetrics: status.currentMetrics.map(convert) }) } } : {})

const identifier = (name: string, selector: unknown) => ({ name, ...(selector !== undefined && { selector }) })
const given = (fields: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
const each = (metric: any, convert: Readonly<Record<string, (source: any) => any>>): any =>
  Object.fromEntries(Object.entries(metric).map(([name, source]) => [name, Object.hasOwn(convert, name) && source ? convert[name]!(source) : source]))

function utilization({ targetAverageUtilization, targetAverageValue, ...rest }: any): any {
  const type = targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization'
  return { ...rest, target: { type, ...given({ averageValue: targetAverageValue, averageUtilization: targetAverageUtilization }) } }
}
const olderUtilization = ({ target, ...rest }: any): any => ({ ...rest, ...given({ targetAverageUtilization: target?.averageUtilization, targetAverageValue: target?.averageValue }) })

const stableMetric = (metric: any): any => each(metric, {
  object: ({ target, metricName, targetValue, selector, averageValue }) => ({
    describedObject: target, metric: identifier(metricName, selector),
    target: averageValue === undefined ? { type: 'Value', value: targetValue } : { type: 'AverageValue', averageValue, ...(targetValue !== '0' && { value: targetValue }) },
  }),
  pods: ({ metricName, targetAverageValue, selector }) => ({ metric: identifier(metricName, selector), target: { type: 'AverageValue', averageValue: targetAverageValue } }),
  resource: utilization,
  containerResource: utilization,
  external: ({ metricName, metricSelector, targetValue, targetAverageValue }) => ({
    metric: identifier(metricName, metricSelector), target: { type: targetValue === undefined ? 'AverageValue' : 'Value', ...given({ value: targetValue, averageValue: targetAverageValue }) },
  }),
})

const olderMetric = (metric: any): any => each(metric, {
  object: ({ describedObject, metric: { name, selector }, target }) => given({ target: describedObject, metricName: name, targetValue: target.value ?? '0', selector, averageValue: target.averageValue }),
  pods: ({ metric: { name, selector }, target }) => given({ metricName: name, targetAverageValue: target.averageValue, selector }),
  resource: olderUtilization,
  containerResource: olderUtilization,
  external: ({ metric: { name, selector }, target }) => given({ metricName: name, metricSelector: selector, targetValue: target.value, targetAverageValue: target.averageValue }),
})

const currentUtilization = ({ currentAverageUtilization, currentAverageValue, ...rest }: any): any =>
  ({ ...rest, current: given({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization }) })
const olderCurrentUtilization = ({ current, ...rest }: any): any => ({ ...rest, ...given({ currentAverageUtilization: current?.averageUtilization, currentAverageValue: current?.averageValue }) })

const stableCurrent = (metric: any): any => each(metric, {
  object: ({ target, metricName, currentValue, selector, averageValue }) => ({ describedObject: target, metric: identifier(metricName, selector), current: given({ value: currentValue, averageValue }) }),
  pods: ({ metricName, currentAverageValue, selector }) => ({ metric: identifier(metricName, selector), current: { averageValue: currentAverageValue } }),
  resource: currentUtilization,
  containerResource: currentUtilization,
  external: ({ metricName, metricSelector, currentValue, currentAverageValue }) => ({ metric: identifier(metricName, metricSelector), current: given({ value: currentValue, averageValue: currentAverageValue }) }),
})

const olderCurrent = (metric: any): any => each(metric, {
  object: ({ describedObject, metric: { name, selector }, current }) => given({ target: describedObject, metricName: name, currentValue: current.value ?? '0', selector, averageValue: current.averageValue }),
  pods: ({ metric: { name, selector }, current }) => given({ metricName: name, currentAverageValue: current.averageValue, selector }),
  resource: olderCurrentUtilization,
  containerResource: olderCurrentUtilization,
  external: ({ metric: { name, selector }, current }) => given({ metricName: name, metricSelector: selector, currentValue: current.value ?? '0', currentAverageValue: current.averageValue }),
})

/** By the stable kind's own defaults, done to its form. */
function defaulted(autoscaler: v2beta1.HorizontalPodAutoscaler): void {
  autoscaler.spec.minReplicas ??= 1
  // The original asks for 80 % of the CPU where nothing is asked for.
  if (!autoscaler.spec.metrics?.length) autoscaler.spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }]
}

/** `autoscaling/v2beta1` and `autoscaling/v2beta2`. */
export const olderAutoscaling: readonly Kind[] = Object.freeze([
  olderVersion(horizontalPodAutoscalers, {
    version: 'v2beta1', schema: v2beta1.HorizontalPodAutoscaler, convert: form, default: defaulted,
    deprecated: deprecation('autoscaling/v2beta1 HorizontalPodAutoscaler', 22, 25, 'autoscaling/v2 HorizontalPodAutoscaler'),
  }),
  olderVersion(horizontalPodAutoscalers, {
    version: 'v2beta2', schema: v2beta2.HorizontalPodAutoscaler,
    deprecated: deprecation('autoscaling/v2beta2 HorizontalPodAutoscaler', 23, 26, 'autoscaling/v2 HorizontalPodAutoscaler'),
  }),
])
