import { rfc3339 } from '../../host/clock.ts'
import type { Event } from '../types/core-v1/event.ts'
import type { Draft } from './client.ts'

/** What to do about an event that happened: write it, add it to one already written, or keep quiet. */
export type Correlated =
  | { readonly do: 'create'; readonly event: Draft<Event> }
  | { readonly do: 'repeat'; readonly event: Draft<Event> }
  | { readonly do: 'skip' }

/** Folds events so that a crashing pod does not flood the cluster; the rules and numbers are those of client-go's EventCorrelator. */
export type Correlator = (event: Draft<Event>, now: number) => Correlated

const remembered = 4096
/** More than this many different messages of one reason about one object … */
const similarLimit = 10
/** … within this time are combined into one event. */
const similarWindow = 600_000
/** An object may have this many events of one source at once, and one more every five minutes. */
const spamBurst = 25
const spamRefill = 300_000

interface Similar { readonly messages: Set<string>; last: number }
interface Bucket { tokens: number; at: number }
interface Written { readonly name: string; readonly firstTimestamp: string; count: number }

export function createCorrelator(): Correlator {
  const similar = new Map<string, Similar>()
  const written = new Map<string, Written>()
  const buckets = new Map<string, Bucket>()

  const combine = (event: Draft<Event>, now: number): { event: Draft<Event>; key: string } => {
    const key = similarKey(event)
    let seen = similar.get(key)
    if (!seen || now - seen.last > similarWindow) seen = { messages: new Set(), last: now }
    seen.messages.add(event.message ?? '')
    seen.last = now
    remember(similar, key, seen)
    if (seen.messages.size < similarLimit) return { event, key: `${key}\n${event.message}` }
    seen.messages.delete(seen.messages.values().next().value!)
    return { event: { ...event, message: `(combined from similar events): ${event.message}` }, key }
  }

  const fold = (event: Draft<Event>, key: string, now: number): Correlated => {
    const known = written.get(key)
    if (!known) {
      remember(written, key, { name: event.metadata.name!, firstTimestamp: event.firstTimestamp!, count: 1 })
      return { do: 'create', event }
    }
    known.count += 1
    remember(written, key, known)
    const metadata = { ...event.metadata, name: known.name }
    return { do: 'repeat', event: { ...event, metadata, firstTimestamp: known.firstTimestamp, lastTimestamp: rfc3339(now), count: known.count } }
  }

  const spam = (event: Draft<Event>, now: number): boolean => {
    const key = sourceKey(event)
    const bucket = buckets.get(key) ?? { tokens: spamBurst, at: now }
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefill)
    bucket.at = now
    remember(buckets, key, bucket)
    if (bucket.tokens < 1) return true
    bucket.tokens -= 1
    return false
  }

  return (event, now) => {
    const combined = combine(event, now)
    const folded = fold(combined.event, combined.key, now)
    return spam(event, now) ? { do: 'skip' } : folded
  }
}

/** Sets the entry as the youngest and forgets the oldest beyond the limit. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > remembered) map.delete(map.keys().next().value!)
}

function sourceKey({ source, involvedObject: object }: Draft<Event>): string {
  return [source?.component, source?.host, object.kind, object.namespace, object.name, object.uid, object.apiVersion].join('\n')
}

const similarKey = (event: Draft<Event>): string =>
  [sourceKey(event), event.involvedObject.fieldPath, event.type, event.reason, event.reportingComponent, event.reportingInstance].join('\n')
