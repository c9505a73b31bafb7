import { EndpointSlice } from '../../types/discovery-v1beta1.ts'
import { setKey } from '../../schema/set-key.ts'
import { endpointSlices } from '../discovery-v1/endpoint-slice.ts'
import type { Kind } from '../kind.ts'
import { deprecation, olderVersion } from './older-version.ts'
import type { Conversion } from './older-version.ts'

const hostname = 'kubernetes.io/hostname'
const zoneLabel = 'topology.kubernetes.io/zone'

/** Node and zone of an endpoint were labels among others in `topology`. */
const topology: Conversion = {
  toStable: eachEndpoint(({ topology: labels, ...endpoint }) => {
    if (!labels) return endpoint
    const { [zoneLabel]: zone, ...rest } = labels
    if (endpoint.nodeName !== undefined && rest[hostname] === endpoint.nodeName) delete rest[hostname]
    return { ...endpoint, ...(zone !== undefined && { zone }), ...(Object.keys(rest).length > 0 && { deprecatedTopology: rest }) }
  }),
  fromStable: eachEndpoint(({ deprecatedTopology, zone, ...endpoint }) => {
    const labels = sorted({ ...deprecatedTopology, ...(endpoint.nodeName !== undefined && { [hostname]: endpoint.nodeName }), ...(zone !== undefined && { [zoneLabel]: zone }) })
    return { ...endpoint, ...(Object.keys(labels).length > 0 && { topology: labels }) }
  }),
}

function eachEndpoint(convert: (endpoint: any) => any) {
  return (slice: any): any => ({ ...slice, ...(slice.endpoints && { endpoints: slice.endpoints.map(convert) }) })
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const key of Object.keys(map).sort()) setKey(result, key, map[key])
  return result
}

/** `discovery.k8s.io/v1beta1`. */
export const olderDiscovery: readonly Kind[] = Object.freeze([
  olderVersion(endpointSlices, {
    version: 'v1beta1', schema: EndpointSlice, deprecated: deprecation('discovery.k8s.io/v1beta1 EndpointSlice', 21, 25, 'discovery.k8s.io/v1 EndpointSlice'), convert: topology,
    // Topology may be written here, and only here.
    prepareForCreate({ metadata }) { metadata.generation = 1 },
  }),
])
