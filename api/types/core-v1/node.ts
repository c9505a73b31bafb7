import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, int64, list, map, opt, quantity, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConditionStatus, ResourceList, Taint } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const AttachedVolume = struct('core/v1.AttachedVolume', {
  name: req(1, string),
  devicePath: req(2, string),
})
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ConfigMapNodeConfigSource = struct('core/v1.ConfigMapNodeConfigSource', {
  namespace: req(1, string),
  name: req(2, string),
  uid: opt(3, string),
  resourceVersion: opt(4, string),
  kubeletConfigKey: req(5, string),
})
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

export const ContainerImage = struct('core/v1.ContainerImage', {
  names: opt(1, list(string), { listType: 'atomic' }),
  sizeBytes: opt(2, int64),
})
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = struct('core/v1.DaemonEndpoint', {
  Port: req(1, int32),
})
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeConfigSource = struct('core/v1.NodeConfigSource', {
  configMap: opt(2, ConfigMapNodeConfigSource, { deprecated: true }),
})
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

export const NodeSpec = struct('core/v1.NodeSpec', {
  podCIDR: opt(1, string),
  podCIDRs: opt(7, list(string), { listType: 'set', patchStrategy: 'merge' }),
  providerID: opt(3, string),
  unschedulable: opt(4, bool),
  taints: opt(5, list(Taint), { listType: 'atomic' }),
  configSource: opt(6, NodeConfigSource, { deprecated: true }),
  externalID: opt(2, string, { deprecated: true }),
})
export interface NodeSpec extends Infer<typeof NodeSpec> {}

export const NodeAddressType = text('ExternalDNS', 'ExternalIP', 'Hostname', 'InternalDNS', 'InternalIP')

export const NodeAddress = struct('core/v1.NodeAddress', {
  type: req(1, NodeAddressType),
  address: req(2, string),
})
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeConditionType = text('DiskPressure', 'MemoryPressure', 'NetworkUnavailable', 'PIDPressure', 'Ready')

export const NodeCondition = struct('core/v1.NodeCondition', {
  type: req(1, NodeConditionType),
  status: req(2, ConditionStatus),
  lastHeartbeatTime: opt(3, time),
  lastTransitionTime: opt(4, time),
  reason: opt(5, string),
  message: opt(6, string),
})
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeConfigStatus = struct('core/v1.NodeConfigStatus', {
  assigned: opt(1, NodeConfigSource),
  active: opt(2, NodeConfigSource),
  lastKnownGood: opt(3, NodeConfigSource),
  error: opt(4, string),
})
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeDaemonEndpoints = struct('core/v1.NodeDaemonEndpoints', {
  kubeletEndpoint: opt(1, DaemonEndpoint),
})
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeFeatures = struct('core/v1.NodeFeatures', {
  supplementalGroupsPolicy: opt(1, bool, { pointer: true }),
})
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodePhase = text('Pending', 'Running', 'Terminated')

export const NodeRuntimeHandlerFeatures = struct('core/v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: opt(1, bool, { pointer: true }),
  userNamespaces: opt(2, bool, { pointer: true }),
})
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = struct('core/v1.NodeRuntimeHandler', {
  name: opt(1, string, { written: true }),
  features: opt(2, NodeRuntimeHandlerFeatures),
})
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeSwapStatus = struct('core/v1.NodeSwapStatus', {
  capacity: opt(1, int64, { pointer: true }),
})
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = struct('core/v1.NodeSystemInfo', {
  machineID: req(1, string),
  systemUUID: req(2, string),
  bootID: req(3, string),
  kernelVersion: req(4, string),
  osImage: req(5, string),
  containerRuntimeVersion: req(6, string),
  kubeletVersion: req(7, string),
  kubeProxyVersion: req(8, string, { deprecated: true }),
  operatingSystem: req(9, string),
  architecture: req(10, string),
  swap: opt(11, NodeSwapStatus),
})
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeStatus = struct('core/v1.NodeStatus', {
  capacity: opt(1, ResourceList),
  allocatable: opt(2, ResourceList),
  phase: opt(3, NodePhase, { deprecated: true }),
  conditions: opt(4, list(NodeCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  addresses: opt(5, list(NodeAddress), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  daemonEndpoints: opt(6, NodeDaemonEndpoints),
  nodeInfo: opt(7, NodeSystemInfo),
  images: opt(8, list(ContainerImage), { listType: 'atomic' }),
  volumesInUse: opt(9, list(string), { listType: 'atomic' }),
  volumesAttached: opt(10, list(AttachedVolume), { listType: 'atomic' }),
  config: opt(11, NodeConfigStatus),
  runtimeHandlers: opt(12, list(NodeRuntimeHandler), { listType: 'atomic' }),
  features: opt(13, NodeFeatures),
  declaredFeatures: opt(14, list(string), { listType: 'atomic' }),
})
export interface NodeStatus extends Infer<typeof NodeStatus> {}

export const Node = struct('core/v1.Node', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, NodeSpec),
  status: opt(3, NodeStatus),
})
export interface Node extends Infer<typeof Node> {}

export const NodeAllocatableResourceClaimStatus = struct('core/v1.NodeAllocatableResourceClaimStatus', {
  resourceClaimName: req(1, string),
  containers: opt(2, list(string), { listType: 'set' }),
  resources: req(3, map(quantity)),
})
export interface NodeAllocatableResourceClaimStatus extends Infer<typeof NodeAllocatableResourceClaimStatus> {}
