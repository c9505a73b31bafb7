import type { FieldError } from '../../errors.ts'
import { formatSelector, matchesLabels, type Selector } from '../../selectors/labels.ts'
import type { PodTemplateSpec } from '../../types/core-v1/pod.ts'
import { restartAlways } from './container.ts'
import { forbidden, required } from './field.ts'
import { selectorMismatch, validateLabels } from './labels.ts'
import { validateAnnotations } from './metadata.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import { validatePodSpec } from './pod-spec.ts'
import { validateProfilesMatch } from './profile-annotations.ts'

export function validatePodTemplateSpec(template: PodTemplateSpec, field: string): FieldError[] {
  const { labels, annotations } = template.metadata ?? {}
  return [
    ...validateLabels(labels, `${field}.labels`),
    ...validateAnnotations(annotations, `${field}.annotations`),
    ...validatePodAnnotations(annotations, template.spec, `${field}.annotations`),
    ...validatePodSpec(template.spec, `${field}.spec`, { isPod: false }),
    ...validateProfilesMatch(annotations, template.spec, `${field}.spec`),
    ...(template.spec.ephemeralContainers?.length ? [forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ]
}

/** The template of something that keeps pods running: its pods must be found by the selector and never end. */
export function validateWorkloadTemplate(template: PodTemplateSpec | undefined, selector: Selector, kind: string, field: string): FieldError[] {
  if (!template) return [required(field)]
  const labels = template.metadata?.labels
  return [
    ...(formatSelector(selector) && !matchesLabels(selector, labels) ? [selectorMismatch(labels, field)] : []),
    ...validatePodTemplateSpec(template, field),
    ...restartAlways(template.spec.restartPolicy, `${field}.spec.restartPolicy`),
    ...(template.spec.activeDeadlineSeconds === undefined ? [] : [forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ]
}
