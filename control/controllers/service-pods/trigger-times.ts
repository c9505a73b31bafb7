import { keyOf } from '../../../api/object.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { createdAt, timeOf } from '../shared/owner.ts'
import { podCondition } from '../shared/pods.ts'

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

interface Seen { service: number; pods: ReadonlyMap<string, number> }

/**
 * Remembers, for each service, when what its endpoints follow from last changed, so that each write of endpoints can
 * say which moment it answers to; proxies measure their latency by it.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /** The earliest change since the last call, or `undefined` when no change is dated. */
  next(service: Service, pods: readonly Pod[]): string | undefined {
    const key = keyOf(service)
    const before = this.#seen.get(key)
    const now: Seen = { service: createdAt(service), pods: new Map(pods.map((pod) => [pod.metadata.name, readyChange(pod)])) }
    this.#seen.set(key, now)
    const changes = [...now.pods].filter(([name, time]) => time > (before?.pods.get(name) ?? 0)).map(([, time]) => time)
    if (now.service > (before?.service ?? 0)) changes.push(now.service)
    return changes.length > 0 ? new Date(Math.min(...changes)).toISOString().replace('.000Z', 'Z') : undefined
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

const readyChange = (pod: Pod): number => timeOf(podCondition(pod, 'Ready')?.lastTransitionTime)
