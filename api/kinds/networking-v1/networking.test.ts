import { describe, expect, test } from 'vitest'
import type { Ingress, IngressClass } from '../../types/networking-v1/ingress.ts'
import type { IPAddress, ServiceCIDR } from '../../types/networking-v1/ip-address.ts'
import type { NetworkPolicy } from '../../types/networking-v1/network-policy.ts'
import { changed, changeFailures, created, failures, row } from '../testing.ts'
import { validateObjectMeta } from '../validation/metadata.ts'
import { canonicalCIDR, canonicalIP, isStrictSubset } from '../validation/ip.ts'
import { ingressClasses } from './ingress-class.ts'
import { ingresses } from './ingress.ts'
import { ipAddresses } from './ip-address.ts'
import { networkPolicies } from './network-policy.ts'
import { serviceCIDRs } from './service-cidr.ts'

const backend = { service: { name: 'web', port: { number: 80 } } }
const path = (more: object = {}) => ({ path: '/', pathType: 'Prefix', backend, ...more })
const ingress = (rule: object = {}, spec: object = {}) => ({ spec: { rules: [{ http: { paths: [path()] }, ...rule }], ...spec } })
const through = (more: object) => ingress({ http: { paths: [path(more)] } })

describe('Ingress', () => {
  test('a good one', () => {
    expect(failures(ingresses, ingress({ host: '*.example.com' }, { tls: [{ hosts: ['a.example.com'], secretName: 's' }], ingressClassName: 'nginx', defaultBackend: { resource: { kind: 'Bucket', name: 'b', apiGroup: 'k.example.com' } } }))).toEqual([])
    expect(created(ingresses, { ...ingress(), status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } })).toMatchObject({ metadata: { generation: 1 }, status: { loadBalancer: {} } })
  })

  test.each<[string, object, unknown[]]>([
    ['nothing', { spec: {} }, ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified']],
    ['an address as host', ingress({ host: '10.0.0.1' }), ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address']],
    ['a wild star', ingress({ host: 'a.*.com' }), [expect.stringMatching(/^spec\.rules\[0\]\.host: Invalid value: "a\.\*\.com": a wildcard DNS-1123 subdomain must start with '\*\.'/)]],
    ['no paths', ingress({ http: { paths: [] } }), ['spec.rules[0].http.paths: Required value']],
    ['no type', through({ pathType: undefined }), ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified']],
    ['an unknown type', through({ pathType: 'X' }), ['spec.rules[0].http.paths[0].pathType: Unsupported value: "X": supported values: "Exact", "ImplementationSpecific", "Prefix"']],
    ['a relative path', through({ path: 'a' }), ['spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path']],
    ['a crooked path', through({ path: '/a//b/..' }), ["spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": must not contain '//'", "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b/..\": cannot end with '/..'"]],
    ['no backend', through({ backend: {} }), ['spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required']],
    ['two backends', through({ backend: { ...backend, resource: { kind: 'a', name: 'b' } } }), ['spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both resource and service backends']],
    ['no port', through({ backend: { service: { name: 'web' } } }), ['spec.rules[0].http.paths[0].backend: Required value: port name or number is required']],
    ['two ports', through({ backend: { service: { name: 'web', port: { name: 'a', number: 1 } } } }), ['spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number']],
    ['a large port', through({ backend: { service: { name: 'web', port: { number: 65536 } } } }), ['spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 65536: must be between 1 and 65535, inclusive']],
    ['two classes', { ...ingress({}, { ingressClassName: 'a' }), metadata: { annotations: { 'kubernetes.io/ingress.class': 'b' } } }, ['annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified']],
    ['a bad secret', ingress({}, { tls: [{ secretName: 'A' }] }), [expect.stringMatching(/^spec\.tls\[0\]\.secretName: Invalid value: "A"/)]],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(ingresses, rough as never)).toEqual(expected)
  })

  test('its status, its generation, its warning', () => {
    expect(changeFailures<Ingress>(ingresses, ingress(), (it) => { it.status = { loadBalancer: { ingress: [{ ip: 'x', hostname: '1.2.3.4' }] } } }, 'status')).toEqual([
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)', 'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'])
    expect(changed<Ingress>(ingresses, ingress(), ({ spec }) => { spec.rules![0]!.host = 'a.b' }).object.metadata.generation).toBe(2)
    expect(ingresses.warnings!(created(ingresses, { ...ingress(), metadata: { annotations: { 'kubernetes.io/ingress.class': 'nginx' } } }))).toEqual([`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`])
  })

  test('what kubectl prints', () => {
    expect(row(ingresses, ingress())).toEqual(['<none>', '*', '', '80'])
    const many = { spec: { ingressClassName: 'nginx', tls: [{ hosts: ['a'] }], rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })) } }
    expect(row(ingresses, many)).toEqual(['nginx', 'a,b,c + 1 more...', '', '80, 443'])
    const there = { ...created(ingresses, ingress()), status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'lb.example.com' }] } } }
    expect(ingresses.columns![2]!.value(there, 0)).toBe('1.2.3.4,lb.example.com')
  })
})

