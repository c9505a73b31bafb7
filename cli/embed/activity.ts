import type { ApiResponse, Transport, WatchFrame } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'

/** Watches over everything that passes through a transport in this process, to know when a cluster has come to rest. */
export interface Activity {
  /** The transport with a counter in it. */
  readonly transport: Transport
  /** Resolves when nothing has passed for some turns of the event loop and no request is under way. */
  settle(): Promise<void>
}

/** This many turns without a request or a watch event count as rest: work between two requests is chains of promises and immediates. */
const quietTurns = 6

/**
 * `real` is true time: a cluster that has not come to rest after `patience` milliseconds of it (something writes in a loop) must
 * show in the test, not hang it.
 */
export function trackActivity(inner: Transport, real: Pick<Clock, 'now'>, patience = 20_000): Activity {
  let events = 0
  let underWay = 0
  let latest: string[] = []

  async function* counted(frames: AsyncIterable<WatchFrame>): AsyncGenerator<WatchFrame> {
    for await (const frame of frames) {
      events += 1
      yield frame
    }
  }

  return {
    async transport(request): Promise<ApiResponse> {
      events += 1
      underWay += 1
      latest = [...latest.slice(-4), `${request.method} ${request.path}`]
      try {
        const response = await inner(request)
        return response.body.kind === 'watch' ? { ...response, body: { kind: 'watch', events: counted(response.body.events) } } : response
      } finally {
        underWay -= 1
      }
    },
    async settle() {
      const end = real.now() + patience
      for (let quiet = 0; quiet < quietTurns;) {
        if (real.now() > end) throw new Error(`The cluster does not come to rest, though no time passes in it; the last requests were ${latest.join(', ')}`)
        const before = events
        await new Promise<void>((resolve) => { setImmediate(resolve) })
        quiet = events === before && underWay === 0 ? quiet + 1 : 0
      }
    },
  }
}
