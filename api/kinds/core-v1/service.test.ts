import { describe, expect, test } from 'vitest'
import type { Service, ServiceSpec } from '../../types/core-v1/service.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { services } from './service.ts'

const spec = (more: object = {}) => ({ spec: { ports: [{ port: 80 }], ...more } })
const has = (text: string): string => expect.stringContaining(text) as unknown as string

describe('defaults of a service', () => {
  test('the shortest', () => {
    const service = created(services, spec())
    expect(service.spec).toEqual({ ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }], sessionAffinity: 'None', type: 'ClusterIP', internalTrafficPolicy: 'Cluster' })
    expect(service.status).toEqual({ loadBalancer: {} })
  })

  test.each<[string, object, object]>([
    ['NodePort', { type: 'NodePort' }, { externalTrafficPolicy: 'Cluster' }],
    ['LoadBalancer', { type: 'LoadBalancer' }, { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true }],
    ['sticky', { sessionAffinity: 'ClientIP' }, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }],
    ['headless', { clusterIP: 'None' }, { clusterIPs: ['None'] }],
    ['an address given', { clusterIP: '10.0.0.9' }, { clusterIPs: ['10.0.0.9'] }],
    ['a named target', { ports: [{ port: 80, targetPort: 'http' }] }, { ports: [{ targetPort: 'http' }] }],
  ])('%s', (_, more, expected) => {
    expect(created(services, spec(more)).spec).toMatchObject(expected)
  })
})

