import { keyOf } from '../../../api/object.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { podCondition } from '../shared/pods.ts'

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/** Times as the API writes them: RFC 3339 in UTC, whose order is that of their text. */
interface Seen { readonly service: string; readonly pods: ReadonlyMap<string, string> }

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
    const now: Seen = { service: service.metadata.creationTimestamp ?? '', pods: new Map(pods.map((pod) => [pod.metadata.name, readyChange(pod)])) }
    this.#seen.set(key, now)
    const changes = [...now.pods].filter(([name, time]) => time > (before?.pods.get(name) ?? '')).map(([, time]) => time)
    if (now.service > (before?.service ?? '')) changes.push(now.service)
    return changes.sort()[0]
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

const readyChange = (pod: Pod): string => podCondition(pod, 'Ready')?.lastTransitionTime ?? ''
