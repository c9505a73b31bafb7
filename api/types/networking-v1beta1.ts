import type { Infer } from '../schema/schema.ts'
import { always, intOrString, list, opt, req, string, struct } from '../schema/schema.ts'
import { TypedLocalObjectReference } from './core-v1/common.ts'
import { ObjectMeta } from './meta-v1/meta.ts'
import { IngressLoadBalancerIngress as StableIngressLoadBalancerIngress, IngressLoadBalancerStatus as StableIngressLoadBalancerStatus, IngressPortStatus as StableIngressPortStatus, IngressStatus as StableIngressStatus, IngressTLS as StableIngressTLS } from './networking-v1/ingress.ts'
import { IPAddress as StableIPAddress, IPAddressSpec as StableIPAddressSpec, ParentReference as StableParentReference, ServiceCIDR as StableServiceCIDR, ServiceCIDRSpec as StableServiceCIDRSpec, ServiceCIDRStatus as StableServiceCIDRStatus } from './networking-v1/ip-address.ts'

export const IngressBackend = struct('networking/v1beta1.IngressBackend', {
  serviceName: opt(1, string),
  servicePort: opt(2, intOrString),
  resource: opt(3, TypedLocalObjectReference),
})
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = struct('networking/v1beta1.HTTPIngressPath', {
  path: opt(1, string),
  pathType: opt(3, string, { pointer: true }),
  backend: req(2, IngressBackend),
})
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = struct('networking/v1beta1.HTTPIngressRuleValue', {
  paths: req(1, list(HTTPIngressPath), { listType: 'atomic' }),
})
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const ParentReference = struct('networking/v1beta1.ParentReference', StableParentReference.fields)
export type ParentReference = StableParentReference

export const IPAddressSpec = struct('networking/v1beta1.IPAddressSpec', StableIPAddressSpec.fields)
export type IPAddressSpec = StableIPAddressSpec

export const IPAddress = struct('networking/v1beta1.IPAddress', StableIPAddress.fields)
export type IPAddress = StableIPAddress

export const IngressRuleValue = struct('networking/v1beta1.IngressRuleValue', {
  http: opt(1, HTTPIngressRuleValue),
})
export interface IngressRuleValue extends Infer<typeof IngressRuleValue> {}

export const IngressRule = struct('networking/v1beta1.IngressRule', {
  ...IngressRuleValue.fields,
  host: opt(1, string),
}, { inline: [IngressRuleValue] })
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = struct('networking/v1beta1.IngressTLS', StableIngressTLS.fields)
export type IngressTLS = StableIngressTLS

export const IngressSpec = struct('networking/v1beta1.IngressSpec', {
  ingressClassName: opt(4, string, { deprecated: true, pointer: true }),
  backend: opt(1, IngressBackend),
  tls: opt(2, list(IngressTLS), { listType: 'atomic' }),
  rules: opt(3, list(IngressRule), { listType: 'atomic' }),
})
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = struct('networking/v1beta1.IngressPortStatus', StableIngressPortStatus.fields)
export type IngressPortStatus = StableIngressPortStatus

export const IngressLoadBalancerIngress = struct('networking/v1beta1.IngressLoadBalancerIngress', StableIngressLoadBalancerIngress.fields)
export type IngressLoadBalancerIngress = StableIngressLoadBalancerIngress

export const IngressLoadBalancerStatus = struct('networking/v1beta1.IngressLoadBalancerStatus', StableIngressLoadBalancerStatus.fields)
export type IngressLoadBalancerStatus = StableIngressLoadBalancerStatus

export const IngressStatus = struct('networking/v1beta1.IngressStatus', StableIngressStatus.fields)
export type IngressStatus = StableIngressStatus

export const Ingress = struct('networking/v1beta1.Ingress', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IngressSpec),
  status: opt(3, IngressStatus),
})
export interface Ingress extends Infer<typeof Ingress> {}

export const IngressClassParametersReference = struct('networking/v1beta1.IngressClassParametersReference', {
  apiGroup: opt(1, string, { pointer: true }),
  kind: req(2, string),
  name: req(3, string),
  scope: always(4, string, { nullable: true }),
  namespace: opt(5, string, { pointer: true }),
})
export interface IngressClassParametersReference extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = struct('networking/v1beta1.IngressClassSpec', {
  controller: opt(1, string),
  parameters: opt(2, IngressClassParametersReference),
})
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}

export const IngressClass = struct('networking/v1beta1.IngressClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IngressClassSpec),
})
export interface IngressClass extends Infer<typeof IngressClass> {}

export const ServiceCIDRSpec = struct('networking/v1beta1.ServiceCIDRSpec', StableServiceCIDRSpec.fields)
export type ServiceCIDRSpec = StableServiceCIDRSpec

export const ServiceCIDRStatus = struct('networking/v1beta1.ServiceCIDRStatus', StableServiceCIDRStatus.fields)
export type ServiceCIDRStatus = StableServiceCIDRStatus

export const ServiceCIDR = struct('networking/v1beta1.ServiceCIDR', StableServiceCIDR.fields)
export type ServiceCIDR = StableServiceCIDR
