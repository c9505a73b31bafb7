import type { Logger } from 'pino'
import { createBackoff } from '../../api/client/backoff.ts'
import type { Informer } from '../../api/client/informer.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Clock } from '../../host/clock.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Waiting } from './plan.ts'
import type { RuntimeCache } from './runtime-cache.ts'
import type { PodView } from './view.ts'
import { createWorker } from './worker.ts'
import type { PodWorker, WorkerDeps } from './worker.ts'

/** All pods of this node: one worker each, fed by the API and by the runtime. */
export interface Pods {
  list(): PodWorker[]
  byName(namespace: string, name: string): PodWorker | undefined
  byUid(uid: string): PodWorker | undefined
  wake(uid: string): void
  referencesChanged(uid: string): void
  /** Wakes everyone: the network has become ready, say. */
  wakeAll(): void
  start(): Promise<void>
  stop(): void
}

export interface PodsOptions {
  readonly informer: Informer<Pod>
  readonly runtime: Runtime
  readonly cache: RuntimeCache
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly workers: () => WorkerDeps
  readonly observe: WorkerDeps['observe']
  /** Pods of which something is on the disk. */
  readonly leftovers: () => Promise<readonly string[]>
  /** Why this node does not take the pod, or undefined. */
  readonly rejection: (pod: Pod, others: readonly Pod[]) => Promise<Waiting | undefined>
}

/** How often the runtime is asked for everything: rarely while it tells us of changes by itself, else often enough. */
const surveyWithEvents = 10_000
const surveyWithout = 1_000
/** A runtime that has no events says so at once; one that has them says nothing until there is one. */
const quietButThere = 3_000

export function createPods(options: PodsOptions): Pods {
  const { informer, runtime, cache, clock, log, signal } = options
  const workers = new Map<string, PodWorker>()
  let signatures = new Map<string, string>()
  let hasEvents = false

  function worker(identity: { uid: string; name: string; namespace: string }): PodWorker {
    const known = workers.get(identity.uid)
    if (known) return known
    const made = createWorker(identity, options.workers(), rejection, () => { workers.delete(identity.uid) })
    workers.set(identity.uid, made)
    return made
  }

  /** What already runs here was taken before; only a pod that has not begun is asked about. */
  async function rejection(pod: Pod, view: PodView): Promise<Waiting | undefined> {
    if (view.sandboxes.length > 0 || view.containers.length > 0 || pod.metadata.deletionTimestamp) return undefined
    if (pod.status?.phase && pod.status.phase !== 'Pending') return undefined
    const others = [...workers.values()].flatMap((other) => (other.uid !== pod.metadata.uid && other.pod ? [other.pod] : []))
    return options.rejection(pod, others)
  }

  const identityOf = ({ metadata }: Pod) => ({ uid: metadata.uid!, name: metadata.name, namespace: metadata.namespace ?? 'default' })
  const update = (pod: Pod): void => worker(identityOf(pod)).update(pod)

  async function survey(): Promise<void> {
    const began = clock.now()
    const found = await cache.survey()
    options.observe('relist', (clock.now() - began) / 1000)
    const fresh = new Map<string, string>()
    for (const { signature, ...identity } of found.values()) {
      fresh.set(identity.uid, signature)
      const known = workers.get(identity.uid)
      if (!known) worker(identity).remove()
      else if (signatures.get(identity.uid) !== signature) known.wake()
    }
    for (const uid of signatures.keys()) if (!fresh.has(uid)) workers.get(uid)?.wake()
    signatures = fresh
  }

  async function surveyForever(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(hasEvents ? surveyWithEvents : surveyWithout, signal).catch(() => {})
      if (!signal.aborted) await survey().catch((error: unknown) => log.warn({ err: error }, 'List containers: failed'))
    }
  }

  async function followEvents(): Promise<void> {
    const backoff = createBackoff(clock, { first: 200, limit: 30_000 })
    while (!signal.aborted) {
      const subscribed = (): void => {
        backoff.reset()
        hasEvents = true
      }
      const cancel = clock.after(quietButThere, subscribed, { unref: true })
      try {
        for await (const { id, topic } of runtime.events(signal)) {
          if (!hasEvents) subscribed()
          const known = workers.get(cache.uidOf(id) ?? '')
          if (topic === '/tasks/exit') known?.expectEnd(id)
          else known?.wake()
        }
      } catch (error) {
        log.debug({ err: error }, 'Follow runtime events: broke')
      }
      cancel()
      hasEvents = false
      await clock.sleep(backoff.next(), signal).catch(() => {})
    }
  }

  return {
    list: () => [...workers.values()],
    byName: (namespace, name) => [...workers.values()].find(({ pod }) => pod?.metadata.name === name && pod.metadata.namespace === namespace),
    byUid: (uid) => workers.get(uid),
    wake: (uid) => workers.get(uid)?.wake(),
    referencesChanged: (uid) => workers.get(uid)?.referencesChanged(),
    wakeAll() { for (const each of workers.values()) each.wake() },
    async start() {
      await informer.synced
      informer.on({
        add: update,
        update,
        delete: ({ metadata }) => workers.get(metadata.uid!)?.remove(),
      })
      void followEvents()
      await survey().catch((error: unknown) => log.warn({ err: error }, 'List containers: failed'))
      // What a pod left on the disk that went while the agent was away.
      for (const uid of await options.leftovers().catch(() => [])) if (!workers.has(uid)) worker({ uid, name: '', namespace: '' }).remove()
      void surveyForever()
    },
    stop() { for (const each of workers.values()) each.stop() },
  }
}
