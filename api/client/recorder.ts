import type { Logger } from 'pino'
import { rfc3339 } from '../../host/clock.ts'
import type { Clock } from '../../host/clock.ts'
import { isNotFound } from '../errors.ts'
import { events } from '../kinds/core-v1/event.ts'
import type { KubeObject } from '../object.ts'
import type { ObjectReference } from '../types/core-v1/common.ts'
import type { Event } from '../types/core-v1/event.ts'
import type { Client, Draft } from './client.ts'
import { createCorrelator } from './event-correlator.ts'
import type { Correlated } from './event-correlator.ts'
import { isTransportError } from './transport-error.ts'

/** Tells the cluster's users what a component did, as core/v1 Events. Fire and forget: nothing here throws or delays the caller. */
export interface Recorder {
  /** `regarding` may be a reference, to name a part of the object in `fieldPath`. */
  event(regarding: KubeObject | ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string): void
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>
}

export interface RecorderOptions {
  readonly client: Client
  readonly clock: Clock
  /** Who reports: `kubelet`, `default-scheduler`, `replicaset-controller`. */
  readonly component: string
  /** The node of the reporter, where it has one. */
  readonly host?: string
  readonly log?: Logger
  readonly signal?: AbortSignal
}

/** Events that wait to be written; beyond it they are dropped. */
const longestQueue = 1_000
const attempts = 12
const pause = 10_000

export function createRecorder({ client, clock, component, host = '', log, signal }: RecorderOptions): Recorder {
  const correlate = createCorrelator()
  let last: Promise<void> = Promise.resolve()
  let queued = 0

  const write = async (folded: Exclude<Correlated, { do: 'skip' }>): Promise<void> => {
    const { event } = folded
    const key = { namespace: event.metadata.namespace!, name: event.metadata.name! }
    const options = signal ? { signal } : {}
    if (folded.do === 'repeat') {
      try {
        await client.patch(events, key, { type: 'merge', patch: { count: event.count, lastTimestamp: event.lastTimestamp, message: event.message } }, options)
        return
      } catch (error) {
        // Events expire; a repeat of one that is gone is written anew.
        if (!isNotFound(error)) throw error
      }
    }
    await client.create(events, event, options)
  }

  const deliver = async (folded: Exclude<Correlated, { do: 'skip' }>): Promise<void> => {
    for (let attempt = 1; !signal?.aborted; attempt++) {
      try {
        return await write(folded)
      } catch (error) {
        if (signal?.aborted) return
        // The server has said no (a namespace that is going away, say): it would say so again.
        if (!isTransportError(error) || attempt >= attempts) return void log?.debug({ err: error, reason: folded.event.reason }, 'Drop event: it cannot be written')
        await clock.sleep(attempt === 1 ? pause * clock.random() : pause, signal).catch(() => {})
      }
    }
  }

  const record = (regarding: KubeObject | ObjectReference, type: string, reason: string, message: string): void => {
    const now = clock.now()
    const folded = correlate(makeEvent(referenceTo(regarding), now), now)
    if (folded.do === 'skip' || signal?.aborted || queued >= longestQueue) return
    queued += 1
    last = last.then(() => deliver(folded)).finally(() => { queued -= 1 })

    function makeEvent(object: ObjectReference, at: number): Draft<Event> {
      const time = rfc3339(at)
      return {
        metadata: { namespace: object.namespace || 'default', name: eventName(object.name ?? '', at, clock.random()) },
        involvedObject: object, reason, message, type, count: 1, firstTimestamp: time, lastTimestamp: time,
        source: { component, ...(host && { host }) }, reportingComponent: component, reportingInstance: host,
      }
    }
  }

  return {
    event(regarding, type, reason, message) {
      try {
        record(regarding, type, reason, message)
      } catch (error) {
        log?.error({ err: error, reason }, 'Record event failed')
      }
    },
    flush: () => last,
  }
}

/** `web-0.18a5…`: the object's name and the nanoseconds since 1970 in hex; below the clock's milliseconds stands a random number. */
export function eventName(name: string, now: number, random: number): string {
  const nanos = BigInt(Math.floor(now)) * 1_000_000n + BigInt(Math.floor(random * 1_000_000))
  const suffix = `.${nanos.toString(16)}`
  return name.slice(0, 253 - suffix.length).replace(/[.-]+$/, '') + suffix
}

function referenceTo(regarding: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in regarding)) return regarding
  const { apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } } = regarding
  return { kind, apiVersion, ...(namespace && { namespace }), ...(name && { name }), ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
}
