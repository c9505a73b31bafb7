import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { PodWorker } from '../pods/worker.ts'
import type { ContainerView } from '../pods/view.ts'
import type { ServerDeps } from './deps.ts'
import { HttpError } from './http-error.ts'

/** The pod named in a path. 404 when it is not on this node. */
export function findPod({ pods }: Pick<ServerDeps, 'pods'>, namespace: string, name: string, uid?: string): PodWorker & { readonly pod: Pod } {
  const found = uid ? pods.byUid(uid) : pods.byName(namespace, name)
  if (!found?.pod || found.pod.metadata.name !== name || found.pod.metadata.namespace !== namespace) throw new HttpError(404, 'pod does not exist')
  return found as PodWorker & { readonly pod: Pod }
}

/** The running container of that name. */
export function findRunning(worker: PodWorker & { readonly pod: Pod }, name: string): ContainerView {
  const found = worker.view.containers.find((container) => container.name === name)
  if (!found) throw new HttpError(404, `container not found (${JSON.stringify(name)})`)
  if (found.state !== 'running') throw new HttpError(500, `container ${name} is not running`)
  return found
}
