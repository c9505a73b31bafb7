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
  /** Calls `wake` with the key of every service whose endpoints a change of a pod may change. */
  follow(wake: (service: string) => void): () => void
}

export function createServicesOfPods(services: Informer<Service>, pods: Informer<Pod>): ServicesOfPods {
  const compiled = new WeakMap<Service, Matches>()
  function matches(service: Service): Matches {
    let match = compiled.get(service)
    if (!match) compiled.set(service, match = mapSelector(service.spec.selector))
    return match
  }
  const servicesOf = (pod: Pod) => services.list(pod.metadata.namespace).filter((service) => matches(service)(pod.metadata.labels)).map(keyOf)
  return {
    servicesOf,
    podsOf: (service) => pods.list(service.metadata.namespace).filter((pod) => matches(service)(pod.metadata.labels)),
    follow(wake) {
      const all = (pod: Pod) => { for (const key of servicesOf(pod)) wake(key) }
      return pods.on({ add: all, delete: all, update(pod, old) { if (!same(endpointView(pod), endpointView(old))) { all(old); all(pod) } } })
    },
  }
}
