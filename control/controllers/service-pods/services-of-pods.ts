import type { Informer } from '../../../api/client/informer.ts'
import { keyOf } from '../../../api/object.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { same } from '../shared/same.ts'
import type { Matches } from '../shared/selectors.ts'
import { mapSelector } from '../shared/selectors.ts'
import { endpointView } from './membership.ts'

/** Which services choose which pods. Selectors are compiled once for each state of a service. */
export interface ServicesOfPods {
  servicesOf(pod: Pod): string[]
  podsOf(service: Service): Pod[]
  /** Calls `wake` with the key of every service whose endpoints a change of a pod may change, and after how many milliseconds to look. */
  follow(wake: (service: string, after: number) => void): () => void
  /** How long changes of this service's endpoints are gathered. */
  delayOf(service: string): number
}

/**
 * Endpoints are written whole, so following each of n pods that come at once costs n². Small services are followed at
 * once; beyond that a millisecond is waited for each pod, and a second at most.
 */
const followedAtOnce = 50
const longestDelayMs = 1_000

export function createServicesOfPods(services: Informer<Service>, pods: Informer<Pod>): ServicesOfPods {
  const compiled = new WeakMap<Service, Matches>()
  function matches(service: Service): Matches {
    let match = compiled.get(service)
    if (!match) compiled.set(service, match = mapSelector(service.spec.selector))
    return match
  }
  const sizes = new Map<string, number>()
  const delayOf = (key: string) => {
    const size = sizes.get(key) ?? 0
    return size <= followedAtOnce ? 0 : Math.min(longestDelayMs, size)
  }
  const servicesOf = (pod: Pod) => services.list(pod.metadata.namespace).filter((service) => matches(service)(pod.metadata.labels)).map(keyOf)
  return {
    servicesOf, delayOf,
    podsOf(service) {
      const match = matches(service)
      const mine = pods.list(service.metadata.namespace).filter((pod) => match(pod.metadata.labels))
      sizes.set(keyOf(service), mine.length)
      return mine
    },
    follow(wake) {
      const all = (pod: Pod) => { for (const key of servicesOf(pod)) wake(key, delayOf(key)) }
      const off = services.on({ delete: (service) => { sizes.delete(keyOf(service)) } })
      const offPods = pods.on({ add: all, delete: all, update(pod, old) { if (!same(endpointView(pod), endpointView(old))) { all(old); all(pod) } } })
      return () => { off(); offPods() }
    },
  }
}
