import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling-v2.ts'
import { age, integer, text } from '../columns.ts'
import type { Column } from '../kind.ts'

/** What `kubectl get hpa` prints. */
export const autoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  text('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`, 'What is scaled.'),
  text('Targets', ({ spec, status }) => formatMetrics(spec.metrics ?? [], status?.currentMetrics ?? []), 'What is measured, and what it should be.'),
  text('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>'), 'The least number of replicas.'),
  integer('MaxPods', ({ spec }) => spec.maxReplicas, 'The largest number of replicas.'),
  integer('Replicas', ({ status }) => status?.currentReplicas, 'How many there are.'),
  age,
]

const most = 2
const unknown = '<unknown>'

function formatMetrics(metrics: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (metrics.length === 0) return '<none>'
  const list = metrics.slice(0, most).map((metric, index) => formatMetric(metric, statuses[index])).join(', ')
  return metrics.length > most ? `${list} + ${metrics.length - most} more...` : list
}

function formatMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External': return metric.external ? formatValue(metric.external.target, status?.external?.current) : unknown
    case 'Object': return metric.object ? formatValue(metric.object.target, status?.object?.current) : unknown
    case 'Pods': return `${status?.pods?.current.averageValue ?? unknown}/${metric.pods?.target.averageValue ?? ''}`
    case 'Resource': return metric.resource ? formatResource(metric.resource, status?.resource?.current) : unknown
    case 'ContainerResource': return metric.containerResource ? formatResource(metric.containerResource, status?.containerResource?.current) : unknown
    default: return '<unknown type>'
  }
}

const formatValue = (target: MetricTarget, current: MetricValueStatus | undefined): string => (target.averageValue === undefined
  ? `${current?.value ?? unknown}/${target.value ?? ''}` : `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`)

function formatResource({ name, target }: { name: string; target: MetricTarget }, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`
  const percent = (value: number | undefined, absent: string): string => (value === undefined ? absent : `${value}%`)
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`
}
