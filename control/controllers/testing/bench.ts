import { pino } from 'pino'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import type { Client } from '../../../api/client/client.ts'
import { createClient } from '../../../api/client/create-client.ts'
import type { Informers } from '../../../api/client/informers.ts'
import { createInformers } from '../../../api/client/informers.ts'
import { createRecorder } from '../../../api/client/recorder.ts'
import type { ApiError } from '../../../api/errors.ts'
import { events } from '../../../api/kinds/core-v1/event.ts'
import { systemMaster } from '../../../api/transport.ts'
import type { ApiRequest, UserInfo, WatchFrame } from '../../../api/transport.ts'
import { trackActivity } from '../../../cli/embed/activity.ts'
import { eventually } from '../../../cli/embed/eventually.ts'
import type { EventuallyOptions } from '../../../cli/embed/eventually.ts'
import { systemClock } from '../../../host/clock.ts'
import { createManualClock } from '../../../host/manual-clock.ts'
import type { ManualClock } from '../../../host/manual-clock.ts'
import { createApiServer } from '../../server/api-server.ts'
import { createMemoryLog } from '../../store/memory.ts'
import { createObjectStore } from '../../store/object-store.ts'
import { createWatchCache } from '../../store/watch-cache.ts'
import type { ControllerName, RunningControllers } from '../all.ts'
import { startControllers } from '../all.ts'
import type { ControllerOptions } from '../deps.ts'
import { controllerManager } from '../identities.ts'

/** Controllers above the real API server over a store in memory, with time in the test's hand. */
export interface Bench {
  readonly client: Client
  readonly clock: ManualClock
  readonly informers: Informers
  readonly controllers: RunningControllers
  /** Every request so far that was no read, as `PUT /api/v1/…`; Events aside. */
  readonly writes: string[]
  /** Set it to make the server fail: what it returns is thrown. */
  refuse: (request: ApiRequest) => ApiError | undefined
  /** How long after a change its watch event arrives, in the clock's milliseconds. */
  lag: number
  eventually<T>(attempt: () => T | Promise<T>, options?: EventuallyOptions): Promise<T>
  /** The messages of the Events about objects of that name, by `reason: message`. */
  eventsOf(name: string): Promise<string[]>
}

export async function startBench(names: readonly ControllerName[], options: ControllerOptions = {}): Promise<Bench> {
  const over = new AbortController()
  const clock = createManualClock({ start: '2026-01-01T00:00:00Z', settle: () => activity.settle() })
  const log = pino({ level: process.env['K8TS_TEST_LOG'] ?? 'silent' })
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({ store: createObjectStore({ log: storage, cache }), clock, log, metrics: new Registry(), disableAdmissionPlugins: ['ServiceAccount'] })
  const writes: string[] = []
  const hold: Pick<Bench, 'refuse' | 'lag'> = { refuse: () => undefined, lag: 0 }
  async function* late(frames: AsyncIterable<WatchFrame>): AsyncGenerator<WatchFrame> {
    for await (const frame of frames) {
      if (hold.lag > 0) await clock.sleep(hold.lag, over.signal)
      yield frame
    }
  }
  const activity = trackActivity(async (request) => {
    const { method, path } = request
    if (method !== 'GET' && !path.includes('/events')) writes.push(`${method} ${path}`)
    const refusal = hold.refuse(request)
    if (refusal) throw refusal
    const response = await server.transport(request)
    return response.body.kind === 'watch' ? { ...response, body: { kind: 'watch', events: late(response.body.events) } } : response
  }, systemClock)
  await server.ready
  // The test may do everything, the controllers what their roles allow.
  const clientFor = (user: UserInfo) => createClient(activity.transport, { user })
  const client = clientFor(systemMaster)
  const manager = clientFor(controllerManager)
  const deps = { client, clientFor, clock, log, signal: over.signal }
  const informers = createInformers(manager, deps)
  const recorder = (component: string) => createRecorder({ ...deps, client: manager, component })
  const bench: Bench = {
    client, clock, informers, writes,
    get refuse() { return hold.refuse },
    set refuse(refuse) { hold.refuse = refuse },
    get lag() { return hold.lag },
    set lag(ms) { hold.lag = ms },
    controllers: startControllers({ ...deps, informers, recorder, options }, names),
    eventually: (attempt, how) => eventually({ cluster: clock, real: systemClock }, attempt, how),
    async eventsOf(name) {
      const { items } = await client.list(events, {})
      return items.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason, message }) => `${reason}: ${message}`)
    },
  }
  onTestFinished(async () => {
    await bench.controllers.stopAll()
    over.abort()
    await informers.stop()
    await server.close()
    await cache.close()
    await storage.close()
  })
  await informers.synced()
  await clock.settle()
  return bench
}
