import type { EndpointSlice, Endpoint } from '../../api/types/discovery-v1.ts'
import type { Service, ServiceSpec } from '../../api/types/core-v1/service.ts'
import type { Route } from '../table.ts'

export const aService = (spec: Partial<ServiceSpec> = {}, name = 'web'): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }], ...spec },
})

export const aSlice = (endpoints: (string | Endpoint)[], options: { name?: string; service?: string; addressType?: string; ports?: EndpointSlice['ports'] } = {}): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: options.addressType ?? 'IPv4',
  metadata: { name: options.name ?? 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': options.service ?? 'web' } },
  ports: options.ports ?? [{ name: 'http', protocol: 'TCP', port: 8080 }],
  endpoints: endpoints.map((endpoint) => (typeof endpoint === 'string' ? { addresses: [endpoint] } : endpoint)),
})

export const aRoute = ({ hairpins, ...over }: Partial<Route> = {}): Route => withHairpins({
  id: 'default/web:http/tcp', family: 'ipv4', protocol: 'TCP', port: 80, clusterIP: '10.96.0.10', externalIPs: [], loadBalancerIPs: [], loadBalancerSourceRanges: [], nodePort: undefined,
  internal: [{ ip: '10.244.0.2', port: 8080 }], external: [{ ip: '10.244.0.2', port: 8080 }], insiders: [{ ip: '10.244.0.2', port: 8080 }],
  masqueradeExternal: true, dropInternal: false, dropExternal: false, affinitySeconds: undefined, ...over,
}, hairpins)

const withHairpins = (route: Omit<Route, 'hairpins'>, hairpins: readonly string[] = [...route.internal, ...route.external].map(({ ip }) => ip)): Route => ({ ...route, hairpins: [...new Set(hairpins)] })
