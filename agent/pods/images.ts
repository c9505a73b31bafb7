import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Secret } from '../../api/types/core-v1/config.ts'
import type { Clock } from '../../host/clock.ts'
import type { Image, PodSandboxConfig, Runtime } from '../runtime/runtime.ts'
import type { SpecContainer } from './containers.ts'
import type { PodEvents } from './event-sink.ts'
import { normalizeImage } from './image-reference.ts'
import { authsFor } from './pull-secrets.ts'

/** A container cannot start; `reason` is its waiting reason, `retryAt` when another attempt makes sense. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly reason: string
  readonly retryAt: number | undefined
  constructor(reason: string, message: string, retryAt?: number) {
    super(message)
    this.reason = reason
    this.retryAt = retryAt
  }
}

/** Sees to it that a container's image is on the machine, as its pull policy says. */
export interface Images {
  /** Resolves to the image; rejects with `StartError`. */
  ensure(pod: Pod, container: SpecContainer, sandbox: PodSandboxConfig, secrets: readonly Secret[], signal: AbortSignal): Promise<Image>
}

interface PullBackoff { readonly until: number; readonly pause: number; readonly lastError: string }

const firstPause = 10_000
const longestPause = 300_000
/** How long `ErrImagePull` is to be seen before it turns into `ImagePullBackOff`. */
const errorShownFor = 2_000

export function createImages({ runtime, clock, events }: { runtime: Runtime; clock: Clock; events: PodEvents }): Images {
  const backoffs = new Map<string, PullBackoff>()
  const pulls = new Map<string, Promise<string>>()

  async function pull(pod: Pod, container: SpecContainer, name: string, sandbox: PodSandboxConfig, secrets: readonly Secret[], signal: AbortSignal): Promise<void> {
    const { image = '' } = container.spec
    const about = { kind: container.kind, name: container.spec.name }
    const key = `${pod.metadata.uid}/${name}`
    const last = backoffs.get(key)
    if (last && last.until > clock.now()) {
      events.container(pod, about, 'Normal', 'BackOff', `Back-off pulling image ${JSON.stringify(image)}`)
      throw refuse(pod, about, 'ImagePullBackOff', `Back-off pulling image ${JSON.stringify(image)}: ErrImagePull: ${last.lastError}`, last.until)
    }
    events.container(pod, about, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`)
    const began = clock.now()
    try {
      await pullOnce(name, sandbox, secrets, signal)
    } catch (error) {
      signal.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      const pause = last ? Math.min(longestPause, last.pause * 2) : firstPause
      backoffs.set(key, { until: clock.now() + pause, pause, lastError: message })
      events.container(pod, about, 'Warning', 'Failed', `Failed to pull image ${JSON.stringify(image)}: ${message}`)
      throw refuse(pod, about, 'ErrImagePull', message, clock.now() + errorShownFor)
    }
    backoffs.delete(key)
    const size = (await runtime.imageStatus(name))?.size ?? 0
    const took = `${((clock.now() - began) / 1000).toFixed(3).replace(/\.?0+$/, '')}s`
    events.container(pod, about, 'Normal', 'Pulled', `Successfully pulled image ${JSON.stringify(image)} in ${took} (${took} including waiting). Image size: ${size} bytes.`)
  }

  /** Pods that want the same image at the same time share one pull, unless they bring secrets. */
  function pullOnce(name: string, sandbox: PodSandboxConfig, secrets: readonly Secret[], signal: AbortSignal): Promise<string> {
    const auths = authsFor(name, secrets)
    if (auths.length > 0) return tryEach(auths.map((auth) => () => runtime.pullImage(name, auth, sandbox, signal)))
    const running = pulls.get(name)
    if (running) return unlessAborted(running, signal)
    const started = runtime.pullImage(name, undefined, sandbox).finally(() => pulls.delete(name))
    pulls.set(name, started)
    return unlessAborted(started, signal)
  }

  function refuse(pod: Pod, about: { kind: SpecContainer['kind']; name: string }, reason: string, message: string, retryAt?: number): StartError {
    events.container(pod, about, 'Warning', 'Failed', `Error: ${reason}`)
    return new StartError(reason, message, retryAt)
  }

  return {
    async ensure(pod, container, sandbox, secrets, signal) {
      const { image = '', imagePullPolicy = 'IfNotPresent' } = container.spec
      const about = { kind: container.kind, name: container.spec.name }
      const name = normalizeImage(image)
      if (!name) {
        const message = `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name ${JSON.stringify(image)}: invalid reference format`
        events.container(pod, about, 'Warning', 'InspectFailed', message)
        throw refuse(pod, about, 'InvalidImageName', message, clock.now() + firstPause)
      }
      // What was loaded by hand may be known under the short name only.
      const present = await runtime.imageStatus(name) ?? (image !== name ? await runtime.imageStatus(image) : undefined)
      if (present && imagePullPolicy !== 'Always') {
        events.container(pod, about, 'Normal', 'Pulled', `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`)
        return present
      }
      if (imagePullPolicy === 'Never') {
        const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`
        events.container(pod, about, 'Warning', 'ErrImageNeverPull', message)
        throw refuse(pod, about, 'ErrImageNeverPull', message, clock.now() + firstPause)
      }
      await pull(pod, container, name, sandbox, secrets, signal)
      const pulled = await runtime.imageStatus(name)
      if (!pulled) throw refuse(pod, about, 'ImageInspectError', `Failed to inspect image ${JSON.stringify(image)}: it is gone`)
      return pulled
    },
  }
}

/** A shared pull goes on for the others; who no longer wants it stops waiting. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

async function tryEach<T>(attempts: readonly (() => Promise<T>)[]): Promise<T> {
  let last: unknown
  for (const attempt of attempts) {
    try {
      return await attempt()
    } catch (error) {
      last = error
    }
  }
  throw last
}
