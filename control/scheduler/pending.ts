import type { Clock } from '../../host/clock.ts'
import { createHeap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'

/** What may make another try worth while. */
export type Change = 'node' | 'podGone' | 'podPlaced'

/** A pod that waits for a node. */
export interface Waiting {
  pod: PodInfo
  /** How often it was tried in vain. */
  attempts: number
  /** When it first came, for the metrics and for its place among pods of its priority. */
  readonly since: number
}

/**
 * Pods without a node: ready to be tried, waiting out their pause, or known not to fit until something changes. A pod that
 * was refused is tried again when a change touches what refused it, but not sooner than its pause allows (1 s, doubling to 10 s).
 */
export interface Pending {
  /** A new pod, or a new state of one that waits. */
  set(pod: PodInfo): void
  remove(key: string): void
  /** The next pod to try, highest priority first; undefined once closed. */
  take(): Promise<Waiting | undefined>
  /** It did not fit: wait for a change that concerns one of `filters`. */
  refused(waiting: Waiting, filters: ReadonlySet<string>): void
  /** Something went wrong that has nothing to do with the cluster's state: try again after the pause. */
  failed(waiting: Waiting): void
  /** It has a node. */
  done(key: string): void
  changed(change: Change): void
  readonly counts: Readonly<Record<State, number>>
  close(): void
}

type State = 'active' | 'backoff' | 'unschedulable' | 'trying'

interface Entry extends Waiting {
  state: State
  filters: ReadonlySet<string>
  pauseEnds: number
  cancel: (() => void) | undefined
  /** Distinguishes its place in the heap from places it has left. */
  turn: number
}

const firstPause = 1_000, longestPause = 10_000
/** However sure we are that nothing has changed: look again. */
const longestWait = 300_000

/** Which filters may judge differently after a change; a node may change everything. */
const touches: Readonly<Record<Exclude<Change, 'node'>, ReadonlySet<string>>> = {
  podGone: new Set(['NodeResourcesFit', 'NodePorts', 'InterPodAffinity', 'PodTopologySpread']),
  podPlaced: new Set(['InterPodAffinity', 'PodTopologySpread']),
}

/** Told of every pod that enters a queue, and why; for the metrics. */
export type Incoming = (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void

/** The words of the original for what moved a pod. */
const eventOf: Readonly<Record<Change, string>> = { node: 'NodeChange', podGone: 'AssignedPodDelete', podPlaced: 'AssignedPodAdd' }

export function createPending(clock: Clock, incoming: Incoming = () => {}): Pending {
  const entries = new Map<string, Entry>()
  const active = createHeap<{ entry: Entry; turn: number }>((a, b) => a.entry.pod.priority > b.entry.pod.priority || (a.entry.pod.priority === b.entry.pod.priority && a.turn < b.turn))
  /** Those that wait for a change, apart: changes are many, and mostly nobody waits for them. */
  const unfit = new Set<Entry>()
  const counts: Record<State, number> = { active: 0, backoff: 0, unschedulable: 0, trying: 0 }
  let turns = 0
  let taker: ((waiting: Waiting | undefined) => void) | undefined
  let closed = false

  function move(entry: Entry, state: State): void {
    entry.cancel?.()
    entry.cancel = undefined
    counts[entry.state]--
    counts[state]++
    entry.state = state
    if (state === 'unschedulable') unfit.add(entry)
    else unfit.delete(entry)
  }

  function activate(entry: Entry): void {
    move(entry, 'active')
    entry.turn = ++turns
    active.push({ entry, turn: entry.turn })
    const waiting = taker && next()
    if (waiting) { const take = taker!; taker = undefined; take(waiting) }
  }

  /** At the end of the line if its pause is over. */
  function retry(entry: Entry, event: string): void {
    const left = entry.pauseEnds - clock.now()
    incoming(left <= 0 ? 'active' : 'backoff', event)
    if (left <= 0) return activate(entry)
    move(entry, 'backoff')
    entry.cancel = clock.after(left, () => { entry.cancel = undefined; incoming('active', 'BackoffComplete'); activate(entry) }, { unref: true })
  }

  function next(): Waiting | undefined {
    for (let top = active.pop(); top; top = active.pop()) {
      const { entry, turn } = top
      if (entry.state !== 'active' || entry.turn !== turn) continue
      move(entry, 'trying')
      return entry
    }
    return undefined
  }

  function pause(entry: Entry): void {
    entry.attempts++
    entry.pauseEnds = clock.now() + Math.min(longestPause, firstPause * 2 ** (entry.attempts - 1))
  }

  const concerns = (entry: Entry, change: Change): boolean => change === 'node' || [...entry.filters].some((name) => touches[change].has(name))
  const current = (waiting: Waiting): Entry | undefined => { const entry = entries.get(waiting.pod.key); return entry === waiting ? entry : undefined }

  return {
    counts,
    set(pod) {
      const known = entries.get(pod.key)
      if (known && known.pod.pod.metadata.uid === pod.pod.metadata.uid) {
        const same = known.pod.pod.spec === pod.pod.spec || known.pod.pod.metadata.generation === pod.pod.metadata.generation
        known.pod = pod
        if (!same && known.state === 'unschedulable') retry(known, 'PodUpdate')
        return
      }
      if (known) this.remove(pod.key)
      const entry: Entry = { pod, attempts: 0, since: clock.now(), state: 'active', filters: new Set(), pauseEnds: 0, cancel: undefined, turn: 0 }
      entries.set(pod.key, entry)
      counts.active++
      incoming('active', 'PodAdd')
      activate(entry)
    },
    remove(key) {
      const entry = entries.get(key)
      if (!entry) return
      entry.cancel?.()
      counts[entry.state]--
      entry.turn = -1
      unfit.delete(entry)
      entries.delete(key)
    },
    take() {
      if (closed) return Promise.resolve(undefined)
      const waiting = next()
      return waiting ? Promise.resolve(waiting) : new Promise((resolve) => { taker = resolve })
    },
    refused(waiting, filters) {
      const entry = current(waiting)
      if (!entry) return
      pause(entry)
      entry.filters = filters
      incoming('unschedulable', 'ScheduleAttemptFailure')
      move(entry, 'unschedulable')
      entry.cancel = clock.after(longestWait, () => { entry.cancel = undefined; retry(entry, 'UnschedulableTimeout') }, { unref: true })
    },
    failed(waiting) {
      const entry = current(waiting)
      if (!entry) return
      pause(entry)
      retry(entry, 'ScheduleAttemptFailure')
    },
    done(key) { this.remove(key) },
    changed(change) {
      for (const entry of [...unfit]) if (concerns(entry, change)) retry(entry, eventOf[change])
    },
    close() {
      closed = true
      for (const entry of entries.values()) entry.cancel?.()
      entries.clear()
      unfit.clear()
      taker?.(undefined)
      taker = undefined
    },
  }
}
