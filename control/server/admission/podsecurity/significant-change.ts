import type { Container } from '../../../../api/types/core-v1/container.ts'
import type { Pod } from '../../../../api/types/core-v1/pod.ts'

/** Whether a change of a pod is one that policies look at: an image, or a container more. Everything else of them cannot change. */
export function significantChange({ spec }: Pod, { spec: old }: Pod): boolean {
  if (changed(spec.containers, old.containers) || changed(spec.initContainers, old.initContainers)) return true
  const before = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, image]))
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => !before.has(name) || before.get(name) !== image)
}

const changed = (now: readonly Container[] = [], before: readonly Container[] = []): boolean =>
  now.length !== before.length || now.some(({ image }, i) => image !== before[i]!.image)
