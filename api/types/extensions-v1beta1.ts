import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, int64, intOrString, list, map, opt, req, string, struct, text } from '../schema/schema.ts'
import { DaemonSetCondition as StableDaemonSetCondition, DaemonSetStatus as StableDaemonSetStatus, DaemonSetUpdateStrategy as StableDaemonSetUpdateStrategy, RollingUpdateDaemonSet as StableRollingUpdateDaemonSet } from './apps-v1-sets.ts'
import { DeploymentCondition as StableDeploymentCondition, DeploymentStatus as StableDeploymentStatus, DeploymentStrategy as StableDeploymentStrategy, ReplicaSetCondition as StableReplicaSetCondition, ReplicaSetStatus as StableReplicaSetStatus, RollingUpdateDeployment as StableRollingUpdateDeployment } from './apps-v1.ts'
import { ScaleSpec as StableScaleSpec } from './autoscaling-v1.ts'
import { TypedLocalObjectReference } from './core-v1/common.ts'
import { PodTemplateSpec } from './core-v1/pod.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'
import { IngressLoadBalancerIngress as StableIngressLoadBalancerIngress, IngressLoadBalancerStatus as StableIngressLoadBalancerStatus, IngressPortStatus as StableIngressPortStatus, IngressStatus as StableIngressStatus, IngressTLS as StableIngressTLS } from './networking-v1/ingress.ts'
import { IPBlock as StableIPBlock, NetworkPolicyEgressRule as StableNetworkPolicyEgressRule, NetworkPolicyIngressRule as StableNetworkPolicyIngressRule, NetworkPolicyPeer as StableNetworkPolicyPeer, NetworkPolicyPort as StableNetworkPolicyPort } from './networking-v1/network-policy.ts'

export const DaemonSetUpdateStrategyType = text('OnDelete', 'RollingUpdate')

export const RollingUpdateDaemonSet = struct('extensions/v1beta1.RollingUpdateDaemonSet', StableRollingUpdateDaemonSet.fields)
export type RollingUpdateDaemonSet = StableRollingUpdateDaemonSet

export const DaemonSetUpdateStrategy = struct('extensions/v1beta1.DaemonSetUpdateStrategy', StableDaemonSetUpdateStrategy.fields)
export type DaemonSetUpdateStrategy = StableDaemonSetUpdateStrategy

export const DaemonSetSpec = struct('extensions/v1beta1.DaemonSetSpec', {
  selector: opt(1, LabelSelector),
  template: req(2, PodTemplateSpec),
  updateStrategy: opt(3, DaemonSetUpdateStrategy),
  minReadySeconds: opt(4, int32),
  templateGeneration: opt(5, int64),
  revisionHistoryLimit: opt(6, int32, { pointer: true }),
})
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

export const DaemonSetCondition = struct('extensions/v1beta1.DaemonSetCondition', StableDaemonSetCondition.fields)
export type DaemonSetCondition = StableDaemonSetCondition

export const DaemonSetStatus = struct('extensions/v1beta1.DaemonSetStatus', StableDaemonSetStatus.fields)
export type DaemonSetStatus = StableDaemonSetStatus

export const DaemonSet = struct('extensions/v1beta1.DaemonSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DaemonSetSpec),
  status: opt(3, DaemonSetStatus),
})
export interface DaemonSet extends Infer<typeof DaemonSet> {}

export const DeploymentStrategyType = text('Recreate', 'RollingUpdate')

export const RollingUpdateDeployment = struct('extensions/v1beta1.RollingUpdateDeployment', StableRollingUpdateDeployment.fields)
export type RollingUpdateDeployment = StableRollingUpdateDeployment

export const DeploymentStrategy = struct('extensions/v1beta1.DeploymentStrategy', StableDeploymentStrategy.fields)
export type DeploymentStrategy = StableDeploymentStrategy

export const RollbackConfig = struct('extensions/v1beta1.RollbackConfig', {
  revision: opt(1, int64),
})
export interface RollbackConfig extends Infer<typeof RollbackConfig> {}

export const DeploymentSpec = struct('extensions/v1beta1.DeploymentSpec', {
  replicas: opt(1, int32, { pointer: true }),
  selector: opt(2, LabelSelector),
  template: req(3, PodTemplateSpec),
  strategy: opt(4, DeploymentStrategy, { patchStrategy: 'retainKeys' }),
  minReadySeconds: opt(5, int32),
  revisionHistoryLimit: opt(6, int32, { pointer: true }),
  paused: opt(7, bool),
  rollbackTo: opt(8, RollbackConfig),
  progressDeadlineSeconds: opt(9, int32, { pointer: true }),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentConditionType = text('Available', 'Progressing', 'ReplicaFailure')

export const DeploymentCondition = struct('extensions/v1beta1.DeploymentCondition', StableDeploymentCondition.fields)
export type DeploymentCondition = StableDeploymentCondition

export const DeploymentStatus = struct('extensions/v1beta1.DeploymentStatus', StableDeploymentStatus.fields)
export type DeploymentStatus = StableDeploymentStatus

export const Deployment = struct('extensions/v1beta1.Deployment', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, DeploymentSpec),
  status: opt(3, DeploymentStatus),
})
export interface Deployment extends Infer<typeof Deployment> {}

export const DeploymentRollback = struct('extensions/v1beta1.DeploymentRollback', {
  apiVersion: always(0, string),
  kind: always(0, string),
  name: req(1, string),
  updatedAnnotations: opt(2, map(string)),
  rollbackTo: req(3, RollbackConfig),
})
export interface DeploymentRollback extends Infer<typeof DeploymentRollback> {}

