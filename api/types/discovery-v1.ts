import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, list, map, opt, req, string, struct } from '../schema/schema.ts'
import { ObjectReference, Protocol } from './core-v1/common.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const EndpointConditions = struct('discovery/v1.EndpointConditions', {
  ready: opt(1, bool, { pointer: true }),
  serving: opt(2, bool, { pointer: true }),
  terminating: opt(3, bool, { pointer: true }),
})
export interface EndpointConditions extends Infer<typeof EndpointConditions> {}

export const ForNode = struct('discovery/v1.ForNode', {
  name: req(1, string),
})
export interface ForNode extends Infer<typeof ForNode> {}

export const ForZone = struct('discovery/v1.ForZone', {
  name: req(1, string),
})
export interface ForZone extends Infer<typeof ForZone> {}

export const EndpointHints = struct('discovery/v1.EndpointHints', {
  forZones: opt(1, list(ForZone), { listType: 'atomic' }),
  forNodes: opt(2, list(ForNode), { listType: 'atomic' }),
})
export interface EndpointHints extends Infer<typeof EndpointHints> {}

export const Endpoint = struct('discovery/v1.Endpoint', {
  addresses: req(1, list(string), { listType: 'set' }),
  conditions: opt(2, EndpointConditions, { written: true }),
  hostname: opt(3, string, { pointer: true }),
  targetRef: opt(4, ObjectReference),
  deprecatedTopology: opt(5, map(string), { deprecated: true }),
  nodeName: opt(6, string, { pointer: true }),
  zone: opt(7, string, { pointer: true }),
  hints: opt(8, EndpointHints),
})
export interface Endpoint extends Infer<typeof Endpoint> {}

export const EndpointPort = struct('discovery/v1.EndpointPort', {
  name: opt(1, string, { pointer: true }),
  protocol: opt(2, Protocol, { pointer: true }),
  port: opt(3, int32, { pointer: true }),
  appProtocol: opt(4, string, { pointer: true }),
}, { atomic: true })
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSlice = struct('discovery/v1.EndpointSlice', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  addressType: req(4, string, { deprecated: true }),
  endpoints: opt(2, list(Endpoint), { listType: 'atomic' }),
  ports: opt(3, list(EndpointPort), { listType: 'atomic' }),
})
export interface EndpointSlice extends Infer<typeof EndpointSlice> {}
