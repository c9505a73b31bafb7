import type { Infer } from '../../schema/schema.ts'
import { bool, int32, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { LocalObjectReference, ObjectFieldSelector, Protocol, PullPolicy, ResourceFieldSelector, ResourceList, ResourceName } from './common.ts'
import { ContainerRestartRuleAction, Lifecycle, Probe } from './probe.ts'
import { SecurityContext } from './security.ts'

export const ConfigMapEnvSource = struct('core/v1.ConfigMapEnvSource', {
  ...LocalObjectReference.fields,
  optional: opt(2, bool, { pointer: true }),
}, { inline: [LocalObjectReference] })
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = struct('core/v1.ConfigMapKeySelector', {
  ...LocalObjectReference.fields,
  key: req(2, string),
  optional: opt(3, bool, { pointer: true }),
}, { inline: [LocalObjectReference], atomic: true })
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const ContainerPort = struct('core/v1.ContainerPort', {
  name: opt(1, string),
  hostPort: opt(2, int32),
  containerPort: req(3, int32),
  protocol: opt(4, Protocol, { default: 'TCP' }),
  hostIP: opt(5, string),
})
export interface ContainerPort extends Infer<typeof ContainerPort> {}

export const ResourceResizeRestartPolicy = text('NotRequired', 'RestartContainer')

export const ContainerResizePolicy = struct('core/v1.ContainerResizePolicy', {
  resourceName: req(1, ResourceName),
  restartPolicy: req(2, ResourceResizeRestartPolicy),
})
export interface ContainerResizePolicy extends Infer<typeof ContainerResizePolicy> {}

export const ContainerRestartPolicy = text('Always', 'Never', 'OnFailure')

export const ContainerRestartRuleOnExitCodesOperator = text('In', 'NotIn')

export const ContainerRestartRuleOnExitCodes = struct('core/v1.ContainerRestartRuleOnExitCodes', {
  operator: opt(1, ContainerRestartRuleOnExitCodesOperator),
  values: opt(2, list(int32), { listType: 'set' }),
})
export interface ContainerRestartRuleOnExitCodes extends Infer<typeof ContainerRestartRuleOnExitCodes> {}

export const ContainerRestartRule = struct('core/v1.ContainerRestartRule', {
  action: opt(1, ContainerRestartRuleAction),
  exitCodes: opt(2, ContainerRestartRuleOnExitCodes),
})
export interface ContainerRestartRule extends Infer<typeof ContainerRestartRule> {}

export const SecretEnvSource = struct('core/v1.SecretEnvSource', {
  ...LocalObjectReference.fields,
  optional: opt(2, bool, { pointer: true }),
}, { inline: [LocalObjectReference] })
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = struct('core/v1.EnvFromSource', {
  prefix: opt(1, string),
  configMapRef: opt(2, ConfigMapEnvSource),
  secretRef: opt(3, SecretEnvSource),
})
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}

export const FileKeySelector = struct('core/v1.FileKeySelector', {
  volumeName: req(1, string),
  path: req(2, string),
  key: req(3, string),
  optional: opt(4, bool, { default: false, pointer: true }),
}, { atomic: true })
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const SecretKeySelector = struct('core/v1.SecretKeySelector', {
  ...LocalObjectReference.fields,
  key: req(2, string),
  optional: opt(3, bool, { pointer: true }),
}, { inline: [LocalObjectReference], atomic: true })
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const EnvVarSource = struct('core/v1.EnvVarSource', {
  fieldRef: opt(1, ObjectFieldSelector),
  resourceFieldRef: opt(2, ResourceFieldSelector),
  configMapKeyRef: opt(3, ConfigMapKeySelector),
  secretKeyRef: opt(4, SecretKeySelector),
  fileKeyRef: opt(5, FileKeySelector),
})
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = struct('core/v1.EnvVar', {
  name: req(1, string),
  value: opt(2, string),
  valueFrom: opt(3, EnvVarSource),
})
export interface EnvVar extends Infer<typeof EnvVar> {}

