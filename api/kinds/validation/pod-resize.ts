import type { FieldError } from '../../errors.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import type { Container, ResourceRequirements } from '../../types/core-v1/container.ts'
import type { Pod } from '../../types/core-v1/pod.ts'
import { dropDisabledFields } from '../disabled-fields.ts'
import { qosClassOf } from '../qos.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from './equal.ts'
import { forbidden, invalid } from './field.ts'
import { isMirrorPod } from './pod-annotations.ts'
import { validatePod } from './pod.ts'

const lists = ['containers', 'initContainers'] as const
type List = (typeof lists)[number]
const of = (pod: Pod, list: List): readonly Container[] => pod.spec[list] ?? []

/** Through `pods/resize` only what the pod and its containers ask for may change; other changes are dropped, unless the containers are no longer the same. */
export function prepareResize(pod: Pod, old: Pod): void {
  const asked = pod.spec
  pod.metadata = { ...old.metadata, ...(pod.metadata.resourceVersion !== undefined && { resourceVersion: pod.metadata.resourceVersion }) }
  pod.status = old.status
  if (lists.every((list) => of(pod, list).length === of(old, list).length)) {
    const { resources: _, ...spec } = old.spec
    const initContainers = merged(asked.initContainers, old.spec.initContainers)
    pod.spec = { ...spec, containers: merged(asked.containers, old.spec.containers)!, ...(initContainers && { initContainers }), ...(asked.resources && { resources: asked.resources }) }
  }
  dropDisabledFields(pod.spec, old.spec)
  raiseGeneration(pod, old, !semanticEqual(pod.spec, old.spec))
}

const merged = (now: Container[] | undefined, before: Container[] | undefined): Container[] | undefined => (now?.some(({ name }, index) => name !== before![index]!.name) ? now
  : before?.map((container, index) => ({ ...container, resources: now![index]!.resources, resizePolicy: now![index]!.resizePolicy })))

/** What may be asked for anew while the pod runs: processor and memory, in the same class of service. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old.metadata.annotations)) return [forbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const before = old.status?.qosClass ?? qosClassOf(old.spec)
  const errors = [
    ...validatePod(pod),
    ...(qosClassOf(pod.spec) === before ? [] : [invalid('spec', before, 'Pod QOS Class may not change as a result of resizing')]),
    ...(isSupported(old) ? [] : [forbidden('spec', 'Pod running on node without support for resize')]),
    ...validateWhole(pod, old),
  ]
  const moved = lists.flatMap((list) => validateOrder(pod, old, list))
  if (moved.length) return [...errors, ...moved]
  errors.push(...lists.flatMap((list) => validateRemovals(pod, old, list)), ...validateContainers(pod, old), ...validateInitContainers(pod, old))
  return errors.length ? errors : validateRest(pod, old)
}

/** A node whose agent says nothing of what its containers have got cannot change it either. */
const isSupported = ({ status }: Pod): boolean => (status?.containerStatuses ?? []).filter(({ state }) => state?.running).slice(0, 1).every(({ resources }) => resources !== undefined)

/** `spec.resources`, of the pod as a whole. */
function validateWhole({ spec: { resources: now } }: Pod, { spec: { resources: before } }: Pod): FieldError[] {
  if (!before && !now) return []
  if (!now) return [forbidden('spec.resources', 'pod-level resources cannot be removed')]
  return [
    ...(['requests', 'limits'] as const).flatMap((what) => (lost(now[what], before?.[what]) ? [forbidden(`spec.resources.${what}`, `pod-level resource ${what} cannot be removed`)] : [])),
    ...(semanticEqual(withOld(now, before), withOld(before, before)) ? [] : [forbidden('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ]
}

function validateOrder(pod: Pod, old: Pod, list: List): FieldError[] {
  const now = of(pod, list), before = of(old, list)
  if (now.length !== before.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]
  return now.flatMap(({ name }, index) => (name === before[index]!.name ? [] : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)]))
}

const validateRemovals = (pod: Pod, old: Pod, list: List): FieldError[] => of(pod, list).flatMap(({ resources }, index) => (['requests', 'limits'] as const).flatMap((what) =>
  (lost(resources?.[what], of(old, list)[index]!.resources?.[what]) ? [forbidden(`spec.${list}[${index}].resources.${what}`, `resource ${what} cannot be removed`)] : [])))

const lost = (now: ResourceList = {}, before: ResourceList = {}): boolean => Object.keys(before).some((name) => !Object.hasOwn(now, name))

const onlyCounted = 'only cpu and memory resources are mutable'

const validateContainers = (pod: Pod, old: Pod): FieldError[] =>
  of(pod, 'containers').filter((container, index) => !sameBut(container, of(old, 'containers')[index]!)).map(() => forbidden('spec', onlyCounted))

/** Those that run once can be resized too, if that needs no restart. */
function validateInitContainers(pod: Pod, old: Pod): FieldError[] {
  return of(pod, 'initContainers').flatMap((container, index) => {
    const field = `spec.initContainers[${index}]`, before = of(old, 'initContainers')[index]!
    const resized = container.restartPolicy !== 'Always' && !semanticEqual(container, before)
    return [
      ...(sameBut(container, before) ? [] : [forbidden(field, 'only cpu and memory resources for init or sidecar containers are mutable')]),
      ...(resized ? container.resizePolicy ?? [] : []).filter(({ restartPolicy }) => restartPolicy === 'RestartContainer')
        .map(() => forbidden(field, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized')),
    ]
  })
}

/** With processor and memory put back everything must be as it was. */
const sameBut = (container: Container, before: Container): boolean => semanticEqual({ ...container, resources: withOld(container.resources, before.resources) }, { ...before, resources: withOld(before.resources, before.resources) })

const validateRest = (pod: Pod, old: Pod): FieldError[] =>
  (semanticEqual({ ...pod.spec, containers: [], initContainers: [], resources: undefined }, { ...old.spec, containers: [], initContainers: [], resources: undefined }) ? [] : [forbidden('spec', onlyCounted)])

function withOld(now: ResourceRequirements = {}, before: ResourceRequirements = {}): ResourceRequirements {
  const mixed = (list: 'requests' | 'limits'): ResourceList => {
    const { cpu: _, memory: __, ...others } = now[list] ?? {}
    const { cpu, memory } = before[list] ?? {}
    return { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
  }
  return { ...now, requests: mixed('requests'), limits: mixed('limits') }
}
