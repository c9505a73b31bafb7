import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerStatus } from '../../api/types/core-v1/pod-status.ts'
import type { SpecContainer } from '../pods/containers.ts'

interface Condition { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }

export interface ReadinessInputs {
  readonly pod: Pod
  readonly all: readonly SpecContainer[]
  readonly init: readonly ContainerStatus[]
  readonly apps: readonly ContainerStatus[]
  readonly phase: string
}

/** The conditions `Ready` and `ContainersReady`, in the original's words. */
export function readiness({ pod, all, init, apps, phase }: ReadinessInputs): Condition[] {
  const containers = containersReady(all, init, apps, phase)
  const gates = phase === 'Succeeded' || phase === 'Failed' ? [] : failedGates(pod)
  const ready: Condition = containers.status === 'True' && gates.length > 0
    ? { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: gates.length === 1 ? gates[0]! : `[${gates.join(', ')}]` }
    : { ...containers, type: 'Ready' }
  return [ready, containers]
}

function containersReady(all: readonly SpecContainer[], init: readonly ContainerStatus[], apps: readonly ContainerStatus[], phase: string): Condition {
  const type = 'ContainersReady'
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const sidecars = init.filter(({ name }) => all.some(({ spec, sidecar }) => sidecar && spec.name === name))
  const unready = [...sidecars, ...apps].filter(({ ready }) => !ready).map(({ name }) => name)
  if (unready.length === 0) return { type, status: 'True' }
  return { type, status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
}

function failedGates(pod: Pod): string[] {
  return (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType)
    if (!condition) return [`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`]
    return condition.status === 'True' ? [] : [`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${condition.status}`]
  })
}
