import { rfc3339 } from '../../host/clock.ts'
import type { PodCondition } from '../../api/types/core-v1/pod-status.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'

/** The `PodScheduled` condition that says why a pod has no node; undefined when the pod says so already. */
export function notScheduled(pod: Pod, reason: 'Unschedulable' | 'SchedulerError', message: string, now: number): PodCondition | undefined {
  const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (known?.status === 'False' && known.reason === reason && known.message === message) return undefined
  return {
    type: 'PodScheduled', status: 'False', reason, message,
    lastTransitionTime: known?.status === 'False' && known.lastTransitionTime ? known.lastTransitionTime : rfc3339(now),
    ...(pod.metadata.generation && { observedGeneration: pod.metadata.generation }),
  }
}