export const IngressBackend = struct('extensions/v1beta1.IngressBackend', {
  serviceName: opt(1, string),
  servicePort: opt(2, intOrString),
  resource: opt(3, TypedLocalObjectReference),
})
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = struct('extensions/v1beta1.HTTPIngressPath', {
  path: opt(1, string),
  pathType: opt(3, string, { pointer: true }),
  backend: req(2, IngressBackend),
})
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = struct('extensions/v1beta1.HTTPIngressRuleValue', {
  paths: req(1, list(HTTPIngressPath), { listType: 'atomic' }),
})
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const IPBlock = struct('extensions/v1beta1.IPBlock', StableIPBlock.fields)
export type IPBlock = StableIPBlock

export const IngressRuleValue = struct('extensions/v1beta1.IngressRuleValue', {
  http: opt(1, HTTPIngressRuleValue),
})
export interface IngressRuleValue extends Infer<typeof IngressRuleValue> {}

export const IngressRule = struct('extensions/v1beta1.IngressRule', {
  ...IngressRuleValue.fields,
  host: opt(1, string),
}, { inline: [IngressRuleValue] })
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = struct('extensions/v1beta1.IngressTLS', StableIngressTLS.fields)
export type IngressTLS = StableIngressTLS

export const IngressSpec = struct('extensions/v1beta1.IngressSpec', {
  ingressClassName: opt(4, string, { deprecated: true, pointer: true }),
  backend: opt(1, IngressBackend),
  tls: opt(2, list(IngressTLS), { listType: 'atomic' }),
  rules: opt(3, list(IngressRule), { listType: 'atomic' }),
})
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = struct('extensions/v1beta1.IngressPortStatus', StableIngressPortStatus.fields)
export type IngressPortStatus = StableIngressPortStatus

export const IngressLoadBalancerIngress = struct('extensions/v1beta1.IngressLoadBalancerIngress', StableIngressLoadBalancerIngress.fields)
export type IngressLoadBalancerIngress = StableIngressLoadBalancerIngress

export const IngressLoadBalancerStatus = struct('extensions/v1beta1.IngressLoadBalancerStatus', StableIngressLoadBalancerStatus.fields)
export type IngressLoadBalancerStatus = StableIngressLoadBalancerStatus

export const IngressStatus = struct('extensions/v1beta1.IngressStatus', StableIngressStatus.fields)
export type IngressStatus = StableIngressStatus

export const Ingress = struct('extensions/v1beta1.Ingress', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IngressSpec),
  status: opt(3, IngressStatus),
})
export interface Ingress extends Infer<typeof Ingress> {}

export const NetworkPolicyPeer = struct('extensions/v1beta1.NetworkPolicyPeer', StableNetworkPolicyPeer.fields)
export type NetworkPolicyPeer = StableNetworkPolicyPeer

export const NetworkPolicyPort = struct('extensions/v1beta1.NetworkPolicyPort', StableNetworkPolicyPort.fields)
export type NetworkPolicyPort = StableNetworkPolicyPort

export const NetworkPolicyEgressRule = struct('extensions/v1beta1.NetworkPolicyEgressRule', StableNetworkPolicyEgressRule.fields)
export type NetworkPolicyEgressRule = StableNetworkPolicyEgressRule

export const NetworkPolicyIngressRule = struct('extensions/v1beta1.NetworkPolicyIngressRule', StableNetworkPolicyIngressRule.fields)
export type NetworkPolicyIngressRule = StableNetworkPolicyIngressRule

export const PolicyType = text('Egress', 'Ingress')

export const NetworkPolicySpec = struct('extensions/v1beta1.NetworkPolicySpec', {
  podSelector: req(1, LabelSelector),
  ingress: opt(2, list(NetworkPolicyIngressRule), { listType: 'atomic' }),
  egress: opt(3, list(NetworkPolicyEgressRule), { listType: 'atomic' }),
  policyTypes: opt(4, list(PolicyType), { listType: 'atomic' }),
})
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}

export const NetworkPolicy = struct('extensions/v1beta1.NetworkPolicy', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, NetworkPolicySpec),
})
export interface NetworkPolicy extends Infer<typeof NetworkPolicy> {}

export const ReplicaSetSpec = struct('extensions/v1beta1.ReplicaSetSpec', {
  replicas: opt(1, int32, { pointer: true }),
  minReadySeconds: opt(4, int32),
  selector: opt(2, LabelSelector),
  template: opt(3, PodTemplateSpec),
})
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

export const ReplicaSetConditionType = text('ReplicaFailure')

export const ReplicaSetCondition = struct('extensions/v1beta1.ReplicaSetCondition', StableReplicaSetCondition.fields)
export type ReplicaSetCondition = StableReplicaSetCondition

export const ReplicaSetStatus = struct('extensions/v1beta1.ReplicaSetStatus', StableReplicaSetStatus.fields)
export type ReplicaSetStatus = StableReplicaSetStatus

export const ReplicaSet = struct('extensions/v1beta1.ReplicaSet', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ReplicaSetSpec),
  status: opt(3, ReplicaSetStatus),
})
export interface ReplicaSet extends Infer<typeof ReplicaSet> {}

export const ScaleSpec = struct('extensions/v1beta1.ScaleSpec', StableScaleSpec.fields)
export type ScaleSpec = StableScaleSpec

export const ScaleStatus = struct('extensions/v1beta1.ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, map(string), { mapType: 'atomic' }),
  targetSelector: opt(3, string),
})
export interface ScaleStatus extends Infer<typeof ScaleStatus> {}

export const Scale = struct('extensions/v1beta1.Scale', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ScaleSpec),
  status: opt(3, ScaleStatus),
})
export interface Scale extends Infer<typeof Scale> {}
