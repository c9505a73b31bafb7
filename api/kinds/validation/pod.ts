import type { FieldError } from '../../errors.ts'
import type { Container } from '../../types/core-v1/container.ts'
import type { NodeSelectorTerm } from '../../types/core-v1/common.ts'
import type { Pod, PodSpec } from '../../types/core-v1/pod.ts'
import { imageWhitespace } from './container.ts'
import { semanticEqual } from './equal.ts'
import { each, forbidden, inclusiveRange, invalid, required } from './field.ts'
import { isMirrorPod, validatePodAnnotations, validatePodAnnotationsUpdate } from './pod-annotations.ts'
import { validatePodSpec } from './pod-spec.ts'
import { validateProfilesMatch } from './profile-annotations.ts'

/** What holds for every pod, new or changed; metadata apart. */
export function validatePod({ metadata, spec }: Pod): FieldError[] {
  return [
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { isPod: true, podName: metadata.name, annotations: metadata.annotations }),
    ...(spec.serviceAccountName ? [] : tokensWithoutAccount(spec)),
    ...each(spec.containers, 'spec.containers', imageWhitespace),
    ...each(spec.initContainers, 'spec.initContainers', imageWhitespace),
  ]
}

const tokensWithoutAccount = (spec: PodSpec): FieldError[] => each(spec.volumes, 'spec.volumes', (volume, path) =>
  each(volume.projected?.sources, `${path}.projected.sources`, (source, at) =>
    (source.serviceAccountToken ? [forbidden(`${at}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')] : [])))

export function validatePodCreate(pod: Pod): FieldError[] {
  const { metadata, spec } = pod
  return [
    ...validatePod(pod),
    ...(spec.ephemeralContainers?.length ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : []),
    ...(spec.nodeName && spec.schedulingGates?.length ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')] : []),
    ...validateProfilesMatch(metadata.annotations, spec, 'spec'),
  ]
}

const updatable = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** A pod may change little: images, its deadline, more tolerations, fewer gates. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const { spec } = pod, before = old.spec
  const errors = [...validatePod(pod), ...validatePodAnnotationsUpdate(pod.metadata.annotations, old.metadata.annotations, 'metadata.annotations')]
  for (const list of ['containers', 'initContainers'] as const) {
    const now = spec[list] ?? []
    if (now.length !== (before[list] ?? []).length) return [...errors, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')]
    errors.push(...each(now, `spec.${list}`, validateImageChange))
  }
  const deadline = validateDeadlineChange(spec, before)
  if (deadline.length && spec.activeDeadlineSeconds !== undefined) return [...errors, ...deadline]
  return [...errors, ...deadline, ...onlyAddedTolerations(spec, before), ...onlyDeletedGates(spec, before), ...validateRest(spec, before)]
}

const validateImageChange = (container: Container, field: string): FieldError[] =>
  [...(container.image ? [] : [required(`${field}.image`)]), ...imageWhitespace(container, field)]

function validateDeadlineChange({ activeDeadlineSeconds: now }: PodSpec, { activeDeadlineSeconds: before }: PodSpec): FieldError[] {
  const field = 'spec.activeDeadlineSeconds'
  if (now === undefined) return before === undefined ? [] : [invalid(field, null, 'must not update from a positive integer to nil value')]
  if (now < 0 || now > 2 ** 31 - 1) return [invalid(field, now, inclusiveRange(0, 2 ** 31 - 1))]
  return before !== undefined && before < now ? [invalid(field, now, 'must be less than or equal to previous value')] : []
}

function onlyAddedTolerations({ tolerations = [] }: PodSpec, { tolerations: before = [] }: PodSpec): FieldError[] {
  const kept = before.every((old) => tolerations.some((now) => semanticEqual({ ...old, tolerationSeconds: undefined }, { ...now, tolerationSeconds: undefined })))
  return kept ? [] : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

const onlyDeletedGates = ({ schedulingGates }: PodSpec, { schedulingGates: before = [] }: PodSpec): FieldError[] => each(schedulingGates, 'spec.schedulingGates', ({ name }, path) =>
  (before.some((gate) => gate.name === name) ? [] : [forbidden(`${path}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)]))

/** The new spec with everything that may change put back, so that what is left must be equal. */
function restored(spec: PodSpec, before: PodSpec): PodSpec {
  const images = (list: 'containers' | 'initContainers') => spec[list]?.map((container, index) => ({ ...container, image: before[list]![index]!.image }))
  const forgiven = (before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
  return {
    ...spec, containers: images('containers') ?? [], initContainers: images('initContainers'),
    activeDeadlineSeconds: before.activeDeadlineSeconds, tolerations: before.tolerations, schedulingGates: before.schedulingGates,
    ...(forgiven && { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds }),
  }
}

function validateRest(spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  let rest = restored(spec, before)
  if (before.schedulingGates?.length) {
    errors.push(...nodeSelectorAdditions(spec, before), ...nodeAffinityAdditions(spec, before))
    rest = { ...rest, nodeSelector: before.nodeSelector, affinity: { ...rest.affinity, nodeAffinity: before.affinity?.nodeAffinity } }
  }
  if (semanticEqual(rest, before)) return errors
  const changed = Object.keys({ ...rest, ...before }).filter((name) => !semanticEqual(rest[name as keyof PodSpec], before[name as keyof PodSpec]))
  return [...errors, forbidden('spec', `pod updates may not change fields other than ${updatable}\n${changed.map((name) => `  spec.${name}: ${describe(before, name)} -> ${describe(rest, name)}`).join('\n')}\n`)]
}

const describe = (spec: PodSpec, name: string): string => JSON.stringify(spec[name as keyof PodSpec]) ?? 'absent'

function nodeSelectorAdditions({ nodeSelector: now = {} }: PodSpec, { nodeSelector: before = {} }: PodSpec): FieldError[] {
  const kept = Object.entries(before).every(([key, value]) => now[key] === value)
  return kept ? [] : [invalid('spec.nodeSelector', now, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')]
}

function nodeAffinityAdditions(spec: PodSpec, before: PodSpec): FieldError[] {
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const termsOf = ({ affinity }: PodSpec): NodeSelectorTerm[] => affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const old = termsOf(before), now = termsOf(spec)
  if (!old.length) return []
  if (old.length !== now.length) return [invalid(field, now, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return old.flatMap((term, index) => (hasOnlyAdditions(now[index]!, term) ? [] : [invalid(`${field}[${index}]`, now[index], 'only additions are allowed (no mutations or deletions)')]))
}

function hasOnlyAdditions(now: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const starts = (list: readonly unknown[] = [], head: readonly unknown[] = []): boolean => semanticEqual(list.slice(0, head.length), head)
  if (!old.matchExpressions?.length && !old.matchFields?.length) return !now.matchExpressions?.length && !now.matchFields?.length
  return starts(now.matchExpressions, old.matchExpressions) && starts(now.matchFields, old.matchFields)
}

/** A change through `ephemeralcontainers`: containers may be added, never changed or removed. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old.metadata.annotations)) return [forbidden('', 'static pods do not support ephemeral containers')]
  const field = 'spec.ephemeralContainers'
  const now = new Map((pod.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  return [
    ...validatePod(pod),
    ...(old.spec.ephemeralContainers ?? []).flatMap((container) => {
      if (!now.has(container.name)) return [forbidden(field, `existing ephemeral containers ${JSON.stringify(container.name)} may not be removed\n`)]
      return semanticEqual(now.get(container.name), container) ? [] : [forbidden(field, `existing ephemeral containers ${JSON.stringify(container.name)} may not be changed\n`)]
    }),
  ]
}
