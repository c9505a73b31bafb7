import { startController } from '../../../api/client/controller.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../../api/errors.ts'
import { endpoints as endpointsKind } from '../../../api/kinds/core-v1/endpoints.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { services as serviceKind } from '../../../api/kinds/core-v1/service.ts'
import { keyOf, parseKey } from '../../../api/object.ts'
import type { Endpoints } from '../../../api/types/core-v1/endpoints.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { isNamespaceTerminating } from '../replicas/manage-replicas.ts'
import { isSelecting } from '../service-pods/membership.ts'
import { createServicesOfPods } from '../service-pods/services-of-pods.ts'
import { TriggerTimes } from '../service-pods/trigger-times.ts'
import { unless } from '../shared/unless.ts'
import { planEndpoints } from './plan-endpoints.ts'

/** Keeps one Endpoints object beside every Service with a selector. */
export function startEndpoints(deps: ControllerDeps): RunningController {
  const { client } = deps
  const recorder = deps.recorder('endpoint-controller')
  const services = deps.informers.of(serviceKind)
  const pods = deps.informers.of(podKind)
  const endpoints = deps.informers.of(endpointsKind)
  const chosen = createServicesOfPods(services, pods)
  const triggerTimes = new TriggerTimes()

  async function reconcile(key: string): Promise<void> {
    const service = services.get(key)
    const current = endpoints.get(key)
    if (!service) {
      triggerTimes.forget(key)
      return removeLeftover(key, current)
    }
    if (!isSelecting(service)) return
    const mine = chosen.podsOf(service)
    const wanted = planEndpoints(service, mine, current, triggerTimes.next(service, mine))
    if (!wanted) return
    try {
      await (current ? client.update(endpointsKind, wanted) : client.create(endpointsKind, wanted))
    } catch (error) {
      // The one we do not see yet is about to wake us.
      if (isNamespaceTerminating(error) || (!current && isAlreadyExists(error))) return
      if (isConflict(error)) throw error
      const [verb, reason] = current ? ['update', 'FailedToUpdateEndpoint'] : ['create', 'FailedToCreateEndpoint']
      recorder.event(current ?? service, 'Warning', reason!, `Failed to ${verb} endpoint ${current ? '' : 'for service '}${key}: ${(error as Error).message}`)
      throw error
    }
  }

  /** Endpoints go with their service, also when a user wrote them. */
  async function removeLeftover(key: string, current: Endpoints | undefined): Promise<void> {
    if (!current) return
    const uid = current.metadata.uid ?? ''
    await client.delete(endpointsKind, parseKey(key), { preconditions: { uid } }).catch(unless(isNotFound))
  }

  const controller = startController({
    name: 'endpoint-controller', client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: services, watches: [pods, endpoints].map((informer) => ({ informer, map: () => [] })), reconcile,
  })
  /** What a user wrote for a service without selector, or for none at all, is not ours to mend. */
  function needsLook(object: Endpoints): boolean {
    const service = services.get(keyOf(object))
    return service === undefined ? 'endpoints.kubernetes.io/managed-by' in (object.metadata.labels ?? {}) : isSelecting(service)
  }
  const look = (object: Endpoints) => { if (needsLook(object)) controller.enqueue(keyOf(object), chosen.delayOf(keyOf(object))) }
  const unwatch = endpoints.on({ add: look, update: look, delete: look })
  const unfollow = chosen.follow(controller.enqueue)
  return { async stop() { unwatch(); unfollow(); await controller.stop() } }
}