describe('a service that is refused', () => {
  test.each<[string, object, string[]]>([
    ['no ports', { ports: [] }, ['spec.ports: Required value']],
    ['a port out of range', { ports: [{ port: 70000 }] }, ['spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive', has('spec.ports[0].targetPort: Invalid value: 70000')]],
    ['two ports, one without a name', { ports: [{ port: 80 }, { port: 81, name: 'b' }] }, ['spec.ports[0].name: Required value']],
    ['a name twice', { ports: [{ port: 80, name: 'a' }, { port: 81, name: 'a' }] }, ['spec.ports[1].name: Duplicate value: "a"']],
    ['a port twice', { ports: [{ port: 80, name: 'a' }, { port: 80, name: 'b' }] }, ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}']],
    ['a node port twice', { type: 'NodePort', ports: [{ port: 80, name: 'a', nodePort: 30080 }, { port: 81, name: 'b', nodePort: 30080 }] }, ['spec.ports[1].nodePort: Duplicate value: 30080']],
    ['a node port of a ClusterIP', { ports: [{ port: 80, nodePort: 30080 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    ['an unknown type', { type: 'X' }, ['spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    ['an unknown affinity', { sessionAffinity: 'X' }, ['spec.sessionAffinity: Unsupported value: "X": supported values: "ClientIP", "None"']],
    ['a headless NodePort', { type: 'NodePort', clusterIP: 'None' }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    ['an ExternalName without name', { type: 'ExternalName', ports: [] }, ['spec.externalName: Required value']],
    ['an address that is none', { clusterIP: 'x' }, ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['a loopback as external address', { externalIPs: ['127.0.0.1'] }, ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['a policy for outside', { externalTrafficPolicy: 'Local' }, ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
    ['an affinity of a week', { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 604800 } } }, ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 604800: must be greater than 0 and less than 86400']],
    ['source ranges of a ClusterIP', { loadBalancerSourceRanges: ['10.0.0.0/8'] }, ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"]],
    ['a family twice', { ipFamilies: ['IPv4', 'IPv4'] }, ['spec.ipFamilies[1]: Duplicate value: "IPv4"']],
    ['a family that is not the address\'s', { clusterIP: '10.0.0.1', ipFamilies: ['IPv6'] }, ['spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`']],
  ])('%s', (_, more, expected) => {
    expect(failures(services, spec(more))).toEqual(expected)
  })
})

describe('a change of a service', () => {
  const stored = { type: 'NodePort', clusterIP: '10.0.0.9', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ports: [{ port: 80, nodePort: 30080 }] }
  const replaced = (edit: (spec: ServiceSpec) => void) => changed<Service>(services, spec(stored), ({ spec }) => edit(spec)).object.spec

  test('the manifest applied again keeps what was allocated', () => {
    const now = replaced((spec) => { delete spec.clusterIP; delete spec.clusterIPs; spec.ports = [{ port: 80 }] })
    expect(now).toMatchObject({ clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'], ports: [{ nodePort: 30080 }] })
  })

  test('another type lets go of what it has no use for', () => {
    expect(replaced((spec) => { spec.type = 'ClusterIP' })).toMatchObject({ clusterIP: '10.0.0.9', ports: [{ port: 80 }] })
    expect(replaced((spec) => { spec.type = 'ClusterIP' }).ports![0]).not.toHaveProperty('nodePort')
    expect(replaced((spec) => { spec.type = 'ClusterIP' })).not.toHaveProperty('externalTrafficPolicy')
    const external = replaced((spec) => { spec.type = 'ExternalName'; spec.externalName = 'a.b' })
    expect(external).not.toHaveProperty('clusterIP')
    expect(external).not.toHaveProperty('ipFamilies')
  })

  test('a port keeps what was allocated by its name, whatever else of it changes', () => {
    expect(replaced((spec) => { spec.ports = [{ port: 8080, protocol: 'UDP' }] }).ports).toMatchObject([{ port: 8080, nodePort: 30080 }])
    expect(replaced((spec) => { spec.ports = [{ name: 'other', port: 80 }] }).ports![0]).not.toHaveProperty('nodePort')
    expect(replaced((spec) => { spec.ports = [{ name: 'new', port: 80, nodePort: 30080 }, { name: '', port: 81 }] }).ports![1]).not.toHaveProperty('nodePort')
  })

  test('the address is for good', () => {
    expect(changeFailures<Service>(services, spec(stored), ({ spec }) => { spec.clusterIP = '10.0.0.8' })).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.0.0.8"]: may not change once set'])
  })

  test('what is allocated on writing may be absent', () => {
    expect(failures(services, spec({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))).toEqual([])
    expect(failures(services, spec({ type: 'NodePort' }))).toEqual([])
  })

  test('ports, selector and type may change', () => {
    expect(changeFailures<Service>(services, spec(stored), ({ spec }) => { spec.ports = [{ port: 81 }]; spec.selector = { a: 'b' }; spec.type = 'ClusterIP' })).toEqual([])
  })
})

test('kubectl get services', () => {
  const row = (more: object) => services.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(created(services, spec(more)), 0))
  expect(row({ clusterIP: '10.0.0.9', selector: { b: '1', a: '2' } })).toEqual(['ClusterIP', '10.0.0.9', '<none>', '80/TCP', 'a=2,b=1'])
  expect(row({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }, { port: 53, protocol: 'UDP', name: 'dns' }] })).toEqual(['NodePort', '<none>', '<none>', '80:30080/TCP,53/UDP', '<none>'])
  expect(row({ type: 'LoadBalancer' })).toEqual(['LoadBalancer', '<none>', '<pending>', '80/TCP', '<none>'])
  expect(row({ type: 'ExternalName', externalName: 'a.b', ports: [] })).toEqual(['ExternalName', '<none>', 'a.b', '<none>', '<none>'])
})

describe('what a service is warned of', () => {
  const warnings = (more: object, annotations?: object) => services.warnings!(created(services, { ...spec(more), ...(annotations && { metadata: { annotations } }) }))

  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['what is in vain without an address', { clusterIP: 'None', sessionAffinity: 'ClientIP', loadBalancerIP: '10.0.0.1' }, ['spec.loadBalancerIP is ignored for headless services', 'spec.SessionAffinity is ignored for headless services']],
    ['addresses of its own', { externalIPs: ['192.0.2.1', 'FD00::1'] }, ['spec.externalIPs[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")', 'spec.externalIPs is deprecated and may no longer be implemented in some clusters']],
    ['another name', { externalName: 'example.com' }, ['spec.externalName is ignored when spec.type is not "ExternalName"']],
    ['an old word', { trafficDistribution: 'PreferClose' }, ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']],
  ])('%s', (_, more, said) => expect(warnings(more)).toEqual(said))

  test('an old annotation', () => {
    expect(warnings({}, { 'service.kubernetes.io/topology-aware-hints': 'auto' })).toEqual(['annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead'])
    expect(failures(services, { ...spec({}), metadata: { annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto', 'service.kubernetes.io/topology-mode': 'x' } } }))
      .toEqual(['metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "x": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified'])
  })
})

test('ranges in their old place', () => {
  const annotated = (ranges: string, more: object) => failures(services, { ...spec(more), metadata: { annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': ranges } } })
  const field = 'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]'
  expect(annotated('10.0.0.0/8, 10.0.0.1/8', { type: 'LoadBalancer' })).toEqual([`${field}: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`])
  expect(annotated('', {})).toEqual([`${field}: Forbidden: may only be used when \`type\` is 'LoadBalancer'`])
})
