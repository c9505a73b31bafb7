import { podLimits, podRequests } from '../../api/kinds/pod-requests.ts'
import { qosClassOf } from '../../api/kinds/qos.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1/pod.ts'
import type { PodAffinityTerm } from '../../api/types/core-v1/scheduling.ts'
import type { ScopedResourceSelectorRequirement } from '../../api/types/core-v1/quota.ts'
import { countName, selects } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'

const count = countName({ group: '', resource: 'pods' })
const computed = ['cpu', 'memory', 'ephemeral-storage'] as const
const named = new Set([count, 'pods', ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])])
/** Once a quota limits one of these every container must say how much of it it wants. Others came after that was seen to be a mistake. */
const demanded = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.')

/** Pods: how many, and what they request and are limited to. */
export const podEvaluator: Evaluator = {
  counts: (name) => named.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-') || (name.startsWith('requests.') && !isNative(name)),
  usage: (pod: Pod, now) => (isLive(pod, now) ? { [count]: '1', pods: '1', ...resources(podRequests(pod.spec), podLimits(pod.spec)) } : { [count]: '1' }),
  inScope: (selector, pod: Pod) => inScope(selector, pod.spec),
  missing: (limited, pod: Pod) => missing(limited.filter((name) => demanded.has(name)).sort(), pod.spec),
  grows: ({ operation, subresource }) => (operation === 'create' && subresource === '') || (operation === 'update' && subresource === 'resize'),
}

/** A finished pod uses nothing, nor does one that should have been gone by now: its node may be lost. */
function isLive({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  return deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined || now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

/** Requests and limits under the names that quotas have for them. */
function resources(requests: ResourceList, limits: ResourceList): ResourceList {
  const used: ResourceList = {}
  for (const name of computed) {
    if (requests[name] !== undefined) used[name] = used[`requests.${name}`] = requests[name]
    if (limits[name] !== undefined) used[`limits.${name}`] = limits[name]
  }
  for (const [name, quantity] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) used[name] = used[`requests.${name}`] = quantity
    else if (isExtended(name)) used[`requests.${name}`] = quantity
  }
  return used
}

function missing(limited: readonly string[], spec: PodSpec): string | undefined {
  const wholePod = resources(spec.resources?.requests ?? {}, spec.resources?.limits ?? {})
  const parts = limited.filter((name) => wholePod[name] === undefined).flatMap((name) => {
    const silent = [...spec.containers, ...spec.initContainers ?? []].filter((container) => resources(container.resources?.requests ?? {}, container.resources?.limits ?? {})[name] === undefined)
    return silent.length > 0 ? [`${name} for: ${silent.map((container) => container.name).sort().join(',')}`] : []
  })
  return parts.length > 0 ? `must specify ${parts.join('; ')}` : undefined
}

function inScope(selector: ScopedResourceSelectorRequirement, spec: PodSpec): boolean {
  switch (selector.scopeName) {
    case 'Terminating': return isBounded(spec)
    case 'NotTerminating': return !isBounded(spec)
    case 'BestEffort': return qosClassOf(spec) === 'BestEffort'
    case 'NotBestEffort': return qosClassOf(spec) !== 'BestEffort'
    case 'PriorityClass': return selects(selector, ...(spec.priorityClassName ? [spec.priorityClassName] : []))
    case 'CrossNamespacePodAffinity': return looksElsewhere(spec)
    default: return false
  }
}

const isBounded = ({ activeDeadlineSeconds }: PodSpec): boolean => activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0

function looksElsewhere({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((kind): readonly PodAffinityTerm[] => [
    ...kind?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    ...(kind?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }) => podAffinityTerm ?? []),
  ])
  return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector)
}
