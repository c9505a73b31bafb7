import { decode } from '../../schema/decode.ts'
import { list, req, struct } from '../../schema/schema.ts'
import type { StructSchema } from '../../schema/schema.ts'
import { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, MetricSpec, MetricStatus } from '../../types/autoscaling-v1-autoscaler.ts'
import { HorizontalPodAutoscalerBehavior } from '../../types/autoscaling-v2.ts'
import type * as v2 from '../../types/autoscaling-v2.ts'
import { autoscalerColumns } from '../autoscaling-v2/autoscaler-columns.ts'
import { horizontalPodAutoscalers } from '../autoscaling-v2/horizontal-pod-autoscaler.ts'
import { defaultAutoscaler } from '../defaults/autoscaler.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus, startWith } from '../strategy.ts'
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from '../validation/autoscaler.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { metricFromV1, metricStatusFromV1, metricStatusToV1, metricToV1 } from './metrics.ts'

/*
 * The oldest form knows the processor only. What it has no field for it carries in annotations, so that a client that
 * reads, changes and writes it loses nothing.
 */
const annotation = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics', currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions', behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const

export const horizontalPodAutoscalersV1: Kind<HorizontalPodAutoscaler> = {
  group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler', resource: 'horizontalpodautoscalers', singular: 'horizontalpodautoscaler', shortNames: ['hpa'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: HorizontalPodAutoscaler, storage: 'horizontalpodautoscalers',
  doc: 'Sets the number of replicas of a workload by its use of the processor.',
  storedAs: { kind: horizontalPodAutoscalers, toStored, fromStored },
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: (autoscaler: HorizontalPodAutoscaler) => validateAutoscalerStatusUpdate(toStored(autoscaler)) },
  },
  default({ spec }) { spec.minReplicas ??= 1 },
  prepareForCreate: startWith<HorizontalPodAutoscaler>(() => ({ currentReplicas: 0, desiredReplicas: 0 }), false),
  prepareForUpdate: keepStatus,
  validate: (autoscaler) => validateAutoscaler(toStored(autoscaler)),
  validateUpdate: (autoscaler, old) => validateAutoscalerUpdate(toStored(autoscaler), toStored(old)),
  columns: autoscalerColumns.map((column) => ({ ...column, value: (autoscaler, now) => column.value(toStored(autoscaler), now) })),
}

function toStored({ metadata, spec, status, ...rest }: HorizontalPodAutoscaler): v2.HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: percent, ...common } = spec
  const noted = metadata.annotations ?? {}
  const metrics = [...(read(noted[annotation.metrics], metricsSchema)?.items ?? []).map(metricFromV1), ...(percent === undefined ? [] : [cpu(percent)])]
  const behavior = readBehavior(noted[annotation.behavior])
  const stored: v2.HorizontalPodAutoscaler = {
    ...rest, apiVersion: 'autoscaling/v2', metadata: withAnnotations(metadata, {}),
    spec: { ...common, ...(metrics.length && { metrics }), ...(behavior && { behavior }) },
    ...(status && { status: statusToStored(status, noted) }),
  }
  defaultAutoscaler(stored)
  return stored
}

function statusToStored({ currentCPUUtilizationPercentage: percent, ...common }: NonNullable<HorizontalPodAutoscaler['status']>, noted: Readonly<Record<string, string>>): v2.HorizontalPodAutoscalerStatus {
  const known = read(noted[annotation.currentMetrics], statusesSchema)?.items.map(metricStatusFromV1)
  const currentMetrics = known ?? (percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: percent } } }])
  const conditions = read(noted[annotation.conditions], conditionsSchema)?.items
  return { ...common, ...(currentMetrics.length && { currentMetrics }), ...(conditions && { conditions }) }
}

const cpu = (averageUtilization: number): v2.MetricSpec => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } })
const cpuPercent = ({ type, resource }: v2.MetricSpec): number | undefined => (type === 'Resource' && resource?.name === 'cpu' ? resource.target.averageUtilization : undefined)

function fromStored({ metadata, spec, status, ...rest }: v2.HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { metrics = [], behavior, ...common } = spec
  const percent = metrics.map(cpuPercent).find((value) => value !== undefined)
  const others = metrics.filter((metric) => cpuPercent(metric) === undefined)
  const notes = {
    ...(others.length && { [annotation.metrics]: JSON.stringify(others.map(metricToV1)) }),
    ...(status?.currentMetrics?.length && { [annotation.currentMetrics]: JSON.stringify(status.currentMetrics.map(metricStatusToV1)) }),
    ...(behavior && { [annotation.behavior]: JSON.stringify(capitalised(behavior)) }),
    ...(status?.conditions?.length && { [annotation.conditions]: JSON.stringify(status.conditions) }),
  }
  return {
    ...rest, apiVersion: 'autoscaling/v1', metadata: withAnnotations(metadata, notes),
    spec: { ...common, ...(percent !== undefined && { targetCPUUtilizationPercentage: percent }) },
    ...(status && { status: statusFromStored(status) }),
  }
}

function statusFromStored({ observedGeneration, lastScaleTime, currentReplicas, desiredReplicas, currentMetrics = [] }: v2.HorizontalPodAutoscalerStatus): NonNullable<HorizontalPodAutoscaler['status']> {
  const percent = currentMetrics.map(({ type, resource }) => (type === 'Resource' && resource?.name === 'cpu' ? resource.current.averageUtilization : undefined)).find((value) => value !== undefined)
  return {
    ...(observedGeneration !== undefined && { observedGeneration }), ...(lastScaleTime !== undefined && { lastScaleTime }),
    currentReplicas: currentReplicas ?? 0, desiredReplicas, ...(percent !== undefined && { currentCPUUtilizationPercentage: percent }),
  }
}

/** The annotations with ours taken out, and `notes` in their place. */
function withAnnotations<M extends { annotations?: Record<string, string> | undefined }>(metadata: M, notes: Readonly<Record<string, string>>): M {
  const own: readonly string[] = Object.values(annotation)
  const { annotations, ...rest } = metadata
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !own.includes(key))
  const all = Object.fromEntries([...kept, ...Object.entries(notes)].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...rest, ...(Object.keys(all).length && { annotations: all }) } as M
}

const items = <S extends StructSchema>(of: S) => struct(`${of.name}List`, { items: req(1, list(of)) })
const metricsSchema = items(MetricSpec)
const statusesSchema = items(MetricStatus)
const conditionsSchema = items(HorizontalPodAutoscalerCondition)

/** What an annotation holds; what cannot be read is as if it were not there, as in the original. */
function read<S extends StructSchema>(text: string | undefined, schema: S): { items: any[] } | undefined {
  if (text === undefined) return undefined
  try {
    return decode<any>(schema, { items: JSON.parse(text) }, 'Ignore').object
  } catch {
    return undefined
  }
}

function readBehavior(text: string | undefined): v2.HorizontalPodAutoscalerBehavior | undefined {
  if (text === undefined) return undefined
  try {
    return decode<any>(HorizontalPodAutoscalerBehavior, withInitials(JSON.parse(text), (initial) => initial.toLowerCase()), 'Ignore').object
  } catch {
    return undefined
  }
}

/** The original writes this annotation from a Go struct without tags, so its keys have capitals. */
const capitalised = (behavior: unknown): unknown => withInitials(behavior, (initial) => initial.toUpperCase())

function withInitials(value: unknown, change: (initial: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withInitials(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [change(key.charAt(0)) + key.slice(1), withInitials(inner, change)]))
}
