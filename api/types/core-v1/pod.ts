import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, int64, list, map, opt, req, string, struct, text } from '../../schema/schema.ts'
import { LocalObjectReference, ResourceList, Toleration } from './common.ts'
import { Container, EphemeralContainer, ResourceRequirements } from './container.ts'
import { PodConditionType, PodStatus } from './pod-status.ts'
import { Affinity, PreemptionPolicy, TopologySpreadConstraint } from './scheduling.ts'
import { PodSecurityContext } from './security.ts'
import { Volume } from './volume.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const DNSPolicy = text('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None')

export const HostAlias = struct('core/v1.HostAlias', {
  ip: req(1, string),
  hostnames: opt(2, list(string), { listType: 'atomic' }),
})
export interface HostAlias extends Infer<typeof HostAlias> {}

export const OSName = text('linux', 'windows')

export const PodDNSConfigOption = struct('core/v1.PodDNSConfigOption', {
  name: opt(1, string),
  value: opt(2, string, { pointer: true }),
})
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = struct('core/v1.PodDNSConfig', {
  nameservers: opt(1, list(string), { listType: 'atomic' }),
  searches: opt(2, list(string), { listType: 'atomic' }),
  options: opt(3, list(PodDNSConfigOption), { listType: 'atomic' }),
})
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodOS = struct('core/v1.PodOS', {
  name: req(1, OSName),
})
export interface PodOS extends Infer<typeof PodOS> {}

export const PodReadinessGate = struct('core/v1.PodReadinessGate', {
  conditionType: req(1, PodConditionType),
})
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const PodResourceClaim = struct('core/v1.PodResourceClaim', {
  name: req(1, string),
  resourceClaimName: opt(3, string, { pointer: true }),
  resourceClaimTemplateName: opt(4, string, { pointer: true }),
})
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGate = struct('core/v1.PodSchedulingGate', {
  name: req(1, string),
})
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodSchedulingGroup = struct('core/v1.PodSchedulingGroup', {
  podGroupName: opt(1, string, { pointer: true }),
})
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const RestartPolicy = text('Always', 'Never', 'OnFailure')

export const PodSpec = struct('core/v1.PodSpec', {
  volumes: opt(1, list(Volume), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge,retainKeys' }),
  initContainers: opt(20, list(Container), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  containers: req(2, list(Container), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  ephemeralContainers: opt(34, list(EphemeralContainer), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  restartPolicy: opt(3, RestartPolicy),
  terminationGracePeriodSeconds: opt(4, int64, { pointer: true }),
  activeDeadlineSeconds: opt(5, int64, { pointer: true }),
  dnsPolicy: opt(6, DNSPolicy),
  nodeSelector: opt(7, map(string), { mapType: 'atomic' }),
  serviceAccountName: opt(8, string),
  serviceAccount: opt(9, string, { deprecated: true }),
  automountServiceAccountToken: opt(21, bool, { pointer: true }),
  nodeName: opt(10, string),
  hostNetwork: opt(11, bool),
  hostPID: opt(12, bool),
  hostIPC: opt(13, bool),
  shareProcessNamespace: opt(27, bool, { pointer: true }),
  securityContext: opt(14, PodSecurityContext),
  imagePullSecrets: opt(15, list(LocalObjectReference), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  hostname: opt(16, string),
  subdomain: opt(17, string),
  affinity: opt(18, Affinity),
  schedulerName: opt(19, string),
  tolerations: opt(22, list(Toleration), { listType: 'atomic' }),
  hostAliases: opt(23, list(HostAlias), { listType: 'map', listMapKeys: ['ip'], patchMergeKey: 'ip', patchStrategy: 'merge' }),
  priorityClassName: opt(24, string),
  priority: opt(25, int32, { pointer: true }),
  dnsConfig: opt(26, PodDNSConfig),
  readinessGates: opt(28, list(PodReadinessGate), { listType: 'atomic' }),
  runtimeClassName: opt(29, string, { pointer: true }),
  enableServiceLinks: opt(30, bool, { pointer: true }),
  preemptionPolicy: opt(31, PreemptionPolicy, { pointer: true }),
  overhead: opt(32, ResourceList),
  topologySpreadConstraints: opt(33, list(TopologySpreadConstraint), { listType: 'map', listMapKeys: ['topologyKey', 'whenUnsatisfiable'], patchMergeKey: 'topologyKey', patchStrategy: 'merge' }),
  setHostnameAsFQDN: opt(35, bool, { pointer: true }),
  os: opt(36, PodOS),
  hostUsers: opt(37, bool, { pointer: true }),
  schedulingGates: opt(38, list(PodSchedulingGate), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  resourceClaims: opt(39, list(PodResourceClaim), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge,retainKeys' }),
  resources: opt(40, ResourceRequirements),
  hostnameOverride: opt(41, string, { pointer: true }),
  schedulingGroup: opt(43, PodSchedulingGroup),
})
export interface PodSpec extends Infer<typeof PodSpec> {}

export const Pod = struct('core/v1.Pod', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PodSpec),
  status: opt(3, PodStatus),
})
export interface Pod extends Infer<typeof Pod> {}

export const PodTemplateSpec = struct('core/v1.PodTemplateSpec', {
  metadata: always(1, ObjectMeta),
  spec: always(2, PodSpec),
})
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}

export const PodTemplate = struct('core/v1.PodTemplate', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  template: opt(2, PodTemplateSpec),
})
export interface PodTemplate extends Infer<typeof PodTemplate> {}
