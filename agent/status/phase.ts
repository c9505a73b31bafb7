import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { ContainerStatus } from '../../api/types/core-v1/pod-status.ts'
import { restartPolicyOf } from '../pods/containers.ts'
import type { SpecContainer } from '../pods/containers.ts'

export interface PhaseInputs {
  readonly pod: Pod
  readonly all: readonly SpecContainer[]
  readonly init: readonly ContainerStatus[]
  readonly apps: readonly ContainerStatus[]
  readonly initialized: boolean
  /** Nothing of the pod runs and nothing will be started again. */
  readonly over: boolean
}

/** `Pending`, `Running`, `Succeeded` or `Failed`. */
export function phaseOf({ pod, all, init, apps, initialized, over }: PhaseInputs): string {
  const endings = apps.map((status) => status.state?.terminated ?? (status.state?.waiting ? status.lastState?.terminated : undefined))
  if (over) return endings.every((ending) => ending?.exitCode === 0) ? 'Succeeded' : 'Failed'
  if (!initialized) return initFailed(pod, all, init) ? 'Failed' : 'Pending'
  if (apps.some(({ state }, index) => !state?.running && !endings[index])) return 'Pending'
  if (apps.some(({ state }) => state?.running)) return 'Running'
  if (pod.spec.restartPolicy !== 'Always' && endings.every((ending) => ending?.exitCode === 0)) return 'Succeeded'
  return pod.spec.restartPolicy === 'Never' ? 'Failed' : 'Running'
}

const initFailed = (pod: Pod, all: readonly SpecContainer[], init: readonly ContainerStatus[]): boolean => init.some((status) => {
  const container = all.find(({ spec }) => spec.name === status.name)
  return container !== undefined && (status.state?.terminated?.exitCode ?? 0) !== 0 && restartPolicyOf(pod, container) === 'Never'
})
