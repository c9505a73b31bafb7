import { Service } from '../../types/core-v1/service.ts'
import { age, formatLabels, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec } from '../strategy.ts'
import { isExternallyAccessible, validateService, validateServiceStatusUpdate, validateServiceUpdate } from '../validation/service.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'
import { serviceWarnings } from '../warnings/service.ts'
import { prepareServiceForCreate, prepareServiceForUpdate } from './service-strategy.ts'

/** The server allocates cluster IPs, node ports and the health check port when it writes the object. */
export const services: Kind<Service> = {
  group: '', version: 'v1', kind: 'Service', resource: 'services', singular: 'service', shortNames: ['svc'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Service, storage: 'services/specs', nameRule: 'label', createOnUpdate: true,
  doc: 'A stable name and address for the pods its selector chooses.',
  subresources: {
    proxy: custom('ServiceProxyOptions', proxyVerbs),
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateServiceStatusUpdate },
  },
  default: defaultService,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  columns: [
    text('Type', ({ spec }) => spec.type ?? '', 'How the service is exposed.'),
    text('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || '<none>', 'The address inside the cluster.'),
    text('External-IP', externalIP, 'The addresses outside the cluster.'),
    text('Port(s)', ports, 'The ports, with the node ports behind the colon.'),
    age,
    wide('Selector', ({ spec }) => formatLabels(spec.selector), 'The labels of the pods behind the service.'),
  ],
  fieldLabels: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
}

function defaultService(service: Service): void {
  const { spec } = service
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } }
  spec.type ||= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

function externalIP({ spec, status }: Service): string {
  const given = spec.externalIPs ?? []
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  if (spec.type !== 'LoadBalancer') return given.join(',') || '<none>'
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean)
  return [...ingress.sort(), ...given].join(',') || '<pending>'
}

function ports({ spec }: Service): string {
  const each = (spec.ports ?? []).map(({ port, nodePort, protocol }) => (nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`))
  return each.join(',') || '<none>'
}
