import type { Registry } from 'prom-client'
import { isConflict } from '../errors.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import { keyOf } from '../object.ts'
import type { Client } from './client.ts'
import type { Deps } from './deps.ts'
import type { Informer, InformerHandler } from './informer.ts'
import { createQueueMetrics } from './queue-metrics.ts'
import { createQueue } from './queue.ts'

/** Done, or to be looked at again after `after` milliseconds even if nothing changes. */
export type Outcome = undefined | void | { readonly after: number }

/** Thrown by a reconcile that can never succeed with the object as it is: logged once, not tried again until the object changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError'
}

/** Wakes the owner (the controller reference of kind `kind`) of every object that changes. */
export interface Owns { readonly informer: Informer<any>; readonly kind: Pick<Kind, 'group' | 'kind' | 'namespaced'> }

/** Wakes the keys that `map` names for every object that changes; for an update, those of the state before as well. */
export interface Watches { readonly informer: Informer<any>; readonly map: (object: any) => readonly string[] }

export interface ControllerOptions extends Deps {
  /** The name of the queue in logs and metrics. */
  readonly name: string
  readonly client?: Client
  readonly metrics?: Registry | undefined
  /** Its objects are the ones reconciled: each wakes its own key, also when it is deleted. */
  readonly for: Informer<any>
  readonly owns?: readonly Owns[]
  readonly watches?: readonly Watches[]
  /** How many keys are worked on at once; never the same key twice. Default 1. */
  readonly workers?: number
  /** Reads the world and mends it. What it throws is tried again with a growing pause. `signal` ends with the controller. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>
}

export interface Controller {
  /** Wakes a key by hand. */
  enqueue(key: string, after?: number): void
  /** No key waits and none is in work (pending `after`s aside). */
  readonly idle: boolean
  /** Ends the workers and resolves when the last reconcile is over. */
  stop(): Promise<void>
}

/** Starts a controller: keys in from informers, `reconcile` out, all four outcomes handled here. Work begins when every informer has synced. */
export function startController(options: ControllerOptions): Controller {
  const { clock, reconcile } = options
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const log = options.log.child({ controller: options.name })
  const metrics = options.metrics && createQueueMetrics(options.metrics, options.name, clock)
  const queue = createQueue({ clock, metrics })
  let working = 0

  const unsubscribe = [
    options.for.on(waking(queue.add, (object) => [keyOf(object)])),
    ...(options.owns ?? []).map(({ informer, kind }) => informer.on(waking(queue.add, (object) => ownerKeys(object, kind)))),
    ...(options.watches ?? []).map(({ informer, map }) => informer.on(waking(queue.add, map))),
  ]
  const informers = [options.for, ...(options.owns ?? []).map((of) => of.informer), ...(options.watches ?? []).map((of) => of.informer)]

  async function attempt(key: string): Promise<void> {
    try {
      const outcome = await reconcile(key, signal)
      queue.forget(key)
      if (outcome) queue.addAfter(key, outcome.after)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof TerminalError) {
        queue.forget(key)
        log.error({ err: error, key }, 'Give up on object until it changes')
        return
      }
      // A lost race is everyday business; the informer is about to bring the newer state.
      log[isConflict(error) ? 'debug' : 'error']({ err: error, key, retries: queue.retries(key) }, 'Reconcile failed, will try again')
      queue.addRateLimited(key)
    }
  }

  async function work(): Promise<void> {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      working += 1
      await attempt(key)
      queue.done(key)
      working -= 1
    }
  }

  async function run(): Promise<void> {
    const end = () => { for (const off of unsubscribe) off(); queue.close() }
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    try {
      await aborted(signal, Promise.all(informers.map((informer) => informer.synced)))
    } catch {
      return
    }
    log.debug('Start workers')
    await Promise.all(Array.from({ length: options.workers ?? 1 }, work))
  }

  const running = run()
  return {
    enqueue: (key, after = 0) => queue.addAfter(key, after),
    get idle() { return working === 0 && queue.length === 0 },
    async stop() {
      over.abort()
      await running
    },
  }
}

function waking(add: (key: string) => void, keys: (object: any) => readonly string[]): InformerHandler<KubeObject> {
  const wake = (object: KubeObject) => { for (const key of keys(object)) add(key) }
  return { add: wake, delete: wake, update(object, old) { wake(old); wake(object) } }
}

/** The key of the controlling owner of the given kind, as a list of none or one. */
export function ownerKeys(object: KubeObject, kind: Pick<Kind, 'group' | 'kind' | 'namespaced'>): string[] {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller)
  if (!owner || owner.kind !== kind.kind || owner.apiVersion.split('/').slice(0, -1).join('/') !== kind.group) return []
  return [kind.namespaced ? `${object.metadata.namespace}/${owner.name}` : owner.name]
}

/** The promise, or a rejection as soon as the signal aborts. */
function aborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    promise.then(resolve, reject)
  })
}
