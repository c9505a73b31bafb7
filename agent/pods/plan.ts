import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerProbes } from '../probes/results.ts'
import { goSeconds, nextBackoff, restartAt } from './backoff.ts'
import { containerHash, gracePeriodOf, isTerminating, newestOf, podLabel, restarts, specContainers } from './containers.ts'
import type { SpecContainer } from './containers.ts'
import { planTermination } from './plan-termination.ts'
import type { ContainerView, PodView, SandboxView } from './view.ts'

/** All that is known when a decision about one pod is made. */
export interface World {
  /** Milliseconds. */
  readonly now: number
  /** Undefined: gone from the API; what is left of it is to be removed. */
  readonly pod: Pod | undefined
  readonly view: PodView
  /** Keys of actions in flight; see `actionKey`. */
  readonly busy: ReadonlySet<string>
  /** Actions that failed last time, by key, and when they may be tried again. */
  readonly failures: ReadonlyMap<string, Failure>
  readonly probes: (containerID: string) => ContainerProbes
  readonly volumesReady: boolean
  /** The pod was refused by this node: nothing of it is to start. */
  readonly rejected: boolean
  /** Volumes and cgroup are taken away. */
  readonly tidied: boolean
}

export interface Failure {
  readonly retryAt: number
  readonly count: number
  /** The waiting reason for a container, e.g. `ErrImagePull`. */
  readonly reason: string
  readonly message: string
}

export type Action =
  | { readonly type: 'mountVolumes' }
  | { readonly type: 'createSandbox'; readonly attempt: number; readonly changed: boolean }
  | { readonly type: 'stopSandbox'; readonly id: string }
  | { readonly type: 'removeSandbox'; readonly id: string }
  | { readonly type: 'start'; readonly name: string; readonly sandbox: string; readonly attempt: number; readonly backoff: number }
  /** `grace` in seconds. `message` is told in an Event. */
  | { readonly type: 'kill'; readonly id: string; readonly name: string; readonly grace: number; readonly message: string; /** An earlier, more patient kill is under way: no hook, no Event. */ readonly again?: boolean }
  | { readonly type: 'removeContainer'; readonly id: string; readonly logPath: string }
  /** Stop waiting for an action that no longer makes sense. */
  | { readonly type: 'abort'; readonly key: string }
  /** Take volumes and cgroup away. */
  | { readonly type: 'tidy' }
  /** Take the object out of the API. */
  | { readonly type: 'finish' }
  /** Nothing is left: forget the pod. */
  | { readonly type: 'forget' }

export interface Plan {
  readonly actions: readonly Action[]
  /** Look again then, if nothing happens before; milliseconds. */
  readonly wakeAt: number | undefined
  /** Containers that wait, and why, by name. */
  readonly waiting: ReadonlyMap<string, Waiting>
}

export interface Waiting { readonly reason: string; readonly message: string }

/** One action at a time for each key. All starts share one: containers of a pod start one after the other. */
export function actionKey(action: Action): string {
  switch (action.type) {
    case 'mountVolumes': return 'volumes'
    case 'createSandbox': return 'sandbox'
    case 'start': return `start/${action.name}`
    // A shorter grace is another action: it overtakes the first.
    case 'kill': return `kill/${action.id}/${action.grace}`
    case 'stopSandbox': case 'removeSandbox': case 'removeContainer': return `${action.type}/${action.id}`
    default: return action.type
  }
}

/** Decides what is to be done now for one pod. Pure: called again after everything that happens. */
export function plan(world: World): Plan {
  const draft = new Draft(world)
  const { pod } = world
  if (!pod || isTerminating(pod) || world.rejected || isOver(pod, world)) planTermination(world, draft)
  else planRunning(pod, world, draft)
  return draft.finished()
}

/** Collects actions, leaving out those in flight and those that must wait after a failure. */
export class Draft {
  readonly actions: Action[] = []
  readonly waiting = new Map<string, Waiting>()
  wakeAt: number | undefined
  private readonly world: World
  constructor(world: World) { this.world = world }

