import type { Infer } from '../schema/schema.ts'
import { always, list, map, opt, req, string, struct } from '../schema/schema.ts'
import { ObjectReference } from './core-v1/common.ts'
import { EndpointConditions as StableEndpointConditions, EndpointHints as StableEndpointHints, EndpointPort as StableEndpointPort, ForNode as StableForNode, ForZone as StableForZone } from './discovery-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const EndpointConditions = struct('discovery/v1beta1.EndpointConditions', StableEndpointConditions.fields)
export type EndpointConditions = StableEndpointConditions

export const ForNode = struct('discovery/v1beta1.ForNode', StableForNode.fields)
export type ForNode = StableForNode

export const ForZone = struct('discovery/v1beta1.ForZone', StableForZone.fields)
export type ForZone = StableForZone

export const EndpointHints = struct('discovery/v1beta1.EndpointHints', StableEndpointHints.fields)
export type EndpointHints = StableEndpointHints

export const Endpoint = struct('discovery/v1beta1.Endpoint', {
  addresses: req(1, list(string), { listType: 'set' }),
  conditions: opt(2, EndpointConditions),
  hostname: opt(3, string, { pointer: true }),
  targetRef: opt(4, ObjectReference),
  topology: opt(5, map(string), { deprecated: true }),
  nodeName: opt(6, string, { pointer: true }),
  hints: opt(7, EndpointHints),
})
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = struct('discovery/v1beta1.EndpointPort', StableEndpointPort.fields)
export type EndpointPort = StableEndpointPort

export const EndpointSlice = struct('discovery/v1beta1.EndpointSlice', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  addressType: req(4, string),
  endpoints: req(2, list(Endpoint), { listType: 'atomic' }),
  ports: opt(3, list(EndpointPort), { listType: 'atomic' }),
})
export interface EndpointSlice extends Infer<typeof EndpointSlice> {}
