import { badRequest, notFound } from '../../../api/errors.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { ResourceContext } from '../context.ts'
import type { Tools } from '../tools.ts'

/** The pod a request names; 404 when there is none. */
export async function podOf(tools: Tools, { info }: ResourceContext): Promise<Pod> {
  const entry = await tools.resources.cache(pods).get(tools.resources.key(pods, info.namespace, info.name))
  if (!entry) throw notFound(pods, info.name)
  return entry.object as Pod
}

/** The container that is meant: the one named, or the only one; 400 in the original's words when neither says which. */
export function containerOf(pod: Pod, asked: string): string {
  const { name } = pod.metadata
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  if (asked !== '') {
    if ([...containers, ...initContainers, ...ephemeralContainers].some((container) => container.name === asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  if (containers.length === 1) return containers[0]!.name
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`)
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${[...initContainers, ...containers, ...ephemeralContainers].map((container) => container.name).join(' ')}]`)
}
