import { Pod } from '../../types/core-v1/pod.ts'
import type { PodAffinityTerm, TopologySpreadConstraint } from '../../types/core-v1/scheduling.ts'
import type { LabelSelector } from '../../types/meta-v1/meta.ts'
import type { PodStatus } from '../../types/core-v1/pod-status.ts'
import { defaultPod } from '../defaults/pod.ts'
import { dropDisabledFields, dropDisabledStatusFields } from '../disabled-fields.ts'
import type { Kind } from '../kind.ts'
import { qosClassOf } from '../qos.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { validateEphemeralContainersUpdate, validatePodCreate, validatePodUpdate } from '../validation/pod.ts'
import { takeAppArmorAnnotations } from '../validation/profile-annotations.ts'
import { prepareResize, validatePodResize } from '../validation/pod-resize.ts'
import { validatePodStatusUpdate } from '../validation/pod-status.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'
import { podWarnings } from '../warnings/pod.ts'
import { podColumns } from './pod-columns.ts'

export const pods: Kind<Pod> = {
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Pod, storage: 'pods',
  doc: 'A group of containers that share an address and volumes and are placed on one node together.',
  subresources: {
    attach: custom('PodAttachOptions', ['create', 'get']),
    binding: custom('Binding', ['create']),
    ephemeralcontainers: { ...custom('Pod', viewVerbs), prepareForUpdate: keepAllButEphemeral, validateUpdate: validateEphemeralContainersUpdate },
    eviction: { type: 'custom', group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
    exec: custom('PodExecOptions', ['create', 'get']),
    log: custom('Pod', ['get']),
    portforward: custom('PodPortForwardOptions', ['create', 'get']),
    proxy: custom('PodProxyOptions', proxyVerbs),
    resize: { ...custom('Pod', viewVerbs), prepareForUpdate: prepareResize, validateUpdate: validatePodResize },
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: prepareStatus, validateUpdate: validatePodStatusUpdate },
  },
  default: defaultPod,
  prepareForCreate,
  prepareForUpdate,
  validate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  columns: podColumns,
  fieldLabels: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP || status?.podIPs?.[0]?.ip || '',
    'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  gracePeriod,
}

function prepareForCreate(pod: Pod): void {
  pod.metadata.generation = 1
  dropDisabledFields(pod.spec)
  takeAppArmorAnnotations(pod.metadata.annotations, pod.spec)
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec), ...(pod.spec.schedulingGates?.length && { conditions: [gated] }) }
  const labels = pod.metadata.labels ?? {}
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  for (const affinity of [podAffinity, podAntiAffinity]) {
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) applyMatchKeys(term, labels)
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) applyMatchKeys(podAffinityTerm, labels)
  }
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) applyMatchKeys(constraint, labels)
}

function prepareForUpdate(pod: Pod, old: Pod): void {
  dropDisabledFields(pod.spec, old.spec)
  keepStatusAndCount(pod, old)
}

const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }

/** `matchLabelKeys`: "like the pod itself", written out once its labels are known, so that a scheduler sees a plain selector. */
function applyMatchKeys(term: PodAffinityTerm | TopologySpreadConstraint, labels: Readonly<Record<string, string>>): void {
  const selector: LabelSelector | undefined = term.labelSelector
  if (!selector) return
  const add = (keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): void => {
    for (const key of keys ?? []) if (labels[key] !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [labels[key]] })
  }
  add(term.matchLabelKeys, 'In')
  if ('mismatchLabelKeys' in term) add(term.mismatchLabelKeys, 'NotIn')
}

function keepAllButEphemeral(pod: Pod, old: Pod): void {
  const { ephemeralContainers } = pod.spec
  pod.metadata = { ...old.metadata }
  pod.spec = { ...old.spec, ephemeralContainers }
  dropDisabledFields(pod.spec, old.spec)
  keepStatusAndCount(pod, old)
}

function prepareStatus(pod: Pod, old: Pod): void {
  keepSpec(pod, old)
  pod.metadata.generation = old.metadata.generation
  pod.metadata.ownerReferences = old.metadata.ownerReferences
  const status = (pod.status ??= {})
  status.qosClass ||= old.status?.qosClass
  keepObservedGenerations(status, old.status)
  dropDisabledStatusFields(status)
}

/** An agent that knows nothing of generations does not take back what was observed. */
function keepObservedGenerations(status: PodStatus, old: PodStatus = {}): void {
  if (!status.observedGeneration && old.observedGeneration) status.observedGeneration = old.observedGeneration
  const left = [...old.conditions ?? []]
  for (const condition of status.conditions ?? []) {
    const index = left.findIndex(({ type }) => type === condition.type)
    const observed = index < 0 ? undefined : left.splice(index, 1)[0]!.observedGeneration
    if (!condition.observedGeneration && observed) condition.observedGeneration = observed
  }
}

/** A pod no agent has taken up, or whose containers have ended, is gone at once. */
function gracePeriod({ spec, status }: Pod, asked: number | undefined): number {
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 30
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0
  return seconds < 0 ? 1 : seconds
}
