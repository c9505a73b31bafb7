import type { Infer } from '../../schema/schema.ts'
import { always, bool, int64, list, map, opt, quantity, raw, req, string, struct, text, time } from '../../schema/schema.ts'
import { NodeSelector } from '../core-v1/common.ts'
import { Condition, ObjectMeta } from '../meta-v1/meta.ts'
import { DeviceTaintEffect } from './resource-slice.ts'

export const NetworkDeviceData = struct('resource/v1.NetworkDeviceData', {
  interfaceName: opt(1, string),
  ips: opt(2, list(string), { listType: 'atomic' }),
  hardwareAddress: opt(3, string),
})
export interface NetworkDeviceData extends Infer<typeof NetworkDeviceData> {}

export const AllocatedDeviceStatus = struct('resource/v1.AllocatedDeviceStatus', {
  driver: req(1, string),
  pool: req(2, string),
  device: req(3, string),
  shareID: opt(7, string, { pointer: true }),
  conditions: opt(4, list(Condition), { listType: 'map', listMapKeys: ['type'] }),
  data: opt(5, raw, { pointer: true }),
  networkData: opt(6, NetworkDeviceData),
})
export interface AllocatedDeviceStatus extends Infer<typeof AllocatedDeviceStatus> {}

export const AllocationConfigSource = text('FromClaim', 'FromClass')

export const OpaqueDeviceConfiguration = struct('resource/v1.OpaqueDeviceConfiguration', {
  driver: req(1, string),
  parameters: req(2, raw),
})
export interface OpaqueDeviceConfiguration extends Infer<typeof OpaqueDeviceConfiguration> {}

export const DeviceConfiguration = struct('resource/v1.DeviceConfiguration', {
  opaque: opt(1, OpaqueDeviceConfiguration),
})
export interface DeviceConfiguration extends Infer<typeof DeviceConfiguration> {}

export const DeviceAllocationConfiguration = struct('resource/v1.DeviceAllocationConfiguration', {
  ...DeviceConfiguration.fields,
  source: req(1, AllocationConfigSource),
  requests: opt(2, list(string), { listType: 'atomic' }),
}, { inline: [DeviceConfiguration] })
export interface DeviceAllocationConfiguration extends Infer<typeof DeviceAllocationConfiguration> {}

export const DeviceTolerationOperator = text('Equal', 'Exists')

export const DeviceToleration = struct('resource/v1.DeviceToleration', {
  key: opt(1, string),
  operator: opt(2, DeviceTolerationOperator, { default: 'Equal' }),
  value: opt(3, string),
  effect: opt(4, DeviceTaintEffect),
  tolerationSeconds: opt(5, int64, { pointer: true }),
})
export interface DeviceToleration extends Infer<typeof DeviceToleration> {}

export const DeviceRequestAllocationResult = struct('resource/v1.DeviceRequestAllocationResult', {
  request: req(1, string),
  driver: req(2, string),
  pool: req(3, string),
  device: req(4, string),
  adminAccess: opt(5, bool, { pointer: true }),
  tolerations: opt(6, list(DeviceToleration), { listType: 'atomic' }),
  bindingConditions: opt(7, list(string), { listType: 'atomic' }),
  bindingFailureConditions: opt(8, list(string), { listType: 'atomic' }),
  shareID: opt(9, string, { pointer: true }),
  consumedCapacity: opt(10, map(quantity)),
})
export interface DeviceRequestAllocationResult extends Infer<typeof DeviceRequestAllocationResult> {}

export const DeviceAllocationResult = struct('resource/v1.DeviceAllocationResult', {
  results: opt(1, list(DeviceRequestAllocationResult), { listType: 'atomic' }),
  config: opt(2, list(DeviceAllocationConfiguration), { listType: 'atomic' }),
})
export interface DeviceAllocationResult extends Infer<typeof DeviceAllocationResult> {}

export const AllocationResult = struct('resource/v1.AllocationResult', {
  devices: opt(1, DeviceAllocationResult),
  nodeSelector: opt(3, NodeSelector),
  allocationTimestamp: opt(5, time, { pointer: true }),
})
export interface AllocationResult extends Infer<typeof AllocationResult> {}

export const CELDeviceSelector = struct('resource/v1.CELDeviceSelector', {
  expression: req(1, string),
})
export interface CELDeviceSelector extends Infer<typeof CELDeviceSelector> {}

export const CapacityRequirements = struct('resource/v1.CapacityRequirements', {
  requests: opt(1, map(quantity)),
})
export interface CapacityRequirements extends Infer<typeof CapacityRequirements> {}

export const DeviceClaimConfiguration = struct('resource/v1.DeviceClaimConfiguration', {
  ...DeviceConfiguration.fields,
  requests: opt(1, list(string), { listType: 'atomic' }),
}, { inline: [DeviceConfiguration] })
export interface DeviceClaimConfiguration extends Infer<typeof DeviceClaimConfiguration> {}

