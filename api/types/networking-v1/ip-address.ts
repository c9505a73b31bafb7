import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, string, struct } from '../../schema/schema.ts'
import { Condition, ObjectMeta } from '../meta-v1/meta.ts'

export const ParentReference = struct('networking/v1.ParentReference', {
  group: opt(1, string),
  resource: opt(2, string),
  namespace: opt(3, string),
  name: opt(4, string),
})
export interface ParentReference extends Infer<typeof ParentReference> {}

export const IPAddressSpec = struct('networking/v1.IPAddressSpec', {
  parentRef: opt(1, ParentReference),
})
export interface IPAddressSpec extends Infer<typeof IPAddressSpec> {}

export const IPAddress = struct('networking/v1.IPAddress', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IPAddressSpec),
})
export interface IPAddress extends Infer<typeof IPAddress> {}

export const ServiceCIDRSpec = struct('networking/v1.ServiceCIDRSpec', {
  cidrs: opt(1, list(string), { listType: 'atomic' }),
})
export interface ServiceCIDRSpec extends Infer<typeof ServiceCIDRSpec> {}

export const ServiceCIDRStatus = struct('networking/v1.ServiceCIDRStatus', {
  conditions: opt(1, list(Condition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface ServiceCIDRStatus extends Infer<typeof ServiceCIDRStatus> {}

export const ServiceCIDR = struct('networking/v1.ServiceCIDR', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ServiceCIDRSpec),
  status: opt(3, ServiceCIDRStatus),
})
export interface ServiceCIDR extends Infer<typeof ServiceCIDR> {}