  /** True when the action is now under way (or was already). */
  add(action: Action): boolean {
    const key = actionKey(action)
    if (this.world.busy.has(key)) return true
    const failure = this.world.failures.get(key)
    if (failure && failure.retryAt > this.world.now) {
      this.wake(failure.retryAt)
      return false
    }
    this.actions.push(action.type === 'kill' && this.isBeingKilled(action.id) ? { ...action, again: true } : action)
    return true
  }

  private isBeingKilled(id: string): boolean { return [...this.world.busy].some((key) => key.startsWith(`kill/${id}/`)) }

  wake(at: number): void { this.wakeAt = Math.min(at, this.wakeAt ?? Infinity) }
  finished(): Plan { return { actions: this.actions, wakeAt: this.wakeAt, waiting: this.waiting } }
}

/** Whether the pod has come to its end by itself: all containers done for good, deadline passed, or so written in the API. */
export function isOver(pod: Pod, { view, now }: Pick<World, 'view' | 'now'>): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true
  if (deadlineOf(pod) <= now) return true
  const done = ({ spec }: SpecContainer): ContainerView | undefined => {
    const newest = newestOf(view, spec.name)
    return newest?.state === 'exited' ? newest : undefined
  }
  const all = specContainers(pod)
  const initFailed = all.some((container) => {
    const ended = container.kind === 'init' && !container.sidecar ? done(container) : undefined
    return ended !== undefined && ended.exitCode !== 0 && !restarts(pod, container, ended)
  })
  if (initFailed) return true
  const apps = all.filter(({ kind }) => kind === 'app')
  return apps.length > 0 && apps.every((container) => {
    const ended = done(container)
    return ended !== undefined && !restarts(pod, container, ended)
  })
}

/** `activeDeadlineSeconds` as a moment; Infinity without one. */
export function deadlineOf(pod: Pod): number {
  const seconds = pod.spec.activeDeadlineSeconds
  return seconds === undefined || !pod.status?.startTime ? Infinity : Date.parse(pod.status.startTime) + seconds * 1000
}

function planRunning(pod: Pod, world: World, draft: Draft): void {
  const deadline = deadlineOf(pod)
  if (deadline !== Infinity) draft.wake(deadline)
  if (!world.volumesReady) {
    draft.add({ type: 'mountVolumes' })
    return
  }
  const sandbox = planSandbox(pod, world, draft)
  if (sandbox) planContainers(pod, sandbox, world, draft)
  planLeftovers(world, draft)
}

/** The sandbox containers may start in, or undefined while there is none. */
function planSandbox(pod: Pod, { view, busy }: World, draft: Draft): SandboxView | undefined {
  const [newest] = view.sandboxes
  const usable = (sandbox: SandboxView): boolean => sandbox.ready && (pod.spec.hostNetwork === true || sandbox.ips.length > 0)
  const ready = view.sandboxes.filter((sandbox) => sandbox.ready)
  if (newest && usable(newest) && ready.length === 1) return newest
  if (busy.has('sandbox')) return undefined
  // What still runs belongs to a sandbox that is dead or not the one: it goes first.
  for (const container of view.containers.filter(({ state }) => state === 'running')) {
    draft.add({ type: 'kill', id: container.id, name: container.name, grace: gracePeriodOf(pod), message: `Stopping container ${container.name}` })
  }
  for (const sandbox of ready) draft.add({ type: 'stopSandbox', id: sandbox.id })
  const going = ready.length > 0 || view.containers.some(({ state }) => state === 'running')
  if (!going) draft.add({ type: 'createSandbox', attempt: newest ? newest.attempt + 1 : 0, changed: newest !== undefined })
  return undefined
}

function planContainers(pod: Pod, sandbox: SandboxView, world: World, draft: Draft): void {
  const here: PodView = { ...world.view, containers: world.view.containers.filter(({ sandboxId }) => sandboxId === sandbox.id) }
  const all = specContainers(pod)
  const initialized = all.some(({ kind, spec }) => kind === 'app' && newestOf(here, spec.name))
  let mayStart = ![...world.busy].some((key) => key.startsWith('start/'))
  let blocked = false
  for (const container of all) {
    const current = newestOf(here, container.spec.name)
    const needed = !blocked && isNeeded(pod, container, current, initialized)
    const start = needed && startOf(pod, sandbox, container, world, draft)
    if (start && mayStart && draft.add(start)) mayStart = false
    if (current) planUpkeep(pod, container, current, world, draft)
    if (container.kind === 'init' && !initialized && !hasPassed(container, current, world)) blocked = true
  }
}

