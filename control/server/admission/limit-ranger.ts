import { limitRanges } from '../../../api/kinds/core-v1/limit-range.ts'
import { podLimits, podRequests } from '../../../api/kinds/pod-requests.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import type { Container } from '../../../api/types/core-v1/container.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { LimitRange, LimitRangeItem } from '../../../api/types/core-v1/quota.ts'
import type { ResourceList } from '../../../api/types/core-v1/common.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { aboveMaximum, aboveRatio, belowMinimum, requestAboveMaximum } from './limits.ts'
import { memoryOf } from './memory.ts'
import { joined, refuse } from './refuse.ts'

const memory = memoryOf<LimitRange>(limitRanges)
const annotation = 'kubernetes.io/limit-ranger'

/** Fills in and enforces what the LimitRanges of a namespace say of containers, pods and claims. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  load: memory.load,
  admit(request, tools) {
    if (!concerns(request) || request.kind.resource !== 'pods') return
    return memory.inNamespace(tools, request.namespace, (ranges) => {
      for (const range of ranges) fillIn(request.object, range.spec.limits)
    })
  },
  validate(request, tools) {
    if (!concerns(request)) return
    return memory.inNamespace(tools, request.namespace, (ranges) => {
      for (const { spec } of ranges) {
        const reasons = request.kind.resource === 'pods' ? podViolations(request.object, spec.limits) : claimViolations(request.object, spec.limits)
        if (reasons.length > 0) throw refuse(request, joined(reasons))
      }
    })
  },
}

/** New pods and resized ones; new claims and changed ones; nothing that is on its way out. */
function concerns({ kind, operation, subresource, old }: AdmissionRequest): boolean {
  if (kind.group !== '' || (operation !== 'create' && operation !== 'update') || old?.metadata.deletionTimestamp) return false
  if (kind.resource === 'pods') return operation === 'create' ? subresource === '' : subresource === 'resize'
  return kind.resource === 'persistentvolumeclaims' && subresource === ''
}

/** Sets what containers leave open, and says so in an annotation. */
export function fillIn(pod: Pod, limits: readonly LimitRangeItem[]): void {
  const defaults = { requests: {} as ResourceList, limits: {} as ResourceList }
  for (const item of limits) {
    if (item.type !== 'Container') continue
    Object.assign(defaults.requests, item.defaultRequest)
    Object.assign(defaults.limits, item.default)
  }
  const said = [
    ...pod.spec.containers.flatMap((container) => fillContainer(container, 'container', defaults)),
    ...(pod.spec.initContainers ?? []).flatMap((container) => fillContainer(container, 'init container', defaults)),
  ]
  if (said.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${said.join('; ')}` }
}

function fillContainer(container: Container, what: string, defaults: { readonly requests: ResourceList; readonly limits: ResourceList }): string[] {
  const said: string[] = []
  for (const part of ['requests', 'limits'] as const) {
    const given = container.resources?.[part]
    const missing = Object.keys(defaults[part]).filter((name) => given?.[name] === undefined).sort()
    if (missing.length === 0) continue
    container.resources = { ...container.resources, [part]: { ...given, ...Object.fromEntries(missing.map((name) => [name, defaults[part][name]!])) } }
    said.push(`${missing.join(', ')} ${part === 'requests' ? 'request' : 'limit'} for ${what} ${container.name}`)
  }
  return said
}

/** What LimitRanges have against a pod. Ephemeral containers have no resources. */
export function podViolations({ spec }: Pod, limits: readonly LimitRangeItem[]): string[] {
  return limits.flatMap((item) => {
    if (item.type === 'Container') {
      return [...spec.containers, ...spec.initContainers ?? []].flatMap(({ resources }) => violations('Container', item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }))
    }
    // What a runtime takes beside the containers is not the pod's fault.
    const { overhead: _, ...own } = spec
    return item.type === 'Pod' ? violations('Pod', item, { requests: podRequests(own), limits: podLimits(own) }) : []
  })
}

const violations = (what: string, { min, max, maxLimitRequestRatio }: LimitRangeItem, asked: Parameters<typeof belowMinimum>[2]): string[] =>
  [...belowMinimum(what, min, asked), ...aboveMaximum(what, max, asked), ...aboveRatio(what, maxLimitRequestRatio, asked)]

/** What LimitRanges have against a claim: only what it requests counts. */
export function claimViolations({ spec }: PersistentVolumeClaim, limits: readonly LimitRangeItem[]): string[] {
  const requests = spec?.resources?.requests ?? {}
  return limits.flatMap(({ type, min, max }) => (type !== 'PersistentVolumeClaim' ? [] : [
    ...belowMinimum(type, min, { requests, limits: {} }), ...requestAboveMaximum(type, max, requests),
  ]))
}
