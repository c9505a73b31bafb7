import type { Infer } from '../../schema/schema.ts'
import { always, int32, list, opt, req, string, struct } from '../../schema/schema.ts'
import { ObjectReference, Protocol } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const EndpointAddress = struct('core/v1.EndpointAddress', {
  ip: req(1, string),
  hostname: opt(3, string),
  nodeName: opt(4, string, { pointer: true }),
  targetRef: opt(2, ObjectReference),
}, { atomic: true })
export interface EndpointAddress extends Infer<typeof EndpointAddress> {}

export const EndpointPort = struct('core/v1.EndpointPort', {
  name: opt(1, string),
  port: req(2, int32),
  protocol: opt(3, Protocol),
  appProtocol: opt(4, string, { pointer: true }),
}, { atomic: true })
export interface EndpointPort extends Infer<typeof EndpointPort> {}

export const EndpointSubset = struct('core/v1.EndpointSubset', {
  addresses: opt(1, list(EndpointAddress), { listType: 'atomic' }),
  notReadyAddresses: opt(2, list(EndpointAddress), { listType: 'atomic' }),
  ports: opt(3, list(EndpointPort), { listType: 'atomic' }),
})
export interface EndpointSubset extends Infer<typeof EndpointSubset> {}

export const Endpoints = struct('core/v1.Endpoints', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  subsets: opt(2, list(EndpointSubset), { listType: 'atomic' }),
})
export interface Endpoints extends Infer<typeof Endpoints> {}
