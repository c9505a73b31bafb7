import type { FieldError } from '../../errors.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import type { Container, ResourceRequirements } from '../../types/core-v1/container.ts'
import type { Pod } from '../../types/core-v1/pod.ts'
import { qosClassOf } from '../qos.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from './equal.ts'
import { forbidden, invalid } from './field.ts'
import { isMirrorPod } from './pod-annotations.ts'
import { validatePod } from './pod.ts'

const lists = ['containers', 'initContainers'] as const
type List = (typeof lists)[number]
const of = (pod: Pod, list: List): readonly Container[] => pod.spec[list] ?? []

/** Through `pods/resize` only what containers ask for may change; other changes are dropped, unless the containers are no longer the same. */
export function prepareResize(pod: Pod, old: Pod): void {
  const asked = pod.spec
  pod.metadata = { ...old.metadata, ...(pod.metadata.resourceVersion !== undefined && { resourceVersion: pod.metadata.resourceVersion }) }
  pod.status = old.status
  const sameNames = lists.every((list) => semanticEqual((asked[list] ?? []).map(({ name }) => name), of(old, list).map(({ name }) => name)))
  if (sameNames) {
    const resized = (list: List) => of(old, list).map((container, index) => ({ ...container, resources: asked[list]![index]!.resources, resizePolicy: asked[list]![index]!.resizePolicy }))
    pod.spec = { ...old.spec, containers: resized('containers'), ...(old.spec.initContainers && { initContainers: resized('initContainers') }) }
  }
  raiseGeneration(pod, old, !semanticEqual(pod.spec, old.spec))
}

/** What may be asked for anew while the pod runs: processor and memory, in the same class of service. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old.metadata.annotations)) return [forbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const qos = qosClassOf(pod.spec)
  const errors = [
    ...validatePod(pod),
    ...(qos === (old.status?.qosClass ?? qosClassOf(old.spec)) ? [] : [invalid('spec', qos, 'Pod QOS Class may not change as a result of resizing')]),
    ...(isSupported(old) ? [] : [forbidden('spec', 'Pod running on node without support for resize')]),
  ]
  const moved = lists.flatMap((list) => validateOrder(pod, old, list))
  if (moved.length) return [...errors, ...moved]
  return [...errors, ...lists.flatMap((list) => validateContainers(pod, old, list)), ...validateRest(pod, old)]
}

/** A node whose agent says nothing of what its containers have got cannot change it either. */
const isSupported = ({ status }: Pod): boolean => (status?.containerStatuses ?? []).filter(({ state }) => state?.running).every(({ resources }) => resources !== undefined)

function validateOrder(pod: Pod, old: Pod, list: List): FieldError[] {
  const now = of(pod, list), before = of(old, list)
  if (now.length !== before.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]
  return now.flatMap(({ name }, index) => (name === before[index]!.name ? [] : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)]))
}

function validateContainers(pod: Pod, old: Pod, list: List): FieldError[] {
  return of(pod, list).flatMap(({ resources = {} }, index) => {
    const before = of(old, list)[index]!
    const field = `spec.${list}[${index}].resources`
    if (list === 'initContainers' && before.restartPolicy !== 'Always') return semanticEqual(resources, before.resources ?? {}) ? [] : [forbidden(field, 'resources for non-sidecar init containers are immutable')]
    return (['requests', 'limits'] as const).flatMap((what) => (lost(resources[what], before.resources?.[what]) ? [forbidden(`${field}.${what}`, `resource ${what} cannot be removed`)] : []))
  })
}

const lost = (now: ResourceList = {}, before: ResourceList = {}): boolean => Object.keys(before).some((name) => !Object.hasOwn(now, name))

/** With processor and memory put back everything must be as it was. */
function validateRest(pod: Pod, old: Pod): FieldError[] {
  const restored = (list: List) => pod.spec[list]?.map((container, index) => ({ ...container, resources: withOld(container.resources, of(old, list)[index]!.resources) }))
  const rest = { ...pod.spec, containers: restored('containers') ?? [], initContainers: restored('initContainers') }
  if (semanticEqual(rest, old.spec)) return []
  const changed = Object.keys({ ...rest, ...old.spec }).filter((name) => !semanticEqual(rest[name as keyof typeof rest], old.spec[name as keyof typeof rest]))
  return [forbidden('spec', `only cpu and memory resources are mutable\n${changed.map((name) => `  spec.${name}`).join('\n')}\n`)]
}

function withOld(now: ResourceRequirements = {}, before: ResourceRequirements = {}): ResourceRequirements {
  const mixed = (list: 'requests' | 'limits'): ResourceList => {
    const { cpu: _, memory: __, ...others } = now[list] ?? {}
    const { cpu, memory } = before[list] ?? {}
    return { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
  }
  return { ...now, requests: mixed('requests'), limits: mixed('limits') }
}
