import { isAlreadyExists, isConflict, isNotFound } from '../../../api/errors.ts'
import { nodes as nodeKind } from '../../../api/kinds/core-v1/node.ts'
import { services as serviceKind } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices as sliceKind } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import { keyOf } from '../../../api/object.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { byService, isManagedBy } from '../endpointslice/perform-slices.ts'
import { startKeyed } from '../shared/keyed-controller.ts'
import { unless } from '../shared/unless.ts'
import { dnsService, dnsServiceOf, managedBy, planNodeDns } from './plan-node-dns.ts'

const key = `${dnsService.namespace}/${dnsService.name}`

/**
 * Keeps the Service `kube-system/kube-dns` and makes the nodes that answer DNS its endpoints. Where nobody said what its
 * address is, there is no DNS of ours, and slices that an earlier setting left are taken away.
 */
export function startNodeDns(deps: ControllerDeps): RunningController {
  const { client } = deps
  const addresses = deps.options?.dnsAddresses ?? []
  const services = deps.informers.of(serviceKind)
  const nodes = deps.informers.of(nodeKind)
  const slices = deps.informers.of(sliceKind, { indexes: byService })

  async function reconcile(): Promise<undefined> {
    const service = services.get(key) ?? (addresses.length ? await createService() : undefined)
    const plan = planNodeDns(addresses.length ? service : undefined, nodes.list(), slices.byIndex('service', key).filter((slice) => isManagedBy(slice, managedBy)))
    // What is stale loses, and is looked at again when the cache has caught up.
    for (const slice of plan.remove) await client.delete(sliceKind, nameOf(slice)).catch(unless(isNotFound))
    for (const slice of plan.create) await client.create(sliceKind, slice).catch(unless(isAlreadyExists))
    for (const slice of plan.update) await client.update(sliceKind, slice).catch(unless(isConflict, isNotFound))
  }

  /** Undefined when somebody was quicker: his comes with the next event. */
  async function createService(): Promise<Service | undefined> {
    return client.create(serviceKind, dnsServiceOf(addresses)).catch(unless(isAlreadyExists))
  }

  const controller = startKeyed(deps, { name: 'node-dns-controller', informers: [services, nodes, slices], reconcile })
  const wake = () => controller.enqueue(key)
  const wakeFor = (service: Service) => { if (keyOf(service) === key) wake() }
  const wakeForSlice = (slice: EndpointSlice) => { if (isManagedBy(slice, managedBy)) wake() }
  const stopObserving = [
    services.on({ add: wakeFor, update: wakeFor, delete: wakeFor }),
    nodes.on({ add: wake, update: wake, delete: wake }),
    slices.on({ add: wakeForSlice, update: wakeForSlice, delete: wakeForSlice }),
  ]
  wake()
  return {
    async stop() {
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}

const nameOf = ({ metadata: { namespace, name } }: EndpointSlice) => ({ namespace, name })
