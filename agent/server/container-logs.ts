import type { ContainerStatus } from '../../api/types/core-v1/pod-status.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { readLog } from '../logs/read-logs.ts'
import type { LogQuery } from '../logs/read-logs.ts'
import { findContainer } from '../pods/containers.ts'
import type { ContainerView } from '../pods/view.ts'
import type { PodWorker } from '../pods/worker.ts'
import type { ServerDeps } from './deps.ts'
import { findPod } from './find.ts'
import { HttpError } from './http-error.ts'

/** `GET /containerLogs/{namespace}/{pod}/{container}`. Throws `HttpError` before the first byte. */
export function containerLogs([namespace, podName, name]: readonly [string, string, string], query: URLSearchParams, deps: ServerDeps, signal: AbortSignal): AsyncIterable<Buffer> {
  const worker = findPod(deps, namespace, podName)
  if (!findContainer(worker.pod, name)) throw new HttpError(404, `container ${JSON.stringify(name)} not found in pod ${JSON.stringify(podName)}`)
  const options = parse(query, deps.clock.now())
  const container = choose(worker, name, query.get('previous') === 'true')
  const isOpen = (): boolean => worker.view.containers.some(({ id, state }) => id === container.id && state === 'running')
  return readLog({ path: container.logPath, isOpen }, options, { files: deps.machine.files, clock: deps.clock }, signal)
}

function choose(worker: PodWorker & { readonly pod: Pod }, name: string, previous: boolean): ContainerView {
  const { pod, view } = worker
  const [current, ...older] = view.containers.filter((container) => container.name === name)
  if (previous) {
    const last = current?.state === 'running' || current?.state === 'created' ? older.find(({ state }) => state === 'exited') : current
    // A container that waits for its next start is itself the previous one.
    if (!last || (last === current && last.attempt === 0 && !waits(pod, name))) throw new HttpError(400, `previous terminated container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} not found`)
    return last
  }
  if (current && current.state !== 'created') return current
  throw new HttpError(400, `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${whyWaiting(pod, name)}`)
}

const statusOf = ({ status }: Pod, name: string): ContainerStatus | undefined =>
  [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].find((each) => each.name === name)
const waits = (pod: Pod, name: string): boolean => statusOf(pod, name)?.state?.waiting !== undefined

function whyWaiting(pod: Pod, name: string): string {
  const reason = statusOf(pod, name)?.state?.waiting?.reason ?? 'ContainerCreating'
  return ({ ErrImagePull: 'image can\'t be pulled', ImagePullBackOff: 'trying and failing to pull image' })[reason] ?? reason
}

function parse(query: URLSearchParams, now: number): LogQuery {
  const number = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    if (!/^\d+$/.test(text)) throw new HttpError(400, `{"message": "Invalid request: ${name} must be a number."}`)
    return Number(text)
  }
  const seconds = number('sinceSeconds')
  const time = query.get('sinceTime')
  const stream = query.get('stream')
  return {
    follow: query.get('follow') === 'true', timestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines'), limitBytes: number('limitBytes'),
    since: seconds !== undefined ? now - seconds * 1000 : time ? Date.parse(time) : undefined,
    stream: stream === 'Stdout' ? 'stdout' : stream === 'Stderr' ? 'stderr' : undefined,
  }
}
