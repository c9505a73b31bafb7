import type { Infer } from '../../schema/schema.ts'
import { bool, int32, int64, list, opt, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConditionStatus, ResourceList, ResourceName } from './common.ts'
import { RecursiveReadOnlyMode, ResourceRequirements } from './container.ts'
import { NodeAllocatableResourceClaimStatus } from './node.ts'
import { Signal } from './probe.ts'

export const ContainerExtendedResourceRequest = struct('core/v1.ContainerExtendedResourceRequest', {
  containerName: req(1, string),
  resourceName: req(2, string),
  requestName: req(3, string),
})
export interface ContainerExtendedResourceRequest extends Infer<typeof ContainerExtendedResourceRequest> {}

export const ContainerStateRunning = struct('core/v1.ContainerStateRunning', {
  startedAt: opt(1, time),
})
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

export const ContainerStateTerminated = struct('core/v1.ContainerStateTerminated', {
  exitCode: req(1, int32),
  signal: opt(2, int32),
  reason: opt(3, string),
  message: opt(4, string),
  startedAt: opt(5, time),
  finishedAt: opt(6, time),
  containerID: opt(7, string),
})
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

export const ContainerStateWaiting = struct('core/v1.ContainerStateWaiting', {
  reason: opt(1, string),
  message: opt(2, string),
})
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

export const ContainerState = struct('core/v1.ContainerState', {
  waiting: opt(1, ContainerStateWaiting),
  running: opt(2, ContainerStateRunning),
  terminated: opt(3, ContainerStateTerminated),
})
export interface ContainerState extends Infer<typeof ContainerState> {}

export const LinuxContainerUser = struct('core/v1.LinuxContainerUser', {
  uid: req(1, int64),
  gid: req(2, int64),
  supplementalGroups: opt(3, list(int64), { listType: 'atomic' }),
})
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

export const ContainerUser = struct('core/v1.ContainerUser', {
  linux: opt(1, LinuxContainerUser),
})
export interface ContainerUser extends Infer<typeof ContainerUser> {}

export const ResourceHealthStatus = text('Healthy', 'Unhealthy', 'Unknown')

export const ResourceHealth = struct('core/v1.ResourceHealth', {
  resourceID: req(1, string),
  health: opt(2, ResourceHealthStatus),
  message: opt(6, string, { pointer: true }),
})
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

export const ResourceStatus = struct('core/v1.ResourceStatus', {
  name: req(1, ResourceName),
  resources: opt(2, list(ResourceHealth), { listType: 'map', listMapKeys: ['resourceID'] }),
})
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

export const ImageVolumeStatus = struct('core/v1.ImageVolumeStatus', {
  imageRef: opt(1, string),
})
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

export const VolumeStatus = struct('core/v1.VolumeStatus', {
  image: opt(1, ImageVolumeStatus),
})
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

export const VolumeMountStatus = struct('core/v1.VolumeMountStatus', {
  name: req(1, string),
  mountPath: req(2, string),
  readOnly: opt(3, bool),
  recursiveReadOnly: opt(4, RecursiveReadOnlyMode, { pointer: true }),
  volumeStatus: opt(5, VolumeStatus),
})
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

export const ContainerStatus = struct('core/v1.ContainerStatus', {
  name: req(1, string),
  state: opt(2, ContainerState, { written: true }),
  lastState: opt(3, ContainerState, { written: true }),
  ready: req(4, bool),
  restartCount: req(5, int32),
  image: req(6, string),
  imageID: req(7, string),
  containerID: opt(8, string),
  started: opt(9, bool, { pointer: true }),
  allocatedResources: opt(10, ResourceList),
  resources: opt(11, ResourceRequirements),
  volumeMounts: opt(12, list(VolumeMountStatus), { listType: 'map', listMapKeys: ['mountPath'], patchMergeKey: 'mountPath', patchStrategy: 'merge' }),
  user: opt(13, ContainerUser),
  allocatedResourcesStatus: opt(14, list(ResourceStatus), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  stopSignal: opt(15, Signal, { pointer: true }),
})
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}

export const HostIP = struct('core/v1.HostIP', {
  ip: req(1, string),
})
export interface HostIP extends Infer<typeof HostIP> {}

export const PodConditionType = text('AllContainersRestarting', 'ContainersReady', 'DisruptionTarget', 'Initialized', 'PodReadyToStartContainers', 'PodResizeInProgress', 'PodResizePending', 'PodScheduled', 'Ready')

export const PodCondition = struct('core/v1.PodCondition', {
  type: req(1, PodConditionType),
  observedGeneration: opt(7, int64),
  status: req(2, ConditionStatus),
  lastProbeTime: opt(3, time),
  lastTransitionTime: opt(4, time),
  reason: opt(5, string),
  message: opt(6, string),
})
export interface PodCondition extends Infer<typeof PodCondition> {}

export const PodExtendedResourceClaimStatus = struct('core/v1.PodExtendedResourceClaimStatus', {
  requestMappings: req(1, list(ContainerExtendedResourceRequest), { listType: 'atomic' }),
  resourceClaimName: req(2, string),
})
export interface PodExtendedResourceClaimStatus extends Infer<typeof PodExtendedResourceClaimStatus> {}

export const PodIP = struct('core/v1.PodIP', {
  ip: req(1, string),
})
export interface PodIP extends Infer<typeof PodIP> {}

export const PodPhase = text('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown')

export const PodQOSClass = text('BestEffort', 'Burstable', 'Guaranteed')

export const PodResizeStatus = text('Deferred', 'InProgress', 'Infeasible')

export const PodResourceClaimStatus = struct('core/v1.PodResourceClaimStatus', {
  name: req(1, string),
  resourceClaimName: opt(2, string, { pointer: true }),
})
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

export const PodStatus = struct('core/v1.PodStatus', {
  observedGeneration: opt(17, int64),
  phase: opt(1, PodPhase),
  conditions: opt(2, list(PodCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  message: opt(3, string),
  reason: opt(4, string),
  nominatedNodeName: opt(11, string),
  hostIP: opt(5, string),
  hostIPs: opt(16, list(HostIP), { listType: 'atomic', patchMergeKey: 'ip', patchStrategy: 'merge' }),
  podIP: opt(6, string),
  podIPs: opt(12, list(PodIP), { listType: 'map', listMapKeys: ['ip'], patchMergeKey: 'ip', patchStrategy: 'merge' }),
  startTime: opt(7, time),
  initContainerStatuses: opt(10, list(ContainerStatus), { listType: 'atomic' }),
  containerStatuses: opt(8, list(ContainerStatus), { listType: 'atomic' }),
  qosClass: opt(9, PodQOSClass),
  ephemeralContainerStatuses: opt(13, list(ContainerStatus), { listType: 'atomic' }),
  resize: opt(14, PodResizeStatus, { deprecated: true }),
  resourceClaimStatuses: opt(15, list(PodResourceClaimStatus), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge,retainKeys' }),
  extendedResourceClaimStatus: opt(18, PodExtendedResourceClaimStatus),
  allocatedResources: opt(19, ResourceList),
  resources: opt(20, ResourceRequirements),
  nodeAllocatableResourceClaimStatuses: opt(21, list(NodeAllocatableResourceClaimStatus), { listType: 'atomic' }),
})
export interface PodStatus extends Infer<typeof PodStatus> {}