describe('IngressClass', () => {
  const of = (parameters?: object, controller = 'example.com/ingress') => ({ spec: { controller, ...(parameters && { parameters }) } })
  test.each<[string, object, string[]]>([
    ['no controller', of(undefined, ''), ['spec.controller: Required value']],
    ['a controller without domain', of(undefined, 'x'), ['spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")']],
    ['settings of nothing', of({ kind: '', name: '' }), ['spec.parameters.kind: Required value: kind is required', 'spec.parameters.name: Required value: name is required']],
    ['settings somewhere', of({ kind: 'A', name: 'b', scope: 'Namespace' }), ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]],
    ['settings everywhere', of({ kind: 'A', name: 'b', namespace: 'c' }), ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"]],
    ['an unknown scope', of({ kind: 'A', name: 'b', scope: 'X' }), ['spec.parameters.scope: Unsupported value: "X": supported values: "Cluster", "Namespace"']],
  ])('%s is refused', (_, rough, expected) => expect(failures(ingressClasses, rough as never)).toEqual(expected))

  test('its controller is for good', () => {
    expect(changeFailures<IngressClass>(ingressClasses, of(), ({ spec }) => { spec.controller = 'a.b/c' })).toEqual(['spec.controller: Invalid value: "a.b/c": field is immutable'])
    expect(row(ingressClasses, of({ kind: 'Settings', apiGroup: 'x.io', name: 's' }))).toEqual(['example.com/ingress', 'Settings.x.io/s'])
  })
})

describe('NetworkPolicy', () => {
  const from = (...peers: object[]) => ({ spec: { ingress: [{ from: peers }] } })
  const ports = (...list: object[]) => ({ spec: { egress: [{ ports: list }] } })
  test('directions follow from the rules', () => {
    expect(created(networkPolicies, from({ podSelector: {} })).spec).toMatchObject({ podSelector: {}, policyTypes: ['Ingress'] })
    expect(created(networkPolicies, ports({ port: 80 })).spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [{ protocol: 'TCP', port: 80 }] }] })
  })

  test.each<[string, object, string[]]>([
    ['an empty peer', from({}), ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    ['a peer of two sorts', from({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }), ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer']],
    ['no range', from({ ipBlock: {} }), ['spec.ingress[0].from[0].ipBlock.cidr: Required value']],
    ['a hole as large as the range', from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8', '11.0.0.0/9', '10.1.0.0/16'] } }), ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`', 'spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`']],
    ['an unknown protocol', ports({ protocol: 'X' }), ['spec.egress[0].ports[0].protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"']],
    ['a range backwards', ports({ port: 80, endPort: 70 }), ['spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`']],
    ['a range of names', ports({ port: 'http', endPort: 70 }, { endPort: 5 }), ['spec.egress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric', 'spec.egress[0].ports[1].endPort: Invalid value: 5: may not be specified when `port` is not specified']],
    ['an unknown direction', { spec: { policyTypes: ['Up'] } }, ['spec.policyTypes[0]: Unsupported value: "Up": supported values: "Ingress", "Egress"']],
  ])('%s is refused', (_, rough, expected) => expect(failures(networkPolicies, rough as never)).toEqual(expected))

  test('may change', () => {
    const { object } = changed<NetworkPolicy>(networkPolicies, from({ podSelector: {} }), ({ spec }) => { spec.podSelector = { matchLabels: { a: 'b' } } })
    expect(object.metadata.generation).toBe(2)
    expect(row(networkPolicies, from())).toEqual(['<none>'])
  })
})

