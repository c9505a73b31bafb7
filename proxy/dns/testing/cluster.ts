import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { addressBytes, network } from '../addresses.ts'
import type { ClusterZones } from '../cluster/answer.ts'
import { ClusterIndex } from '../cluster/cluster-index.ts'

/** A Service for tests: `spec` as it would be after defaulting. */
export const service = (key: string, spec: Partial<Service['spec']>): Service => {
  const [namespace = '', name = ''] = key.split('/')
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { type: 'ClusterIP', ...spec } as Service['spec'] } as Service
}

/** A slice of a Service: endpoints as addresses, or in full. */
export const slice = (key: string, of: string, endpoints: readonly (string | Partial<Endpoint>)[], ports: EndpointSlice['ports'] = [{ name: 'http', port: 80, protocol: 'TCP' }]): EndpointSlice => {
  const [namespace = '', name = ''] = key.split('/')
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { namespace, name, labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4', ports,
    endpoints: endpoints.map((each) => (typeof each === 'string' ? { addresses: [each], conditions: {} } : { addresses: [], conditions: {}, ...each })),
  } as EndpointSlice
}

const http = [{ name: 'http', protocol: 'TCP', port: 80 }] as Service['spec']['ports']

/** The objects of CoreDNS' own tests (plugin/kubernetes/handler_test.go), so that its tables can be asked here. */
export function exampleCluster(): ClusterIndex {
  const index = new ClusterIndex({ domain: 'cluster.local', ttl: 5 })
  for (const name of ['testns', 'podns', 'kube-system']) index.setNamespace(name)
  for (const each of [
    service('kube-system/kubedns', { clusterIP: '10.0.0.10', ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] }),
    service('testns/svc1', { clusterIP: '10.0.0.1', ports: http }),
    service('testns/svcempty', { clusterIP: '10.0.0.9', ports: http }),
    service('testns/svc6', { clusterIP: '1234:abcd::1', ports: http }),
    service('testns/hdls1', { clusterIP: 'None', ports: http }),
    service('testns/hdlsprtls', { clusterIP: 'None' }),
    service('testns/hdlsnone', { clusterIP: 'None', ports: http }),
    service('testns/svc-dual-stack', { clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3', '10::3'], ports: http }),
    service('testns/unnamed', { clusterIP: '10.0.0.4', ports: [{ protocol: 'TCP', port: 443 }] }),
    service('testns/external', { type: 'ExternalName', externalName: 'ext.interwebs.test', ports: http }),
    service('testns/external-to-service', { type: 'ExternalName', externalName: 'svc1.testns.svc.cluster.local.' }),
    service('testns/external-to-nothing', { type: 'ExternalName', externalName: 'nothing.testns.svc.cluster.local' }),
    service('testns/external-address', { type: 'ExternalName', externalName: '192.0.2.1' }),
    service('testns/ring1', { type: 'ExternalName', externalName: 'ring2.testns.svc.cluster.local' }),
    service('testns/ring2', { type: 'ExternalName', externalName: 'ring1.testns.svc.cluster.local' }),
  ]) index.setService(each)
  for (const each of [
    slice('testns/svc1-1', 'svc1', [{ addresses: ['172.0.0.1'], hostname: 'ep1a' }]),
    slice('testns/svcempty-1', 'svcempty', []),
    slice('testns/hdls1-1', 'hdls1', ['172.0.0.2', '172.0.0.3', { addresses: ['172.0.0.4'], hostname: 'dup-name' }, { addresses: ['172.0.0.5'], hostname: 'dup-name' }, { addresses: ['172.0.0.99'], conditions: { ready: false, serving: true } }]),
    slice('testns/hdls1-2', 'hdls1', ['5678:abcd::1', '5678:abcd::2']),
    slice('testns/hdlsprtls-1', 'hdlsprtls', ['172.0.0.20'], []),
    slice('testns/hdlsnone-1', 'hdlsnone', [{ addresses: ['172.0.0.30'], conditions: { ready: false } }]),
  ]) index.setSlice(each)
  index.complete = true
  return index
}

export const exampleZones: ClusterZones = {
  networks: ['10.0.0.0/16', '172.0.0.0/20', 'fd00:1::/64'].map(network),
  servers: ['10.0.0.10', 'fd00:1::a'].map((text) => addressBytes(text)!),
  mayBePod: (address) => address.length === 16 || address.startsWith('\x0a\xf0') || address.startsWith('\xac'),
}
