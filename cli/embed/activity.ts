import type { ApiResponse, Transport, WatchFrame } from '../../api/transport.ts'

/** Watches over everything that passes through a transport in this process, to know when a cluster has come to rest. */
export interface Activity {
  /** The transport with a counter in it. */
  readonly transport: Transport
  /** Resolves when nothing has passed for some turns of the event loop and no request is under way. */
  settle(): Promise<void>
}

/** This many turns without a request or a watch event count as rest: work between two requests is chains of promises and immediates. */
const quietTurns = 6
/** A cluster that never comes to rest (a controller that writes in a loop) must show in the test, not hang it. */
const mostTurns = 100_000

export function trackActivity(inner: Transport): Activity {
  let events = 0
  let underWay = 0

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
      try {
        const response = await inner(request)
        return response.body.kind === 'watch' ? { ...response, body: { kind: 'watch', events: counted(response.body.events) } } : response
      } finally {
        underWay -= 1
      }
    },
    async settle() {
      let quiet = 0
      for (let turn = 0; quiet < quietTurns; turn++) {
        if (turn > mostTurns) throw new Error('The cluster does not come to rest: something writes again and again without time passing')
        const before = events
        await new Promise<void>((resolve) => { setImmediate(resolve) })
        quiet = events === before && underWay === 0 ? quiet + 1 : 0
      }
    },
  }
}
