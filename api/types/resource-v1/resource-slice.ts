import type { Infer } from '../../schema/schema.ts'
import { always, bool, int64, list, map, opt, quantity, req, string, struct, text, time } from '../../schema/schema.ts'
import { NodeSelector } from '../core-v1/common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const NodeAllocatableResourceMapping = struct('resource/v1.NodeAllocatableResourceMapping', {
  capacityKey: opt(1, string, { pointer: true }),
  allocationMultiplier: opt(2, quantity, { pointer: true }),
})
export interface NodeAllocatableResourceMapping extends Infer<typeof NodeAllocatableResourceMapping> {}

export const CapacityRequestPolicyRange = struct('resource/v1.CapacityRequestPolicyRange', {
  min: opt(1, quantity, { pointer: true }),
  max: opt(2, quantity, { pointer: true }),
  step: opt(3, quantity, { pointer: true }),
})
export interface CapacityRequestPolicyRange extends Infer<typeof CapacityRequestPolicyRange> {}

export const CapacityRequestPolicy = struct('resource/v1.CapacityRequestPolicy', {
  default: opt(1, quantity, { pointer: true }),
  validValues: opt(3, list(quantity), { listType: 'atomic' }),
  validRange: opt(4, CapacityRequestPolicyRange),
})
export interface CapacityRequestPolicy extends Infer<typeof CapacityRequestPolicy> {}

export const Counter = struct('resource/v1.Counter', {
  value: req(1, quantity),
})
export interface Counter extends Infer<typeof Counter> {}

export const CounterSet = struct('resource/v1.CounterSet', {
  name: req(1, string),
  counters: opt(2, map(Counter)),
})
export interface CounterSet extends Infer<typeof CounterSet> {}

export const DeviceAttribute = struct('resource/v1.DeviceAttribute', {
  int: opt(2, int64, { pointer: true }),
  bool: opt(3, bool, { pointer: true }),
  string: opt(4, string, { pointer: true }),
  version: opt(5, string, { pointer: true }),
  ints: opt(6, list(int64), { listType: 'atomic' }),
  bools: opt(7, list(bool), { listType: 'atomic' }),
  strings: opt(8, list(string), { listType: 'atomic' }),
  versions: opt(9, list(string), { listType: 'atomic' }),
})
export interface DeviceAttribute extends Infer<typeof DeviceAttribute> {}

export const DeviceCapacity = struct('resource/v1.DeviceCapacity', {
  value: req(1, quantity),
  requestPolicy: opt(2, CapacityRequestPolicy),
})
export interface DeviceCapacity extends Infer<typeof DeviceCapacity> {}

export const DeviceCounterConsumption = struct('resource/v1.DeviceCounterConsumption', {
  counterSet: req(1, string),
  counters: opt(2, map(Counter)),
})
export interface DeviceCounterConsumption extends Infer<typeof DeviceCounterConsumption> {}

export const DeviceTaintEffect = text('NoExecute', 'NoSchedule', 'None')

export const DeviceTaint = struct('resource/v1.DeviceTaint', {
  key: req(1, string),
  value: opt(2, string),
  effect: req(3, DeviceTaintEffect),
  timeAdded: opt(4, time, { pointer: true }),
})
export interface DeviceTaint extends Infer<typeof DeviceTaint> {}

export const Device = struct('resource/v1.Device', {
  name: req(1, string),
  attributes: opt(2, map(DeviceAttribute)),
  capacity: opt(3, map(DeviceCapacity)),
  consumesCounters: opt(4, list(DeviceCounterConsumption), { listType: 'atomic' }),
  nodeName: opt(5, string, { pointer: true }),
  nodeSelector: opt(6, NodeSelector),
  allNodes: opt(7, bool, { pointer: true }),
  taints: opt(8, list(DeviceTaint), { listType: 'atomic' }),
  bindsToNode: opt(9, bool, { pointer: true }),
  bindingConditions: opt(10, list(string), { listType: 'atomic' }),
  bindingFailureConditions: opt(11, list(string), { listType: 'atomic' }),
  allowMultipleAllocations: opt(12, bool, { pointer: true }),
  nodeAllocatableResourceMappings: opt(13, map(NodeAllocatableResourceMapping)),
})
export interface Device extends Infer<typeof Device> {}

export const ResourcePool = struct('resource/v1.ResourcePool', {
  name: req(1, string),
  generation: req(2, int64),
  resourceSliceCount: req(3, int64),
})
export interface ResourcePool extends Infer<typeof ResourcePool> {}

export const ResourceSliceSpec = struct('resource/v1.ResourceSliceSpec', {
  driver: req(1, string),
  pool: req(2, ResourcePool),
  nodeName: opt(3, string, { pointer: true }),
  nodeSelector: opt(4, NodeSelector),
  allNodes: opt(5, bool, { pointer: true }),
  devices: opt(6, list(Device), { listType: 'atomic' }),
  perDeviceNodeSelection: opt(7, bool, { pointer: true }),
  sharedCounters: opt(8, list(CounterSet), { listType: 'atomic' }),
})
export interface ResourceSliceSpec extends Infer<typeof ResourceSliceSpec> {}

export const ResourceSlice = struct('resource/v1.ResourceSlice', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ResourceSliceSpec),
})
export interface ResourceSlice extends Infer<typeof ResourceSlice> {}
