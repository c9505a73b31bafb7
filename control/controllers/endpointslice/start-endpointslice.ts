import { startController } from '../../../api/client/controller.ts'
import { isConflict } from '../../../api/errors.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import { pods as podKind } from '../../../api/kinds/core-v1/pod.ts'
import { services as serviceKind } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices as sliceKind } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { isNamespaceTerminating } from '../replicas/manage-replicas.ts'
import { isSelecting } from '../service-pods/membership.ts'
import { createServicesOfPods } from '../service-pods/services-of-pods.ts'
import { TriggerTimes } from '../service-pods/trigger-times.ts'
import { Expectations } from '../shared/expectations.ts'
import { byNode } from '../shared/indexes.ts'
import { byService, isManagedBy, performSlices, serviceOf } from './perform-slices.ts'
import type { SlicesPlan } from './plan-family.ts'
import type { SlicesWorld } from './plan-slices.ts'
import { managedBy, planSlices } from './plan-slices.ts'
import type { HintEvent } from './topology/topology-hints.ts'
import { TopologyHints } from './topology/topology-hints.ts'
import { isControlPlane, zoneOf } from './topology/zone-ratios.ts'

const isOurs = (slice: EndpointSlice): boolean => isManagedBy(slice, managedBy)

/** Keeps the EndpointSlices of every Service with a selector. They go with the service by their owner reference. */
export function startEndpointSlice(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const recorder = deps.recorder('endpoint-slice-controller')
  const services = deps.informers.of(serviceKind)
  const pods = deps.informers.of(podKind, { indexes: byNode })
  const nodes = deps.informers.of(nodeKind)
  const slices = deps.informers.of(sliceKind, { indexes: byService })
  const chosen = createServicesOfPods(services, pods)
  const triggerTimes = new TriggerTimes()
  const expectations = new Expectations(clock)
  const topology = new TopologyHints(() => nodes.list())

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const service = services.get(key)
    if (!service) {
      triggerTimes.forget(key)
      expectations.forget(key)
      topology.forget(key)
      return undefined
    }
    if (!isSelecting(service) || service.metadata.deletionTimestamp) return undefined
    // Slices we made and do not see yet would be made twice.
    const trustedIn = expectations.msUntilSatisfied(key)
    if (trustedIn > 0) return { after: trustedIn }
    const existing = slices.byIndex('service', key).filter((slice) => isOurs(slice) && !slice.metadata.deletionTimestamp)
    const mine = chosen.podsOf(service)
    const told: HintEvent[] = []
    const adjust: SlicesWorld['adjust'] = (family, ofFamily) => {
      const { create, update, events } = topology.adjust(key, service, family, ofFamily)
      told.push(...events)
      return { create, update }
    }
    const plan = planSlices({ service, pods: mine, existing, node: (name) => nodes.get(name), triggerTime: triggerTimes.next(service, mine), adjust })
    await perform(key, service, plan)
    for (const { type, reason, message } of told) recorder.event(service, type, reason, message)
    return undefined
  }

  async function perform(key: string, service: Service, plan: SlicesPlan): Promise<void> {
    try {
      await performSlices(client, expectations, key, plan)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      if (isConflict(error)) throw error
      recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`)
      throw error
    }
  }

  /** A node that comes or goes, or changes its zone, changes the endpoints on it. */
  const wakePodsOf = (node: Node) => {
    for (const pod of pods.byIndex('node', node.metadata.name)) for (const key of chosen.servicesOf(pod)) controller.enqueue(key, chosen.delayOf(key))
  }
  const look = (slice: EndpointSlice) => { if (isOurs(slice)) controller.enqueue(serviceOf(slice), chosen.delayOf(serviceOf(slice))) }
  /** Zones that have become larger or smaller in proportion may need other hints. */
  const weighZones = () => { for (const key of topology.nodesChanged()) controller.enqueue(key, chosen.delayOf(key)) }
  const weight = (node: Node) => [zoneOf(node), node.status?.allocatable?.cpu, node.status?.conditions?.find(({ type }) => type === 'Ready')?.status, isControlPlane(node)].join()

  const controller = startController({
    name: 'endpointslice-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: services, watches: [pods, nodes, slices].map((informer) => ({ informer, map: () => [] })), reconcile,
  })
  const stopObserving = [
    slices.on({
      add(slice) {
        if (isOurs(slice)) expectations.creationObserved(serviceOf(slice))
        look(slice)
      },
      update: look,
      delete: look,
    }),
    chosen.follow(controller.enqueue),
    nodes.on({
      add(node) { weighZones(); wakePodsOf(node) },
      delete(node) { weighZones(); wakePodsOf(node) },
      update(node, old) {
        if (weight(node) !== weight(old)) weighZones()
        if (zoneOf(node) !== zoneOf(old)) wakePodsOf(node)
      },
    }),
  ]
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}
