import type { Infer } from '../../schema/schema.ts'
import { always, int32, list, opt, req, string, struct } from '../../schema/schema.ts'
import { Protocol, TypedLocalObjectReference } from '../core-v1/common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ServiceBackendPort = struct('networking/v1.ServiceBackendPort', {
  name: opt(1, string),
  number: opt(2, int32),
}, { atomic: true })
export interface ServiceBackendPort extends Infer<typeof ServiceBackendPort> {}

export const IngressServiceBackend = struct('networking/v1.IngressServiceBackend', {
  name: req(1, string),
  port: opt(2, ServiceBackendPort, { written: true }),
})
export interface IngressServiceBackend extends Infer<typeof IngressServiceBackend> {}

export const IngressBackend = struct('networking/v1.IngressBackend', {
  service: opt(4, IngressServiceBackend),
  resource: opt(3, TypedLocalObjectReference),
})
export interface IngressBackend extends Infer<typeof IngressBackend> {}

export const HTTPIngressPath = struct('networking/v1.HTTPIngressPath', {
  path: opt(1, string),
  pathType: req(3, string),
  backend: req(2, IngressBackend),
})
export interface HTTPIngressPath extends Infer<typeof HTTPIngressPath> {}

export const HTTPIngressRuleValue = struct('networking/v1.HTTPIngressRuleValue', {
  paths: req(1, list(HTTPIngressPath), { listType: 'atomic' }),
})
export interface HTTPIngressRuleValue extends Infer<typeof HTTPIngressRuleValue> {}

export const IngressRuleValue = struct('networking/v1.IngressRuleValue', {
  http: opt(1, HTTPIngressRuleValue),
})
export interface IngressRuleValue extends Infer<typeof IngressRuleValue> {}

export const IngressRule = struct('networking/v1.IngressRule', {
  ...IngressRuleValue.fields,
  host: opt(1, string),
}, { inline: [IngressRuleValue] })
export interface IngressRule extends Infer<typeof IngressRule> {}

export const IngressTLS = struct('networking/v1.IngressTLS', {
  hosts: opt(1, list(string), { listType: 'atomic' }),
  secretName: opt(2, string),
})
export interface IngressTLS extends Infer<typeof IngressTLS> {}

export const IngressSpec = struct('networking/v1.IngressSpec', {
  ingressClassName: opt(4, string, { pointer: true }),
  defaultBackend: opt(1, IngressBackend),
  tls: opt(2, list(IngressTLS), { listType: 'atomic' }),
  rules: opt(3, list(IngressRule), { listType: 'atomic' }),
})
export interface IngressSpec extends Infer<typeof IngressSpec> {}

export const IngressPortStatus = struct('networking/v1.IngressPortStatus', {
  port: req(1, int32),
  protocol: req(2, Protocol),
  error: opt(3, string, { pointer: true }),
})
export interface IngressPortStatus extends Infer<typeof IngressPortStatus> {}

export const IngressLoadBalancerIngress = struct('networking/v1.IngressLoadBalancerIngress', {
  ip: opt(1, string),
  hostname: opt(2, string),
  ports: opt(4, list(IngressPortStatus), { listType: 'atomic' }),
})
export interface IngressLoadBalancerIngress extends Infer<typeof IngressLoadBalancerIngress> {}

export const IngressLoadBalancerStatus = struct('networking/v1.IngressLoadBalancerStatus', {
  ingress: opt(1, list(IngressLoadBalancerIngress), { listType: 'atomic' }),
})
export interface IngressLoadBalancerStatus extends Infer<typeof IngressLoadBalancerStatus> {}

export const IngressStatus = struct('networking/v1.IngressStatus', {
  loadBalancer: opt(1, IngressLoadBalancerStatus, { written: true }),
})
export interface IngressStatus extends Infer<typeof IngressStatus> {}

export const Ingress = struct('networking/v1.Ingress', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IngressSpec),
  status: opt(3, IngressStatus),
})
export interface Ingress extends Infer<typeof Ingress> {}

export const IngressClassParametersReference = struct('networking/v1.IngressClassParametersReference', {
  apiGroup: opt(1, string, { pointer: true }),
  kind: req(2, string),
  name: req(3, string),
  scope: opt(4, string, { pointer: true }),
  namespace: opt(5, string, { pointer: true }),
})
export interface IngressClassParametersReference extends Infer<typeof IngressClassParametersReference> {}

export const IngressClassSpec = struct('networking/v1.IngressClassSpec', {
  controller: opt(1, string),
  parameters: opt(2, IngressClassParametersReference),
})
export interface IngressClassSpec extends Infer<typeof IngressClassSpec> {}

export const IngressClass = struct('networking/v1.IngressClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, IngressClassSpec),
})
export interface IngressClass extends Infer<typeof IngressClass> {}
