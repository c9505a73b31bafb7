import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerState, ContainerStatus } from '../../api/types/core-v1/pod-status.ts'
import { rfc3339 } from '../rfc3339.ts'
import type { SpecContainer } from '../pods/containers.ts'
import type { Waiting } from '../pods/plan.ts'
import type { ContainerView } from '../pods/view.ts'
import type { ContainerProbes } from '../probes/results.ts'

export interface ContainerStatusInputs {
  readonly pod: Pod
  readonly container: SpecContainer
  /** All containers of that name, newest first. */
  readonly history: readonly ContainerView[]
  readonly waiting: Waiting | undefined
  /** Why a container that has never been made is not there yet. */
  readonly notYet: Waiting
  readonly probes: ContainerProbes
  /** What the API says now: what the runtime has forgotten is kept from it. */
  readonly old: ContainerStatus | undefined
}

/** One entry of `containerStatuses`, from what the runtime has. */
export function containerStatus(inputs: ContainerStatusInputs): ContainerStatus {
  const { container, history, waiting, old, probes } = inputs
  const [current, previous] = history
  const base = { name: container.spec.name, image: container.spec.image ?? '', imageID: '', ready: false, restartCount: 0, started: false }
  if (!current) return neverMade(inputs, base)
  const lastEnded = previous?.state === 'exited' ? withMessage({ terminated: terminated(previous) }, old) : keptLastState(old, current)
  const state = withMessage(stateOf(current), old)
  const isWaiting = waiting !== undefined && current.state !== 'running'
  const started = current.state === 'running' && (!container.spec.startupProbe || probes.startup === 'success')
  return {
    ...base,
    state: isWaiting ? { waiting: { ...waiting } } : state,
    lastState: isWaiting && state.terminated ? { terminated: state.terminated } : lastEnded,
    image: current.image || base.image,
    imageID: current.imageID,
    containerID: `containerd://${current.id}`,
    restartCount: current.attempt,
    started,
    ready: isReady(inputs, current, started),
  }
}

function neverMade({ waiting, notYet, old }: ContainerStatusInputs, base: ContainerStatus): ContainerStatus {
  // A container that has ended and is gone from the runtime (someone removed it) stays ended.
  if (old?.state?.terminated && !waiting) return { ...old, ready: false, started: false }
  return { ...base, ...(old && { restartCount: old.restartCount }), lastState: old?.lastState ?? {}, state: { waiting: { ...(waiting ?? notYet) } } }
}

function isReady({ container, probes }: ContainerStatusInputs, current: ContainerView, started: boolean): boolean {
  if (container.kind === 'init' && !container.sidecar) return current.state === 'exited' && current.exitCode === 0
  if (container.kind === 'ephemeral') return false
  return started && (!container.spec.readinessProbe || probes.readiness === 'success')
}

/** The file with the termination message goes with the pod's volumes: once told, the message is kept from the API. */
function withMessage(state: ContainerState, old: ContainerStatus | undefined): ContainerState {
  const ended = state.terminated
  if (!ended || ended.message) return state
  const told = [old?.state?.terminated, old?.lastState?.terminated].find((each) => each?.message && each.containerID === ended.containerID)
  return told ? { terminated: { ...ended, message: told.message } } : state
}

/** The predecessor may be gone from the runtime while the API still remembers how it ended. */
function keptLastState(old: ContainerStatus | undefined, current: ContainerView): ContainerState {
  const last = old?.lastState
  if (!last?.terminated || current.attempt === 0) return old?.restartCount === current.attempt && last ? last : {}
  return last
}

function stateOf(container: ContainerView): ContainerState {
  switch (container.state) {
    case 'running': return { running: { startedAt: rfc3339(container.startedAt) } }
    case 'exited': return { terminated: terminated(container) }
    case 'created': return { waiting: { reason: 'ContainerCreating' } }
    default: return { terminated: { ...terminated(container), exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated' } }
  }
}

function terminated(container: ContainerView): NonNullable<ContainerState['terminated']> {
  return {
    exitCode: container.exitCode,
    reason: container.reason || (container.exitCode === 0 ? 'Completed' : 'Error'),
    ...(container.message && { message: container.message }),
    startedAt: container.startedAt ? rfc3339(container.startedAt) : rfc3339(container.createdAt),
    finishedAt: rfc3339(container.finishedAt || container.createdAt),
    containerID: `containerd://${container.id}`,
  }
}
