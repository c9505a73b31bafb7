import { events } from '../../api/kinds/core-v1/event.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Event } from '../../api/types/core-v1/event.ts'
import { StoreError } from '../store/log.ts'
import type { Tools } from './tools.ts'

/** How long an Event lives after it was last written (`--event-ttl` of the original). */
export const eventTTL = 3600_000
/** What expires within this time goes together; the original's leases are as coarse. */
const together = 60_000
const atOnce = 100
/** After the watch of our own has ended. */
const again = 1000

interface Due { readonly revision: number; readonly at: number }

/**
 * Deletes Events that nobody has written for `ttl`, so that a cluster that runs for weeks does not grow. They are kept in
 * the order of their last write, which, all living equally long, is that of their end: one timer for the first
 * of them is enough, and where there are no Events there is none.
 */
export function expireEvents(tools: Tools, ttl: number): void {
  const { clock, log, ending } = tools
  const cache = tools.resources.cache(events)
  const due = new Map<string, Due>()
  let armed: (() => void) | undefined
  ending.addEventListener('abort', () => armed?.(), { once: true })

  function arm(soonest: number): void {
    const first = due.values().next().value
    if (armed || !first || ending.aborted) return
    armed = clock.after(Math.max(first.at - clock.now(), soonest), () => void sweep(), { unref: true })
  }

  async function sweep(): Promise<void> {
    try {
      for (let over = overdue(due, clock.now()); over.length > 0 && !ending.aborted; over = overdue(due, clock.now())) {
        await Promise.all(over.map(([key, { revision }]) => remove(tools, key, revision)))
        for (const [key, { revision }] of over) if (due.get(key)?.revision === revision) due.delete(key)
      }
    } catch (error) {
      if (!ending.aborted) log.warn({ err: error }, 'Delete expired events: will try again')
    }
    armed = undefined
    arm(together)
  }

  async function follow(): Promise<void> {
    const { entries, revision } = await cache.list({ revision: 0 })
    const found = entries.map(({ key, revision: of, object }): [string, Due] => [key, due.get(key)?.revision === of ? due.get(key)! : { revision: of, at: lastWritten(object, clock.now()) + ttl }])
    due.clear()
    for (const [key, each] of found.sort(([, a], [, b]) => a.at - b.at)) due.set(key, each)
    arm(0)
    for await (const { event } of await cache.watch({ after: revision, signal: ending })) {
      if (event.type === 'ERROR') return
      const { metadata } = event.object as KubeObject
      const key = tools.resources.key(events, metadata.namespace ?? '', metadata.name)
      due.delete(key)
      if (event.type === 'DELETED') continue
      due.set(key, { revision: Number(metadata.resourceVersion), at: clock.now() + ttl })
      arm(0)
    }
  }

  async function run(): Promise<void> {
    try {
      await follow()
    } catch (error) {
      if (!ending.aborted) log.warn({ err: error }, 'Follow events: will try again')
    }
    if (!ending.aborted) clock.after(again, () => void run(), { unref: true })
  }

  void run()
}

function overdue(due: ReadonlyMap<string, Due>, now: number): [string, Due][] {
  const found: [string, Due][] = []
  for (const each of due) {
    if (each[1].at > now || found.length === atOnce) break
    found.push(each)
  }
  return found
}

async function remove({ store, resources }: Tools, key: string, revision: number): Promise<void> {
  try {
    await store.delete(resources.of(events), key, revision, { lazy: true })
  } catch (error) {
    // Somebody has deleted or written it meanwhile; then it lives on.
    if (!(error instanceof StoreError) || (error.reason !== 'conflict' && error.reason !== 'missing')) throw error
  }
}

/** After a restart the times in an Event must do; none may promise a life beyond that of a new one. */
function lastWritten(object: KubeObject, now: number): number {
  const { metadata, lastTimestamp, eventTime, series } = object as Event
  const times = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime].map((time) => Date.parse(time ?? ''))
  return Math.min(now, Math.max(0, ...times.filter((time) => !Number.isNaN(time))))
}
