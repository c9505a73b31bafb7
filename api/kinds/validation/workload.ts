import type { FieldError } from '../../errors.ts'
import { selectorOf } from '../../selectors/labels.ts'
import type { PodTemplateSpec } from '../../types/core-v1/pod.ts'
import type { LabelSelector } from '../../types/meta-v1/meta.ts'
import { semanticEqual } from './equal.ts'
import { immutableMessage, invalid, nonNegative, required } from './field.ts'
import { validateLabelSelector } from './labels.ts'
import { validateWorkloadTemplate } from './pod-template.ts'

interface WorkloadSpec {
  replicas?: number | undefined
  minReadySeconds?: number | undefined
  selector?: LabelSelector | undefined
  template?: PodTemplateSpec | undefined
}

/** What ReplicaSet and Deployment have in common; both speak of themselves as a ReplicaSet. */
export function validateSelectorAndTemplate({ selector, template }: WorkloadSpec): FieldError[] {
  const wrong = selector ? validateLabelSelector(selector, 'spec.selector') : [required('spec.selector')]
  const empty = selector !== undefined && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length
  return [
    ...wrong,
    ...(empty ? [invalid('spec.selector', selector, 'empty selector is invalid for deployment')] : []),
    ...(wrong.length && selector ? [invalid('spec.selector', selector, 'invalid label selector')] : validateWorkloadTemplate(template, selectorOf(selector), 'ReplicaSet', 'spec.template')),
  ]
}

/** Pods that were made under one selector would be lost under another. */
export const selectorImmutable = (spec: WorkloadSpec, old: WorkloadSpec): FieldError[] =>
  (semanticEqual(spec.selector, old.selector) ? [] : [invalid('spec.selector', spec.selector ?? null, immutableMessage)])

type Counts = Record<string, unknown>

/** Counts of a status: none negative, no part greater than the whole. */
export function validateCounts(status: object | undefined, parts: readonly string[], others: readonly string[] = ['observedGeneration']): FieldError[] {
  const counts = (status ?? {}) as Counts
  const of = (name: string): number => (counts[name] ?? 0) as number
  return [
    ...['replicas', ...parts, ...others].flatMap((name) => nonNegative(of(name), `status.${name}`)),
    ...parts.filter((name) => of(name) > of('replicas')).map((name) => invalid(`status.${name}`, of(name), 'cannot be greater than status.replicas')),
    ...(of('availableReplicas') > of('readyReplicas') ? [invalid('status.availableReplicas', of('availableReplicas'), 'cannot be greater than readyReplicas')] : []),
  ]
}
