import type { Infer } from '../../schema/schema.ts'
import { always, int32, intOrString, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { Protocol } from '../core-v1/common.ts'
import { LabelSelector, ObjectMeta } from '../meta-v1/meta.ts'

export const IPBlock = struct('networking/v1.IPBlock', {
  cidr: req(1, string),
  except: opt(2, list(string), { listType: 'atomic' }),
})
export interface IPBlock extends Infer<typeof IPBlock> {}

export const NetworkPolicyPeer = struct('networking/v1.NetworkPolicyPeer', {
  podSelector: opt(1, LabelSelector),
  namespaceSelector: opt(2, LabelSelector),
  ipBlock: opt(3, IPBlock),
})
export interface NetworkPolicyPeer extends Infer<typeof NetworkPolicyPeer> {}

export const NetworkPolicyPort = struct('networking/v1.NetworkPolicyPort', {
  protocol: opt(1, Protocol, { pointer: true }),
  port: opt(2, intOrString, { pointer: true }),
  endPort: opt(3, int32, { pointer: true }),
})
export interface NetworkPolicyPort extends Infer<typeof NetworkPolicyPort> {}

export const NetworkPolicyEgressRule = struct('networking/v1.NetworkPolicyEgressRule', {
  ports: opt(1, list(NetworkPolicyPort), { listType: 'atomic' }),
  to: opt(2, list(NetworkPolicyPeer), { listType: 'atomic' }),
})
export interface NetworkPolicyEgressRule extends Infer<typeof NetworkPolicyEgressRule> {}

export const NetworkPolicyIngressRule = struct('networking/v1.NetworkPolicyIngressRule', {
  ports: opt(1, list(NetworkPolicyPort), { listType: 'atomic' }),
  from: opt(2, list(NetworkPolicyPeer), { listType: 'atomic' }),
})
export interface NetworkPolicyIngressRule extends Infer<typeof NetworkPolicyIngressRule> {}

export const PolicyType = text('Egress', 'Ingress')

export const NetworkPolicySpec = struct('networking/v1.NetworkPolicySpec', {
  podSelector: opt(1, LabelSelector, { written: true }),
  ingress: opt(2, list(NetworkPolicyIngressRule), { listType: 'atomic' }),
  egress: opt(3, list(NetworkPolicyEgressRule), { listType: 'atomic' }),
  policyTypes: opt(4, list(PolicyType), { listType: 'atomic' }),
})
export interface NetworkPolicySpec extends Infer<typeof NetworkPolicySpec> {}

export const NetworkPolicy = struct('networking/v1.NetworkPolicy', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, NetworkPolicySpec),
})
export interface NetworkPolicy extends Infer<typeof NetworkPolicy> {}
