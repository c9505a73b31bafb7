import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Observed } from '../metrics.ts'
import type { Prober } from '../probes/prober.ts'
import type { ProbeResults } from '../probes/results.ts'
import { pastDeadline, podStatus } from '../status/pod-status.ts'
import type { StatusWriter } from '../status/status-writer.ts'
import type { Tokens } from '../volumes/tokens.ts'
import { findContainer, isTerminating, podLabel } from './containers.ts'
import { failureOf, mountVolumes, perform, removeLogs } from './perform.ts'
import type { PerformDeps } from './perform.ts'
import { actionKey, deadlineOf, plan } from './plan.ts'
import type { Action, Failure, Plan, Waiting } from './plan.ts'
import type { RuntimeCache } from './runtime-cache.ts'
import { emptyView } from './view.ts'
import type { PodView } from './view.ts'

export interface WorkerDeps extends PerformDeps {
  readonly log: Logger
  readonly cache: RuntimeCache
  readonly results: ProbeResults
  readonly prober: Prober
  readonly tokens: Tokens
  readonly status: StatusWriter
  readonly observe: (what: Observed, seconds: number) => void
}

/** One pod on this node. Wakes up after everything that may concern it, looks, decides, acts and reports. */
export interface PodWorker {
  readonly uid: string
  readonly pod: Pod | undefined
  readonly view: PodView
  update(pod: Pod): void
  /** The pod is gone from the API. */
  remove(): void
  wake(): void
  /** A ConfigMap or Secret it refers to has changed: contents are brought up to date, what waited is tried again. */
  referencesChanged(): void
  /** The runtime says this container or sandbox has ended; its own books may be a moment behind. */
  expectEnd(id: string): void
  stop(): void
}

const firstRetry = 500
const longestRetry = 10_000
/** Ticks in which the runtime's books are looked at again after an exit event. */
const lagTick = 8
const longestLag = 2_000
/** Waiting for a container that the runtime does not answer about. */
const lookAgain = 1_000