export const ResourceClaim = struct('core/v1.ResourceClaim', {
  name: req(1, string),
  request: opt(2, string),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

export const ResourceRequirements = struct('core/v1.ResourceRequirements', {
  limits: opt(1, ResourceList),
  requests: opt(2, ResourceList),
  claims: opt(3, list(ResourceClaim), { listType: 'map', listMapKeys: ['name'] }),
})
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

export const TerminationMessagePolicy = text('FallbackToLogsOnError', 'File')

export const VolumeDevice = struct('core/v1.VolumeDevice', {
  name: req(1, string),
  devicePath: req(2, string),
})
export interface VolumeDevice extends Infer<typeof VolumeDevice> {}

export const MountPropagationMode = text('Bidirectional', 'HostToContainer', 'None')

export const RecursiveReadOnlyMode = text('Disabled', 'Enabled', 'IfPossible')

export const VolumeMount = struct('core/v1.VolumeMount', {
  name: req(1, string),
  readOnly: opt(2, bool),
  recursiveReadOnly: opt(7, RecursiveReadOnlyMode, { pointer: true }),
  mountPath: req(3, string),
  subPath: opt(4, string),
  mountPropagation: opt(5, MountPropagationMode, { pointer: true }),
  subPathExpr: opt(6, string),
})
export interface VolumeMount extends Infer<typeof VolumeMount> {}

export const Container = struct('core/v1.Container', {
  name: req(1, string),
  image: opt(2, string),
  command: opt(3, list(string), { listType: 'atomic' }),
  args: opt(4, list(string), { listType: 'atomic' }),
  workingDir: opt(5, string),
  ports: opt(6, list(ContainerPort), { listType: 'map', listMapKeys: ['containerPort', 'protocol'], patchMergeKey: 'containerPort', patchStrategy: 'merge' }),
  envFrom: opt(19, list(EnvFromSource), { listType: 'atomic' }),
  env: opt(7, list(EnvVar), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  resources: opt(8, ResourceRequirements),
  resizePolicy: opt(23, list(ContainerResizePolicy), { listType: 'atomic' }),
  restartPolicy: opt(24, ContainerRestartPolicy, { pointer: true }),
  restartPolicyRules: opt(25, list(ContainerRestartRule), { listType: 'atomic' }),
  volumeMounts: opt(9, list(VolumeMount), { listType: 'map', listMapKeys: ['mountPath'], patchMergeKey: 'mountPath', patchStrategy: 'merge' }),
  volumeDevices: opt(21, list(VolumeDevice), { listType: 'map', listMapKeys: ['devicePath'], patchMergeKey: 'devicePath', patchStrategy: 'merge' }),
  livenessProbe: opt(10, Probe),
  readinessProbe: opt(11, Probe),
  startupProbe: opt(22, Probe),
  lifecycle: opt(12, Lifecycle),
  terminationMessagePath: opt(13, string),
  terminationMessagePolicy: opt(20, TerminationMessagePolicy),
  imagePullPolicy: opt(14, PullPolicy),
  securityContext: opt(15, SecurityContext),
  stdin: opt(16, bool),
  stdinOnce: opt(17, bool),
  tty: opt(18, bool),
})
export interface Container extends Infer<typeof Container> {}

export const EphemeralContainerCommon = struct('core/v1.EphemeralContainerCommon', {
  name: req(1, string),
  image: opt(2, string),
  command: opt(3, list(string), { listType: 'atomic' }),
  args: opt(4, list(string), { listType: 'atomic' }),
  workingDir: opt(5, string),
  ports: opt(6, list(ContainerPort), { listType: 'map', listMapKeys: ['containerPort', 'protocol'], patchMergeKey: 'containerPort', patchStrategy: 'merge' }),
  envFrom: opt(19, list(EnvFromSource), { listType: 'atomic' }),
  env: opt(7, list(EnvVar), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  resources: opt(8, ResourceRequirements),
  resizePolicy: opt(23, list(ContainerResizePolicy), { listType: 'atomic' }),
  restartPolicy: opt(24, ContainerRestartPolicy, { pointer: true }),
  restartPolicyRules: opt(25, list(ContainerRestartRule), { listType: 'atomic' }),
  volumeMounts: opt(9, list(VolumeMount), { listType: 'map', listMapKeys: ['mountPath'], patchMergeKey: 'mountPath', patchStrategy: 'merge' }),
  volumeDevices: opt(21, list(VolumeDevice), { listType: 'map', listMapKeys: ['devicePath'], patchMergeKey: 'devicePath', patchStrategy: 'merge' }),
  livenessProbe: opt(10, Probe),
  readinessProbe: opt(11, Probe),
  startupProbe: opt(22, Probe),
  lifecycle: opt(12, Lifecycle),
  terminationMessagePath: opt(13, string),
  terminationMessagePolicy: opt(20, TerminationMessagePolicy),
  imagePullPolicy: opt(14, PullPolicy),
  securityContext: opt(15, SecurityContext),
  stdin: opt(16, bool),
  stdinOnce: opt(17, bool),
  tty: opt(18, bool),
})
export interface EphemeralContainerCommon extends Infer<typeof EphemeralContainerCommon> {}

export const EphemeralContainer = struct('core/v1.EphemeralContainer', {
  ...EphemeralContainerCommon.fields,
  targetContainerName: opt(2, string),
}, { inline: [EphemeralContainerCommon] })
export interface EphemeralContainer extends Infer<typeof EphemeralContainer> {}
