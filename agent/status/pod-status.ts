import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerStatus, PodCondition, PodStatus } from '../../api/types/core-v1/pod-status.ts'
import { rfc3339 } from '../rfc3339.ts'
import { isTerminating, specContainers } from '../pods/containers.ts'
import type { SpecContainer } from '../pods/containers.ts'
import { deadlineOf, isOver } from '../pods/plan.ts'
import type { Waiting } from '../pods/plan.ts'
import { qosClass } from '../pods/qos.ts'
import type { PodView } from '../pods/view.ts'
import type { ContainerProbes } from '../probes/results.ts'
import { readiness } from './conditions.ts'
import { containerStatus } from './container-status.ts'
import { phaseOf } from './phase.ts'

export interface StatusInputs {
  readonly pod: Pod
  readonly view: PodView
  readonly now: number
  readonly waiting: ReadonlyMap<string, Waiting>
  readonly probes: (containerID: string) => ContainerProbes
  readonly hostIPs: readonly string[]
  /** The node refused the pod. */
  readonly rejected: Waiting | undefined
}

export const pastDeadline = 'Pod was active on the node longer than the specified deadline'

/** What the pod's status ought to be. Pure; `lastTransitionTime` moves only where a condition's status does. */
export function podStatus(inputs: StatusInputs): PodStatus {
  const { pod, view, now, rejected, hostIPs } = inputs
  const old = pod.status ?? {}
  if (rejected) return { ...old, phase: 'Failed', reason: rejected.reason, message: rejected.message, startTime: old.startTime ?? rfc3339(now), qosClass: qosClass(pod) }
  const all = specContainers(pod)
  const initialized = isInitialized(all, inputs)
  const of = (kind: SpecContainer['kind']): ContainerStatus[] => all.filter((container) => container.kind === kind).map((container) => statusOf(container, initialized, inputs))
  const init = of('init')
  const apps = of('app')
  const ephemeral = of('ephemeral')
  const over = isOver(pod, inputs)
  const ended = old.phase === 'Succeeded' || old.phase === 'Failed'
  // No pod is told to be at its end while something of it runs: others may want what it holds.
  const late = !ended && deadlineOf(pod) <= now && nothingRuns(view)
  const phase = ended ? old.phase! : late ? 'Failed' : phaseOf({ pod, all, init, apps, initialized, over: (over || isTerminating(pod)) && nothingRuns(view) })
  const ips = pod.spec.hostNetwork ? (view.sandboxes[0] ? hostIPs : []) : view.sandboxes.find(({ ips }) => ips.length > 0)?.ips ?? []
  const sandboxReady = view.sandboxes[0]?.ready === true && ips.length > 0
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: conditions({ ...inputs, all, init, apps, initialized, phase, sandboxReady }),
    ...(late ? { reason: 'DeadlineExceeded', message: pastDeadline } : { ...(old.reason && { reason: old.reason }), ...(old.message && { message: old.message }) }),
    ...(old.nominatedNodeName && { nominatedNodeName: old.nominatedNodeName }),
    hostIP: hostIPs[0] ?? '',
    hostIPs: hostIPs.map((ip) => ({ ip })),
    ...addresses(ips, old),
    startTime: old.startTime ?? rfc3339(now),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: apps,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: qosClass(pod),
  }
}

/** The address of a pod whose sandbox is gone is still what it was. */
function addresses(ips: readonly string[], old: PodStatus): Pick<PodStatus, 'podIP' | 'podIPs'> {
  if (ips.length > 0) return { podIP: ips[0]!, podIPs: ips.map((ip) => ({ ip })) }
  return { ...(old.podIP && { podIP: old.podIP }), ...(old.podIPs && { podIPs: old.podIPs }) }
}

const nothingRuns = (view: PodView): boolean => view.containers.every(({ state }) => state !== 'running')

/** All init containers are through, or an ordinary one has been made already. */
function isInitialized(all: readonly SpecContainer[], { view, probes }: StatusInputs): boolean {
  const newest = (name: string) => view.containers.find((container) => container.name === name)
  if (all.some(({ kind, spec }) => kind === 'app' && newest(spec.name))) return true
  return all.filter(({ kind }) => kind === 'init').every(({ sidecar, spec }) => {
    const current = newest(spec.name)
    if (!current) return false
    return sidecar ? current.state === 'running' && (!spec.startupProbe || probes(current.id).startup === 'success') : current.state === 'exited' && current.exitCode === 0
  })
}

function statusOf(container: SpecContainer, initialized: boolean, { pod, view, waiting, probes }: StatusInputs): ContainerStatus {
  const { name } = container.spec
  const history = view.containers.filter((each) => each.name === name)
  const old = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])].find((status) => status.name === name)
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0
  const reason = container.kind === 'ephemeral' || !hasInit || initialized ? 'ContainerCreating' : 'PodInitializing'
  return containerStatus({
    pod, container, history, old, waiting: waiting.get(name), notYet: { reason, message: '' },
    probes: history[0] ? probes(history[0].id) : {},
  })
}

interface ConditionInputs extends StatusInputs {
  readonly all: readonly SpecContainer[]
  readonly init: readonly ContainerStatus[]
  readonly apps: readonly ContainerStatus[]
  readonly initialized: boolean
  readonly phase: string
  readonly sandboxReady: boolean
}

function conditions(inputs: ConditionInputs): PodCondition[] {
  const { pod, now, init, initialized, phase, sandboxReady, all } = inputs
  const old = pod.status?.conditions ?? []
  const wanted = [
    { type: 'PodReadyToStartContainers', status: sandboxReady ? 'True' : 'False' },
    initializedCondition(all, init, initialized, phase),
    ...readiness(inputs),
    { type: 'PodScheduled', status: 'True' },
  ]
  const ours = new Set(wanted.map(({ type }) => type))
  const stamped = wanted.map((condition): PodCondition => {
    const before = old.find(({ type }) => type === condition.type)
    return {
      ...condition,
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      lastTransitionTime: before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : rfc3339(now),
    }
  })
  return [...stamped, ...old.filter(({ type }) => !ours.has(type))]
}

function initializedCondition(all: readonly SpecContainer[], init: readonly ContainerStatus[], initialized: boolean, phase: string) {
  if (phase === 'Succeeded') return { type: 'Initialized', status: 'True', reason: 'PodCompleted' }
  if (initialized) return { type: 'Initialized', status: 'True' }
  const incomplete = init.filter(({ name, ready, started }) => !(all.find(({ spec }) => spec.name === name)?.sidecar ? started : ready)).map(({ name }) => name)
  return { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` }
}