export function createWorker(identity: { uid: string; name: string; namespace: string }, deps: WorkerDeps, rejection: (pod: Pod, view: PodView) => Promise<Waiting | undefined>, gone: () => void): PodWorker {
  const { uid } = identity
  const { clock, log } = deps
  const busy = new Map<string, AbortController>()
  const failures = new Map<string, Failure>()
  const expected = new Map<string, number>()
  /** Ended containers whose back-off was told. */
  const backedOff = new Set<string>()
  let pod: Pod | undefined
  let view = emptyView(identity)
  let pendingSince: number | undefined
  let admitted = false
  let rejected: Waiting | undefined
  let volumesReady = false
  let stale = false
  let tidied = false
  let finished = false
  /** That its deadline has passed was told. */
  let toldLate = false
  let stopped = false
  let running = false
  let dirty = false
  let cancelTimer = (): void => {}

  function wake(): void {
    if (stopped) return
    dirty = true
    if (!running) void run()
  }

  async function run(): Promise<void> {
    running = true
    while (dirty && !stopped) {
      dirty = false
      try {
        await round()
      } catch (error) {
        log.warn({ err: error, pod: identity }, 'Sync pod: will try again')
        wakeAt(clock.now() + lookAgain)
      }
    }
    running = false
  }

  async function round(): Promise<void> {
    const began = clock.now()
    view = await deps.cache.read(identity)
    if (pod && !admitted) {
      rejected = await rejection(pod, view)
      admitted = true
      if (rejected) deps.events.pod(pod, 'Warning', rejected.reason, rejected.message)
    }
    if (stopped) return
    const known = pod && withStatus(pod, deps.status.latest(pod))
    const decided = plan({
      now: clock.now(), pod: known, view, busy: new Set(busy.keys()), failures, probes: deps.results.of, volumesReady, tidied, rejected: rejected !== undefined,
    })
    for (const action of decided.actions) launch(action)
    if (known && !finished) report(known, decided)
    wakeAt(Math.min(decided.wakeAt ?? Infinity, lagging(), volumesReady ? Math.max(clock.now() + lookAgain, deps.tokens.renewAt(uid)) : Infinity))
    deps.observe('sync', (clock.now() - began) / 1000)
  }

  function report(known: Pod, { waiting }: Plan): void {
    for (const [name, { reason }] of waiting) {
      const attempt = `${name}/${view.containers.find((container) => container.name === name)?.id}`
      if (reason !== 'CrashLoopBackOff' || backedOff.has(attempt)) continue
      backedOff.add(attempt)
      deps.events.container(known, { kind: findContainer(known, name)?.kind ?? 'app', name }, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podLabel(known)}`)
    }
    const { phase } = known.status ?? {}
    if (!toldLate && deadlineOf(known) <= clock.now() && phase !== 'Succeeded' && phase !== 'Failed') {
      toldLate = true
      deps.events.pod(known, 'Normal', 'DeadlineExceeded', pastDeadline)
    }
    const hostIPs = known.status?.hostIPs?.map(({ ip }) => ip) ?? []
    const ip = known.spec.hostNetwork ? hostIPs[0] : view.sandboxes[0]?.ips[0]
    if (!rejected) deps.prober.sync(known, view, ip ?? '')
    void deps.sources.hostIPs().then((ips) => {
      if (stopped || pod?.metadata.uid !== known.metadata.uid) return
      const status = podStatus({ pod: known, view, now: clock.now(), waiting, probes: deps.results.of, hostIPs: ips, rejected })
      if (status.phase === 'Running' && pendingSince !== undefined) deps.observe('start', (clock.now() - pendingSince) / 1000)
      if (status.phase !== 'Pending') pendingSince = undefined
      deps.status.set(known, status)
    })
  }

  /** An ended container the runtime still calls running: look again in a moment. */
  function lagging(): number {
    const now = clock.now()
    const starting = [...busy.keys()].some((key) => key.startsWith('start/'))
    for (const [id, until] of expected) {
      const container = view.containers.find((each) => each.id === id)
      const sandbox = view.sandboxes.find((each) => each.id === id)
      const open = container ? container.state === 'running' || container.state === 'created' : sandbox ? sandbox.ready : starting
      if (!open || until < now) expected.delete(id)
    }
    return expected.size > 0 ? now + lagTick : Infinity
  }

  function wakeAt(at: number): void {
    cancelTimer()
    if (at === Infinity) return
    cancelTimer = clock.after(Math.max(1, at - clock.now()), () => { void renew(); wake() }, { unref: true })
  }

  /** Tokens that are due are fetched by setting the volumes up once more. */
  async function renew(): Promise<void> {
    if (volumesReady && deps.tokens.renewAt(uid) <= clock.now()) refresh()
  }

  function refresh(): void {
    // Contents may have changed again while they are being written.
    stale = busy.has('volumes')
    if (!pod || isTerminating(pod) || !volumesReady || stale) return
    launchAs('volumes', () => mountVolumes(pod!, deps))
  }

  function launch(action: Action): void {
    if (action.type === 'abort') return busy.get(action.key)?.abort(new Error('the pod is being terminated'))
    if (action.type === 'forget') return end()
    if (action.type === 'finish' && finished) return
    if (action.type === 'kill' && action.again) for (const [key, controller] of busy) if (key.startsWith(`kill/${action.id}/`)) controller.abort(new Error('a shorter grace period is in force'))
    const subject = { uid, pod, view }
    launchAs(actionKey(action), async (signal) => {
      await perform(action, subject, deps, signal)
      if (action.type === 'mountVolumes') volumesReady = true
      if (action.type === 'tidy') { tidied = true; volumesReady = false }
      if (action.type === 'finish') finished = true
    })
  }

  function launchAs(key: string, act: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController()
    busy.set(key, controller)
    act(controller.signal).then(
      () => { failures.delete(key) },
      (error: unknown) => { if (!controller.signal.aborted) failed(key, error) },
    ).finally(() => {
      busy.delete(key)
      if (key === 'volumes' && stale) refresh()
      wake()
    })
  }

  function failed(key: string, error: unknown): void {
    const count = (failures.get(key)?.count ?? 0) + 1
    const { reason, message, retryAt } = failureOf(error)
    const pause = Math.min(longestRetry, firstRetry * 2 ** (count - 1))
    failures.set(key, { reason, message, count, retryAt: retryAt ?? clock.now() + pause })
    log.warn({ pod: pod ? podLabel(pod) : identity, action: key, err: error }, 'Act on pod: failed')
  }

  function end(): void {
    stop()
    deps.prober.forget(uid)
    deps.tokens.forget(uid)
    deps.sources.forget(uid)
    deps.status.forget(uid)
    void removeLogs({ uid, pod, view }, deps).catch((error: unknown) => log.warn({ err: error, uid }, 'Remove logs: failed'))
    gone()
  }

  function stop(): void {
    stopped = true
    cancelTimer()
  }

  return {
    uid,
    get pod() { return pod },
    get view() { return view },
    update(next) {
      const changedSpec = pod !== undefined && pod.metadata.generation !== next.metadata.generation
      const metadataChanged = pod !== undefined && !isDeepStrictEqual([pod.metadata.labels, pod.metadata.annotations], [next.metadata.labels, next.metadata.annotations])
      if (!pod && next.status?.phase !== 'Running') pendingSince = clock.now()
      pod = next
      if (changedSpec) failures.clear()
      if (!isTerminating(next)) deps.sources.follow(next)
      if (metadataChanged && showsMetadata(next)) refresh()
      wake()
    },
    remove() {
      pod = undefined
      deps.prober.forget(uid)
      wake()
    },
    wake,
    referencesChanged() {
      for (const [key, failure] of failures) if (key === 'volumes' || failure.reason === 'CreateContainerConfigError') failures.delete(key)
      refresh()
      wake()
    },
    expectEnd(id) {
      expected.set(id, clock.now() + longestLag)
      wake()
    },
    stop,
  }
}

/** What we have written ourselves may be newer than what the informer has. */
const withStatus = (pod: Pod, status: Pod['status']): Pod => (status && status !== pod.status ? { ...pod, status } : pod)

/** Whether labels or annotations are shown in a volume. */
const showsMetadata = (pod: Pod): boolean =>
  (pod.spec.volumes ?? []).some(({ downwardAPI, projected }) => downwardAPI || projected?.sources?.some((source) => source.downwardAPI))
