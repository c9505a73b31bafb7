import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { containersOf } from './pod-request.ts'
import { joined, refuse } from './refuse.ts'

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** Images are asked for anew each time, so that having one on a node gives nobody the right to run it. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages', optIn: true,
  admit(request) {
    const pod = concerned(request)
    if (!pod) return
    for (const container of containersOf(pod.spec)) container.imagePullPolicy = 'Always'
    for (const { image } of pod.spec.volumes ?? []) if (image) image.pullPolicy = 'Always'
  },
  validate(request) {
    const pod = concerned(request)
    if (!pod) return
    const wrong = lists.flatMap((list) => (pod.spec[list] ?? []).flatMap(({ imagePullPolicy = '' }, i) => (imagePullPolicy === 'Always' ? []
      : [`spec.${list}[${i}].imagePullPolicy: Unsupported value: ${JSON.stringify(imagePullPolicy)}: supported values: "Always"`])))
    if (wrong.length > 0) throw refuse(request, joined(wrong))
  },
}

/** New pods, pods that get an ephemeral container, and pods whose images change. */
function concerned({ kind, operation, subresource, object, old }: AdmissionRequest): Pod | undefined {
  if (kind.group !== '' || kind.resource !== 'pods' || (subresource !== '' && subresource !== 'ephemeralcontainers')) return undefined
  if (operation === 'create') return object
  return operation === 'update' && newImages(object, old as Pod) ? object : undefined
}

function newImages({ spec }: Pod, old: Pod): boolean {
  const before = new Map(containersOf(old.spec).map(({ name, image }) => [name, image]))
  return containersOf(spec).some(({ name, image }) => before.get(name) !== image)
}