/** Whether a container that is not running ought to. */
function isNeeded(pod: Pod, container: SpecContainer, current: ContainerView | undefined, initialized: boolean): boolean {
  if (container.kind === 'init' && !container.sidecar && initialized) return false
  if (!current) return true
  return current.state === 'exited' && restarts(pod, container, current)
}

/** Whether those after this init container may go on. */
function hasPassed(container: SpecContainer, current: ContainerView | undefined, world: World): boolean {
  if (!current) return false
  if (container.sidecar) return current.state === 'running' && isStarted(container, current, world) && !world.busy.has(`start/${container.spec.name}`)
  return current.state === 'exited' && current.exitCode === 0
}

/** Running, with its start-up probe behind it. */
export const isStarted = (container: SpecContainer, current: ContainerView, world: Pick<World, 'probes'>): boolean =>
  current.state === 'running' && (!container.spec.startupProbe || world.probes(current.id).startup === 'success')

/** The start that is due, or undefined while it has to wait; the reason is then in `draft.waiting`. */
function startOf(pod: Pod, sandbox: SandboxView, container: SpecContainer, world: World, draft: Draft): Action | undefined {
  const { name } = container.spec
  const last = newestOf(world.view, name)
  const action: Action = {
    type: 'start', name, sandbox: sandbox.id,
    attempt: last ? last.attempt + 1 : 0,
    backoff: last && last.state === 'exited' && last.hash === containerHash(container.spec) ? nextBackoff(last) : 0,
  }
  const failure = world.failures.get(actionKey(action))
  if (failure) draft.waiting.set(name, failure)
  if (!last || last.state !== 'exited' || last.sandboxId !== sandbox.id || last.hash !== containerHash(container.spec)) return action
  const at = restartAt(last)
  if (at <= world.now) return action
  draft.wake(at)
  draft.waiting.set(name, { reason: 'CrashLoopBackOff', message: `back-off ${goSeconds(last.backoff)} restarting failed container=${name} pod=${podLabel(pod)}` })
  return undefined
}

/** Ends a running container that is no longer what the spec says, or that its probes have given up. */
function planUpkeep(pod: Pod, container: SpecContainer, current: ContainerView, world: World, draft: Draft): void {
  if (current.state === 'created' && !world.busy.has(`start/${current.name}`)) {
    draft.add({ type: 'removeContainer', id: current.id, logPath: '' })
  }
  if (current.state !== 'running' || container.kind === 'ephemeral') return
  const kill = (message: string, grace = gracePeriodOf(pod)): void => {
    draft.add({ type: 'kill', id: current.id, name: current.name, grace, message })
  }
  const probes = world.probes(current.id)
  const { name, livenessProbe, startupProbe } = container.spec
  if (current.hash && current.hash !== containerHash(container.spec)) kill(`Container ${name} definition changed, will be restarted`)
  else if (probes.liveness === 'failure') kill(`Container ${name} failed liveness probe, will be restarted`, livenessProbe?.terminationGracePeriodSeconds)
  else if (probes.startup === 'failure') kill(`Container ${name} failed startup probe, will be restarted`, startupProbe?.terminationGracePeriodSeconds)
}

/** Old sandboxes, and of each container all but the newest that has ended, whose log is the `--previous` one. */
function planLeftovers({ view }: World, draft: Draft): void {
  const ended = new Set<string>()
  const kept: ContainerView[] = []
  for (const container of view.containers) {
    const surplus = container.state === 'exited' && ended.has(container.name)
    if (container.state === 'exited') ended.add(container.name)
    if (surplus) draft.add({ type: 'removeContainer', id: container.id, logPath: container.logPath })
    else kept.push(container)
  }
  for (const sandbox of view.sandboxes.slice(1)) {
    if (sandbox.ready || kept.some(({ sandboxId }) => sandboxId === sandbox.id)) continue
    draft.add({ type: 'removeSandbox', id: sandbox.id })
  }
}
