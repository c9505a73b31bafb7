import { addQuantities, compareQuantities } from '../schema/quantity.ts'
import type { ResourceList } from '../types/core-v1/common.ts'
import type { Container } from '../types/core-v1/container.ts'
import type { PodSpec } from '../types/core-v1/pod.ts'

/** What the containers of a pod ask for together. Init containers run before the others, sidecars beside them. */
export function containerRequests({ containers = [], initContainers = [] }: PodSpec): ResourceList {
  let together = containers.map(requestsOf).reduce(add, {})
  let sidecars: ResourceList = {}, highest: ResourceList = {}
  for (const container of initContainers) {
    const asked = requestsOf(container)
    if (container.restartPolicy === 'Always') {
      together = add(together, asked)
      sidecars = add(sidecars, asked)
      highest = max(highest, sidecars)
    } else highest = max(highest, add(sidecars, asked))
  }
  return max(together, highest)
}

/** What a pod asks of its node: its containers, or what the pod as a whole says, and its overhead. */
export function podRequests(spec: PodSpec): ResourceList {
  const asked = { ...containerRequests(spec), ...spec.resources?.requests }
  return spec.overhead ? add(asked, spec.overhead) : asked
}

const requestsOf = ({ resources }: Container): ResourceList => resources?.requests ?? {}

const combine = (pick: (a: string, b: string) => string) => (a: ResourceList, b: ResourceList): ResourceList => {
  const sum = { ...a }
  for (const [name, quantity] of Object.entries(b)) sum[name] = sum[name] === undefined ? quantity : pick(sum[name], quantity)
  return sum
}
const add = combine(addQuantities)
const max = combine((a, b) => (compareQuantities(a, b) < 0 ? b : a))
