import { startController } from '../../../api/client/controller.ts'
import { isNotFound } from '../../../api/errors.ts'
import { endpoints as endpointsKind } from '../../../api/kinds/core-v1/endpoints.ts'
import { services as serviceKind } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices as sliceKind } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import { keyOf } from '../../../api/object.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { byService, isManagedBy, performSlices, serviceOf } from '../endpointslice/perform-slices.ts'
import { isNamespaceTerminating } from '../replicas/manage-replicas.ts'
import { Expectations } from '../shared/expectations.ts'
import { unless } from '../shared/unless.ts'
import { isMirrored, managedBy, mostAddresses, planMirror } from './plan-mirror.ts'

/** Keeps EndpointSlices for the Endpoints that users write for services without selector: proxies read slices only. */
export function startEndpointSliceMirroring(deps: ControllerDeps): RunningController {
  const { client, clock } = deps
  const recorder = deps.recorder('endpoint-slice-mirroring-controller')
  const endpoints = deps.informers.of(endpointsKind)
  const services = deps.informers.of(serviceKind)
  const slices = deps.informers.of(sliceKind, { indexes: byService })
  const expectations = new Expectations(clock)
  const isOurs = (slice: EndpointSlice) => isManagedBy(slice, managedBy)

  async function reconcile(key: string): Promise<{ after: number } | undefined> {
    const trustedIn = expectations.msUntilSatisfied(key)
    if (trustedIn > 0) return { after: trustedIn }
    const source = endpoints.get(key)
    const existing = slices.byIndex('service', key).filter(isOurs)
    if (!source || !isMirrored(source, services.get(key))) {
      for (const { metadata: { namespace, name } } of existing) await client.delete(sliceKind, { namespace, name }).catch(unless(isNotFound))
      return undefined
    }
    const plan = planMirror(source, existing)
    if (plan.skipped > 0) recorder.event(source, 'Warning', 'TooManyAddressesToMirror', `A max of ${mostAddresses} addresses can be mirrored to EndpointSlices per Endpoints subset. ${plan.skipped} addresses were skipped`)
    await performSlices(client, expectations, key, plan).catch(unless(isNamespaceTerminating))
    return undefined
  }

  const controller = startController({
    name: 'endpointslice-mirroring-controller', client, clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: endpoints, watches: [{ informer: services, map: (service) => [keyOf(service)] }, { informer: slices, map: (slice) => (isOurs(slice) ? [serviceOf(slice)] : []) }], reconcile,
  })
  const stopObserving = slices.on({ add: (slice) => { if (isOurs(slice)) expectations.creationObserved(serviceOf(slice)) } })
  return { async stop() { stopObserving(); await controller.stop() } }
}