export const DeviceConstraint = struct('resource/v1.DeviceConstraint', {
  requests: opt(1, list(string), { listType: 'atomic' }),
  matchAttribute: opt(2, string, { pointer: true }),
  distinctAttribute: opt(3, string, { pointer: true }),
})
export interface DeviceConstraint extends Infer<typeof DeviceConstraint> {}

export const DeviceSelector = struct('resource/v1.DeviceSelector', {
  cel: opt(1, CELDeviceSelector),
})
export interface DeviceSelector extends Infer<typeof DeviceSelector> {}

export const DeviceSubRequest = struct('resource/v1.DeviceSubRequest', {
  name: req(1, string),
  deviceClassName: req(2, string),
  selectors: opt(3, list(DeviceSelector), { listType: 'atomic' }),
  allocationMode: opt(4, string),
  count: opt(5, int64),
  tolerations: opt(6, list(DeviceToleration), { listType: 'atomic' }),
  capacity: opt(7, CapacityRequirements),
})
export interface DeviceSubRequest extends Infer<typeof DeviceSubRequest> {}

export const ExactDeviceRequest = struct('resource/v1.ExactDeviceRequest', {
  deviceClassName: req(1, string),
  selectors: opt(2, list(DeviceSelector), { listType: 'atomic' }),
  allocationMode: opt(3, string),
  count: opt(4, int64),
  adminAccess: opt(5, bool, { pointer: true }),
  tolerations: opt(6, list(DeviceToleration), { listType: 'atomic' }),
  capacity: opt(7, CapacityRequirements),
})
export interface ExactDeviceRequest extends Infer<typeof ExactDeviceRequest> {}

export const DeviceRequest = struct('resource/v1.DeviceRequest', {
  name: req(1, string),
  exactly: opt(2, ExactDeviceRequest),
  firstAvailable: opt(3, list(DeviceSubRequest), { listType: 'atomic' }),
})
export interface DeviceRequest extends Infer<typeof DeviceRequest> {}

export const DeviceClaim = struct('resource/v1.DeviceClaim', {
  requests: opt(1, list(DeviceRequest), { listType: 'atomic' }),
  constraints: opt(2, list(DeviceConstraint), { listType: 'atomic' }),
  config: opt(3, list(DeviceClaimConfiguration), { listType: 'atomic' }),
})
export interface DeviceClaim extends Infer<typeof DeviceClaim> {}

export const DeviceClassConfiguration = struct('resource/v1.DeviceClassConfiguration', {
  ...DeviceConfiguration.fields,
}, { inline: [DeviceConfiguration] })
export interface DeviceClassConfiguration extends Infer<typeof DeviceClassConfiguration> {}

export const DeviceClassSpec = struct('resource/v1.DeviceClassSpec', {
  selectors: opt(1, list(DeviceSelector), { listType: 'atomic' }),
  config: opt(2, list(DeviceClassConfiguration), { listType: 'atomic' }),
  extendedResourceName: opt(4, string, { pointer: true }),
})
export interface DeviceClassSpec extends Infer<typeof DeviceClassSpec> {}

export const DeviceClass = struct('resource/v1.DeviceClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DeviceClassSpec),
})
export interface DeviceClass extends Infer<typeof DeviceClass> {}

export const ResourceClaimSpec = struct('resource/v1.ResourceClaimSpec', {
  devices: opt(1, DeviceClaim, { written: true }),
})
export interface ResourceClaimSpec extends Infer<typeof ResourceClaimSpec> {}

export const ResourceClaimConsumerReference = struct('resource/v1.ResourceClaimConsumerReference', {
  apiGroup: opt(1, string),
  resource: req(3, string),
  name: req(4, string),
  uid: req(5, string),
})
export interface ResourceClaimConsumerReference extends Infer<typeof ResourceClaimConsumerReference> {}

export const ResourceClaimStatus = struct('resource/v1.ResourceClaimStatus', {
  allocation: opt(1, AllocationResult),
  reservedFor: opt(2, list(ResourceClaimConsumerReference), { listType: 'map', listMapKeys: ['uid'], patchMergeKey: 'uid', patchStrategy: 'merge' }),
  devices: opt(4, list(AllocatedDeviceStatus), { listType: 'map', listMapKeys: ['driver', 'device', 'pool', 'shareID'] }),
})
export interface ResourceClaimStatus extends Infer<typeof ResourceClaimStatus> {}

export const ResourceClaim = struct('resource/v1.ResourceClaim', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ResourceClaimSpec),
  status: opt(3, ResourceClaimStatus),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceClaimTemplateSpec = struct('resource/v1.ResourceClaimTemplateSpec', {
  metadata: always(1, ObjectMeta),
  spec: always(2, ResourceClaimSpec),
})
export interface ResourceClaimTemplateSpec extends Infer<typeof ResourceClaimTemplateSpec> {}

export const ResourceClaimTemplate = struct('resource/v1.ResourceClaimTemplate', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ResourceClaimTemplateSpec),
})
export interface ResourceClaimTemplate extends Infer<typeof ResourceClaimTemplate> {}
