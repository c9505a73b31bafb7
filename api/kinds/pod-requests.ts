import { addQuantities, compareQuantities } from '../schema/quantity.ts'
import type { ResourceList } from '../types/core-v1/common.ts'
import type { Container } from '../types/core-v1/container.ts'
import type { PodSpec } from '../types/core-v1/pod.ts'

type Part = 'requests' | 'limits'

/** What the containers of a pod ask for together. Init containers run before the others, sidecars beside them. */
export const containerRequests = (spec: PodSpec): ResourceList => together(spec, 'requests')

/** What the containers of a pod may take together. */
export const containerLimits = (spec: PodSpec): ResourceList => together(spec, 'limits')

/** What a pod asks of its node: its containers, or what the pod as a whole says, and its overhead. */
export function podRequests(spec: PodSpec): ResourceList {
  const asked = { ...containerRequests(spec), ...spec.resources?.requests }
  return spec.overhead ? add(asked, spec.overhead) : asked
}

/** What a pod may take at most; the overhead counts only where there is a limit. */
export function podLimits(spec: PodSpec): ResourceList {
  const limits = { ...together(spec, 'limits'), ...spec.resources?.limits }
  const overhead = Object.entries(spec.overhead ?? {}).filter(([name]) => limits[name] !== undefined && compareQuantities(limits[name], '0') !== 0)
  return overhead.length > 0 ? add(limits, Object.fromEntries(overhead)) : limits
}

function together({ containers = [], initContainers = [] }: PodSpec, part: Part): ResourceList {
  const of = ({ resources }: Container): ResourceList => resources?.[part] ?? {}
  let sum = containers.map(of).reduce(add, {})
  let sidecars: ResourceList = {}, highest: ResourceList = {}
  for (const container of initContainers) {
    const asked = of(container)
    if (container.restartPolicy === 'Always') {
      sum = add(sum, asked)
      sidecars = add(sidecars, asked)
      highest = max(highest, sidecars)
    } else highest = max(highest, add(sidecars, asked))
  }
  return max(sum, highest)
}

const combine = (pick: (a: string, b: string) => string) => (a: ResourceList, b: ResourceList): ResourceList => {
  const sum = { ...a }
  for (const [name, quantity] of Object.entries(b)) sum[name] = sum[name] === undefined ? quantity : pick(sum[name], quantity)
  return sum
}
const add = combine(addQuantities)
const max = combine((a, b) => (compareQuantities(a, b) < 0 ? b : a))
