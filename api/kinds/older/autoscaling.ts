import { setKey } from '../../schema/set-key.ts'
import * as v2beta1 from '../../types/autoscaling-v2beta1.ts'
import * as v2beta2 from '../../types/autoscaling-v2beta2.ts'
import { metricFromV1, metricStatusFromV1, metricStatusToV1, metricToV1 } from '../autoscaling-v1/metrics.ts'
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
      ...statusWith(autoscaler.status, metricStatusFromV1),
    }
  },
  fromStable(autoscaler) {
    const { metrics, behavior, ...spec } = autoscaler.spec ?? {}
    const annotations = { ...autoscaler.metadata?.annotations, ...(behavior && { [behaviorAnnotation]: JSON.stringify(behavior) }) }
    return {
      ...autoscaler, metadata: behavior ? withAnnotations(autoscaler.metadata, annotations) : autoscaler.metadata,
      spec: { ...spec, ...(metrics && { metrics: metrics.map(metricToV1) }) },
      ...statusWith(autoscaler.status, metricStatusToV1),
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

/** The metrics are those of `autoscaling/v1`'s annotations. A target of nought beside an average stands for none: the field had to be there. */
function stableMetric(metric: any): any {
  const stable: any = metricFromV1(metric)
  const { averageValue, targetValue } = metric.object ?? {}
  if (averageValue !== undefined && targetValue === '0') delete stable.object.target.value
  return stable
}

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
