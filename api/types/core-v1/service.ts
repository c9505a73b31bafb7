import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, intOrString, list, map, opt, req, string, struct, text } from '../../schema/schema.ts'
import { Protocol } from './common.ts'
import { Condition, ObjectMeta } from '../meta-v1/meta.ts'

export const ClientIPConfig = struct('core/v1.ClientIPConfig', {
  timeoutSeconds: opt(1, int32, { pointer: true }),
})
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

export const IPFamily = text('', 'IPv4', 'IPv6')

export const IPFamilyPolicy = text('PreferDualStack', 'RequireDualStack', 'SingleStack')

export const LoadBalancerIPMode = text('Proxy', 'VIP')

export const PortStatus = struct('core/v1.PortStatus', {
  port: req(1, int32),
  protocol: req(2, Protocol),
  error: opt(3, string, { pointer: true }),
})
export interface PortStatus extends Infer<typeof PortStatus> {}

export const LoadBalancerIngress = struct('core/v1.LoadBalancerIngress', {
  ip: opt(1, string),
  hostname: opt(2, string),
  ipMode: opt(3, LoadBalancerIPMode, { pointer: true }),
  ports: opt(4, list(PortStatus), { listType: 'atomic' }),
})
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

export const LoadBalancerStatus = struct('core/v1.LoadBalancerStatus', {
  ingress: opt(1, list(LoadBalancerIngress), { listType: 'atomic' }),
})
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

export const ServiceAffinity = text('ClientIP', 'None')

export const ServiceExternalTrafficPolicy = text('Cluster', 'Local')

export const ServiceInternalTrafficPolicy = text('Cluster', 'Local')

export const ServicePort = struct('core/v1.ServicePort', {
  name: opt(1, string),
  protocol: opt(2, Protocol, { default: 'TCP' }),
  appProtocol: opt(6, string, { pointer: true }),
  port: req(3, int32),
  targetPort: opt(4, intOrString),
  nodePort: opt(5, int32),
})
export interface ServicePort extends Infer<typeof ServicePort> {}

export const ServiceType = text('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort')

export const SessionAffinityConfig = struct('core/v1.SessionAffinityConfig', {
  clientIP: opt(1, ClientIPConfig),
})
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

export const ServiceSpec = struct('core/v1.ServiceSpec', {
  ports: opt(1, list(ServicePort), { listType: 'map', listMapKeys: ['port', 'protocol'], patchMergeKey: 'port', patchStrategy: 'merge' }),
  selector: opt(2, map(string), { mapType: 'atomic' }),
  clusterIP: opt(3, string),
  clusterIPs: opt(18, list(string), { listType: 'atomic' }),
  type: opt(4, ServiceType),
  externalIPs: opt(5, list(string), { listType: 'atomic' }),
  sessionAffinity: opt(7, ServiceAffinity),
  loadBalancerIP: opt(8, string, { deprecated: true }),
  loadBalancerSourceRanges: opt(9, list(string), { listType: 'atomic' }),
  externalName: opt(10, string),
  externalTrafficPolicy: opt(11, ServiceExternalTrafficPolicy),
  healthCheckNodePort: opt(12, int32),
  publishNotReadyAddresses: opt(13, bool),
  sessionAffinityConfig: opt(14, SessionAffinityConfig),
  ipFamilies: opt(19, list(IPFamily), { listType: 'atomic' }),
  ipFamilyPolicy: opt(17, IPFamilyPolicy, { pointer: true }),
  allocateLoadBalancerNodePorts: opt(20, bool, { pointer: true }),
  loadBalancerClass: opt(21, string, { pointer: true }),
  internalTrafficPolicy: opt(22, ServiceInternalTrafficPolicy, { pointer: true }),
  trafficDistribution: opt(23, string, { pointer: true }),
})
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

export const ServiceStatus = struct('core/v1.ServiceStatus', {
  loadBalancer: opt(1, LoadBalancerStatus),
  conditions: opt(2, list(Condition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}

export const Service = struct('core/v1.Service', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ServiceSpec),
  status: opt(3, ServiceStatus),
})
export interface Service extends Infer<typeof Service> {}
