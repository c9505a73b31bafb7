import { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { defaultAutoscaler } from '../defaults/autoscaler.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus, startWith } from '../strategy.ts'
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from '../validation/autoscaler.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { autoscalerColumns } from './autoscaler-columns.ts'

/** The form in which autoscalers are stored; the others are views of it. */
export const horizontalPodAutoscalers: Kind<HorizontalPodAutoscaler> = {
  group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', resource: 'horizontalpodautoscalers', singular: 'horizontalpodautoscaler', shortNames: ['hpa'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: HorizontalPodAutoscaler, storage: 'horizontalpodautoscalers',
  doc: 'Sets the number of replicas of a workload by what is measured.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateAutoscalerStatusUpdate },
  },
  default: defaultAutoscaler,
  prepareForCreate: startWith<HorizontalPodAutoscaler>(() => ({ desiredReplicas: 0 }), false),
  prepareForUpdate: keepStatus,
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  columns: autoscalerColumns,
}
