import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Service, ServicePort } from '../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Tools } from './tools.ts'

/** Why a service cannot be reached, in the words of an APIService's condition. */
export interface NoAddress { readonly reason: 'ServiceNotFound' | 'ServicePortError' | 'EndpointsNotFound' | 'MissingEndpoints'; readonly message: string }
export interface Address { readonly host: string; readonly port: number }

/**
 * Where the server itself reaches a port of a service: one of its ready endpoints, drawn by chance, since nothing may
 * translate cluster addresses on the machine it runs on; or the name it stands for (ExternalName).
 */
export async function serviceAddress(tools: Tools, namespace: string, name: string, port: number): Promise<Address | NoAddress> {
  const entry = await tools.resources.cache(services).get(tools.resources.key(services, namespace, name))
  if (!entry) return { reason: 'ServiceNotFound', message: `service/${name} in ${JSON.stringify(namespace)} is not present` }
  const service = entry.object as Service
  if (service.spec.type === 'ExternalName') return { host: service.spec.externalName ?? '', port }
  const chosen = service.spec.ports?.find((candidate) => candidate.port === port)
  if (!chosen) return { reason: 'ServicePortError', message: `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}` }
  const reachable = await endpointsOf(tools, namespace, name, chosen)
  if (!reachable) return { reason: 'EndpointsNotFound', message: `cannot find endpointslices for service/${name} in ${JSON.stringify(namespace)}` }
  if (reachable.length === 0) return { reason: 'MissingEndpoints', message: `endpointslices for service/${name} in ${JSON.stringify(namespace)} have no addresses with port name ${JSON.stringify(chosen.name ?? '')}` }
  return reachable[Math.floor(tools.clock.random() * reachable.length)]!
}

async function endpointsOf(tools: Tools, namespace: string, name: string, port: ServicePort): Promise<Address[] | undefined> {
  const slices = await slicesOf(tools, namespace, name)
  return slices.length === 0 ? undefined : readyEndpoints(slices, port.name ?? '').map(({ endpoint, port: number }) => ({ host: endpoint.addresses[0]!, port: number }))
}

/** The EndpointSlices of a service, whether it is there or not. */
export async function slicesOf(tools: Tools, namespace: string, name: string): Promise<EndpointSlice[]> {
  const filter = (slice: EndpointSlice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name
  return (await tools.resources.cache(endpointSlices).list({ namespace, filter })).entries.map(({ object }) => object as EndpointSlice)
}

/** The endpoints that take connections at the port of that name (empty: the one without), each with the number it has there. */
export const readyEndpoints = (slices: readonly EndpointSlice[], portName: string): { endpoint: Endpoint; port: number }[] => slices.flatMap((slice) => {
  const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port
  return port === undefined ? [] : (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).map((endpoint) => ({ endpoint, port }))
})