describe('addresses', () => {
  const address = (name: string, parentRef: object | undefined = { resource: 'services', name: 'web', namespace: 'default' }) => ({ metadata: { name }, spec: { parentRef } })
  test.each([['10.0.0.1', 0], ['2001:db8::1', 0], ['2001:DB8::1', 1], ['2001:db8:0:0::1', 1], ['web', 1]])('%s as a name: %i wrong', (name, wrong) => {
    expect(validateObjectMeta(created(ipAddresses, address(name)).metadata, ipAddresses)).toHaveLength(wrong)
  })

  test('an address is somebody\'s, for good', () => {
    expect(failures(ipAddresses, { metadata: { name: '10.0.0.1' }, spec: {} })).toEqual(['spec.parentRef: Required value'])
    expect(failures(ipAddresses, address('10.0.0.1', {}))).toEqual(['spec.parentRef.resource: Required value', 'spec.parentRef.name: Required value'])
    expect(changeFailures<IPAddress>(ipAddresses, address('10.0.0.1'), ({ spec }) => { spec.parentRef!.name = 'b' })).toEqual([expect.stringMatching(/^spec\.parentRef: .*: field is immutable$/)])
    expect(row(ipAddresses, address('10.0.0.1'))).toEqual(['services/default/web'])
    expect(row(ipAddresses, address('10.0.0.1', { group: 'G.io', resource: 'Gateways', name: 'g' }))).toEqual(['gateways.g.io/g'])
  })

  const ranges = (...cidrs: string[]) => ({ spec: { cidrs } })
  test.each<[string, object, unknown[]]>([
    ['none', ranges(), ['spec.cidrs: Required value: at least one CIDR required']],
    ['three', ranges('10.0.0.0/8', 'fd00::/64', '11.0.0.0/8'), [expect.stringMatching(/may only hold up to 2 values$/)]],
    ['two of one family', ranges('10.0.0.0/8', '11.0.0.0/8'), [expect.stringMatching(/may specify no more than one IP for each IP family/)]],
    ['an address within', ranges('10.0.0.1/8'), ["spec.cidrs[0]: Invalid value: \"10.0.0.1/8\": wrong CIDR format, IP doesn't match network IP address"]],
    ['an odd form', ranges('FD00::/64'), ['spec.cidrs[0]: Invalid value: "FD00::/64": CIDR not in RFC 5952 canonical format']],
    ['both', ranges('10.96.0.0/16', 'fd00::/112'), []],
  ])('ranges: %s', (_, rough, expected) => expect(failures(serviceCIDRs, rough as never)).toEqual(expected))

  test('ranges are for good', () => {
    expect(changeFailures<ServiceCIDR>(serviceCIDRs, ranges('10.0.0.0/8'), ({ spec }) => { spec.cidrs = ['11.0.0.0/8'] })).toEqual(['spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable'])
    const grown = (...cidrs: string[]) => changeFailures<ServiceCIDR>(serviceCIDRs, ranges('10.96.0.0/16'), ({ spec }) => { spec.cidrs = cidrs })
    expect(grown('10.96.0.0/16', 'fd00::/112')).toEqual([])
    expect(grown('10.97.0.0/16', 'fd00::/112')).toEqual(['spec.cidrs[0]: Invalid value: "10.97.0.0/16": field is immutable'])
    expect(grown('10.96.0.0/16', '10.97.0.0/16')).toEqual([expect.stringMatching(/may specify no more than one IP for each IP family/)])
    expect(changeFailures<ServiceCIDR>(serviceCIDRs, ranges('10.96.0.0/16', 'fd00::/112'), ({ spec }) => { spec.cidrs = ['10.96.0.0/16'] })).toEqual(['spec.cidrs: Invalid value: ["10.96.0.0/16"]: field is immutable'])
    expect(row(serviceCIDRs, ranges('10.96.0.0/16', 'fd00::/112'))).toEqual(['10.96.0.0/16,fd00::/112'])
  })

  test.each([['10.0.0.1', '10.0.0.1'], ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['::', '::'], ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'], ['::ffff:1.2.3.4', '::ffff:1.2.3.4'], ['fe80:0:0:0:0:0:0:1', 'fe80::1']])('%s is written %s', (given, text) => {
    expect(canonicalIP(given)).toBe(text)
  })

  test('networks', () => {
    expect(canonicalCIDR('10.1.2.3/8')).toBe('10.0.0.0/8')
    expect(canonicalCIDR('2001:db8::1/32')).toBe('2001:db8::/32')
    expect([isStrictSubset('10.1.0.0/16', '10.0.0.0/8'), isStrictSubset('10.0.0.0/8', '10.0.0.0/8'), isStrictSubset('11.0.0.0/16', '10.0.0.0/8')]).toEqual([true, false, false])
  })
})
