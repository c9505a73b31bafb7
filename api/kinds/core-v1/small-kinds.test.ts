import { describe, expect, test } from 'vitest'
import type { ConfigMap, Secret } from '../../types/core-v1/config.ts'
import type { Namespace } from '../../types/core-v1/namespace.ts'
import type { Node } from '../../types/core-v1/node.ts'
import type { Event } from '../../types/events-v1.ts'
import { leases } from '../coordination-v1/lease.ts'
import { endpointSlices } from '../discovery-v1/endpoint-slice.ts'
import { eventsV1 } from '../events-v1/event.ts'
import type { Kind } from '../kind.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { bindings } from './binding.ts'
import { configMaps } from './config-map.ts'
import { endpoints } from './endpoints.ts'
import { events } from './event.ts'
import { namespaces } from './namespace.ts'
import { nodes } from './node.ts'
import { podTemplates } from './pod-template.ts'
import { secrets } from './secret.ts'
import { serviceAccounts } from './service-account.ts'

const row = (kind: Kind, rough: Parameters<typeof created>[1], now = 0) =>
  kind.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(created(kind, rough), now))
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test.each<[string, Kind, object, string[]]>([
  ['a bad key', configMaps, { data: { 'a/b': '' } }, [expect.stringContaining('data[a/b]: Invalid value: "a/b": a valid config key must consist of') as unknown as string]],
  ['a key twice', configMaps, { data: { a: '' }, binaryData: { a: '' } }, ['data[a]: Invalid value: "a": duplicate of key present in binaryData']],
  ['too much', configMaps, { data: { a: 'x'.repeat(1024 * 1024 + 1) } }, [': Too long: may not be more than 1048576 bytes']],
  ['good configuration', configMaps, { data: { a: 'b' }, binaryData: { c: base64('d') } }, []],
  ['a certificate without key', secrets, { type: 'kubernetes.io/tls', data: { 'tls.crt': base64('x') } }, ['data[tls.key]: Required value']],
  ['broken docker configuration', secrets, { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('') } }, ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input']],
  ['a docker configuration that is a list', secrets, { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('[]') } }, ['data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}']],
  ['a token without account', secrets, { type: 'kubernetes.io/service-account-token' }, ['metadata.annotations[kubernetes.io/service-account.name]: Required value']],
  ['basic auth without anything', secrets, { type: 'kubernetes.io/basic-auth' }, ['data[username]: Required value', 'data[password]: Required value']],
  ['a type of somebody\'s own', secrets, { type: 'example.com/x' }, []],
  ['a subset without address', endpoints, { subsets: [{ ports: [{ port: 80 }] }] }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
  ['a loopback endpoint', endpoints, { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] }, ['subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['a slice without family', endpointSlices, { endpoints: [] }, ['addressType: Required value']],
  ['a slice of an unknown family', endpointSlices, { addressType: 'X' }, ['addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"']],
  ['an endpoint without address', endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses: Required value: must contain at least 1 address']],
  ['a hint twice', endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }], forNodes: [{ name: 'N' }] } }] }, [
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"', expect.stringContaining('endpoints[0].hints.forNodes[0].name: Invalid value: "N": a lowercase RFC 1123 subdomain') as unknown as string,
  ]],
  ['an endpoint of the other family', endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: ['fd00::1'] }] }, ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address']],
  ['two ports without name', endpointSlices, { addressType: 'IPv4', ports: [{ port: 1 }, { port: 2 }] }, ['ports[1].name: Duplicate value: ""']],
  ['a lease of nothing', leases, { spec: { leaseDurationSeconds: 0 } }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  ['a binding to nothing', bindings, { target: { kind: 'Node' } }, ['target.name: Required value']],
  ['a binding to a pod', bindings, { target: { kind: 'Pod', name: 'x' } }, ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"']],
  ['a taint without effect', nodes, { spec: { taints: [{ key: 'a' }] } }, ['metadata.taints[0].effect: Required value']],
  ['a taint twice', nodes, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'a', value: 'b', effect: 'NoSchedule' }] } }, ['metadata.taints[1]: Duplicate value: {"key":"a","value":"b","effect":"NoSchedule"}: taints must be unique by key and effect pair']],
  ['half a pod', nodes, { status: { capacity: { pods: '1500m' } } }, ['status.capacity.pods: Invalid value: "1500m": must be an integer', 'status.allocatable.pods: Invalid value: "1500m": must be an integer']],
  ['two ranges of one family', nodes, { spec: { podCIDRs: ['10.0.0.0/24', '10.1.0.0/24'] } }, ['spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one CIDR for each IP family']],
  ['a range with a host in it', nodes, { spec: { podCIDRs: ['10.0.0.1/24'] } }, ['spec.podCIDRs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length']],
  ['features out of order', nodes, { status: { declaredFeatures: ['B', 'A', 'A', 'c'] } }, [
    'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically', 'status.declaredFeatures[2]: Duplicate value: "A"',
    expect.stringContaining('status.declaredFeatures[3]: Invalid value: "c": invalid feature name "c": must start with an UpperCamelCase segment') as unknown as string,
  ]],
  ['a bare namespace finalizer', namespaces, { spec: { finalizers: ['mine'] } }, ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
  ['an event about another namespace', events, { involvedObject: { namespace: 'other' } }, ['involvedObject.namespace: Invalid value: "other": does not match event.namespace']],
  ['a new event without its fields', events, { involvedObject: { namespace: 'default' }, eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'a', reason: 'r', action: 'x' }, ['reportingInstance: Required value']],
  ['an old event through the new door', eventsV1, { regarding: { namespace: 'default' }, deprecatedCount: 3, type: 'Normal' }, ['eventTime: Required value', 'count: Invalid value: "": needs to be unset']],
  ['an account', serviceAccounts, {}, []],
  ['a template', podTemplates, { template: { spec: { containers: [] } } }, ['template.spec.containers: Required value']],
])('%s', (_, kind, rough, expected) => {
  expect(failures(kind, rough as Parameters<typeof created>[1])).toEqual(expected)
})

test('a lease has no strategy, unless it has one', () => {
  expect(created(leases, { spec: { holderIdentity: 'a', strategy: 'OldestEmulationVersion', preferredHolder: 'b' } }).spec).toEqual({ holderIdentity: 'a' })
})

test('an old way to limit an account is warned of, once', () => {
  const account = created(serviceAccounts, { metadata: { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } })
  expect(serviceAccounts.warnings!(account)).toEqual(['metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'])
  expect(serviceAccounts.warnings!(account, account)).toEqual([])
})

describe('Secret', () => {
  test('stringData becomes data, and wins', () => {
    const secret = created(secrets, { data: { a: base64('old'), b: base64('kept') }, stringData: { a: 'new' } })
    expect(secret).toMatchObject({ type: 'Opaque', data: { a: base64('new'), b: base64('kept') } })
    expect(secret).not.toHaveProperty('stringData')
  })

  test('its type is for good', () => {
    expect(changeFailures<Secret>(secrets, {}, (secret) => { secret.type = 'example.com/x' })).toEqual(['type: Invalid value: "example.com/x": field is immutable'])
  })
})

test('what calls itself immutable stays', () => {
  const rough = { immutable: true, data: { a: 'b' } }
  expect(changeFailures<ConfigMap>(configMaps, rough, () => {})).toEqual([])
  expect(changeFailures<ConfigMap>(configMaps, rough, (map) => { map.data = {}; delete map.immutable }))
    .toEqual(['immutable: Forbidden: field is immutable when `immutable` is set', 'data: Forbidden: field is immutable when `immutable` is set'])
})

describe('Namespace', () => {
  test('has its label, its finalizer and its phase', () => {
    expect(created(namespaces, { metadata: { name: 'a' } })).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  })

  test('an update changes neither finalizers nor status', () => {
    const { object } = changed<Namespace>(namespaces, {}, (namespace) => { namespace.spec = {}; namespace.status = { phase: 'Terminating' } })
    expect(object).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  })

  test('is Terminating exactly while it is being deleted', () => {
    expect(changeFailures<Namespace>(namespaces, {}, (namespace) => { namespace.status = { phase: 'Terminating' } }, 'status')).toEqual(["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"])
    expect(changeFailures<Namespace>(namespaces, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, (namespace) => { namespace.status = { phase: 'Terminating' } }, 'status')).toEqual([])
  })
})

describe('Node', () => {
  test('what it has it gives, unless it says less', () => {
    expect(created(nodes, { status: { capacity: { cpu: '2' } } }).status).toMatchObject({ allocatable: { cpu: '2' } })
  })

  test('its pod range is for good', () => {
    const rough = { spec: { podCIDRs: ['10.0.0.0/24'] } }
    expect(created(nodes, rough).spec.podCIDR).toBe('10.0.0.0/24')
    expect(changeFailures<Node>(nodes, rough, ({ spec }) => { spec.podCIDR = '10.1.0.0/24'; spec.podCIDRs = ['10.1.0.0/24'] })).toEqual(['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'])
    expect(changeFailures<Node>(nodes, {}, ({ spec }) => { spec.podCIDRs = ['10.1.0.0/24'] })).toEqual([])
    expect(changeFailures<Node>(nodes, rough, ({ spec }) => { spec.unschedulable = true; spec.taints = [{ key: 'a', effect: 'NoSchedule' }] })).toEqual([])
  })
})

describe('one event, two faces', () => {
  const core = { involvedObject: { kind: 'Pod', name: 'web-0', namespace: 'default' }, reason: 'Pulled', message: 'done', source: { component: 'kubelet', host: 'n1' }, count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z', type: 'Normal' }
  const { fromStored, toStored } = eventsV1.storedAs!

  test('there and back', () => {
    const stored = created(events, core)
    const other = fromStored(stored)
    expect(other).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding: { name: 'web-0' }, note: 'done', deprecatedCount: 2, deprecatedSource: { host: 'n1' } })
    expect(toStored(other)).toEqual(stored)
  })

  test('kubectl get events', () => {
    const now = Date.parse('2026-01-01T00:02:00Z')
    const cells = ['60s', 'Normal', 'Pulled', 'pod/web-0', '', 'kubelet, n1', 'done', '2m', 2, 'x']
    expect(row(events, core, now)).toEqual(cells)
    expect(eventsV1.columns!.map((column) => column.value(fromStored(created(events, core)) as Event, now))).toEqual(cells)
  })
})

test('what kubectl prints', () => {
  expect(row(configMaps, { data: { a: '', b: '' }, binaryData: { c: '' } })).toEqual([3])
  expect(row(secrets, { data: { a: '' } })).toEqual(['Opaque', 1])
  expect(row(serviceAccounts, { secrets: [{ name: 's' }] })).toEqual([1])
  expect(row(namespaces, {})).toEqual(['Active'])
  expect(row(leases, { spec: { holderIdentity: 'n1' } })).toEqual(['n1'])
  const ips = ['10.0.0.1', '10.0.0.2'].map((ip) => ({ ip }))
  expect(row(endpoints, {})).toEqual(['<none>'])
  expect(row(endpoints, { subsets: [{ addresses: ips, ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81 }] }] })).toEqual(['10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...'])
  expect(row(endpointSlices, { addressType: 'IPv4' })).toEqual(['IPv4', '<unset>', '<unset>'])
  expect(row(endpointSlices, { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: ['1', '2', '3', '4'].map((last) => ({ addresses: [`10.0.0.${last}`] })) })).toEqual(['IPv4', '80', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...'])
  expect(row(nodes, { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } }, spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } }))
    .toEqual(['Ready,SchedulingDisabled', 'control-plane', '', '10.0.0.1', '<none>', '<unknown>', '<unknown>', '<unknown>'])
})

test('the dynamic configuration of agents is gone: nobody gets it any more', () => {
  const gone = { configSource: { configMap: { namespace: 'a', name: 'b', kubeletConfigKey: 'c' } } }
  expect(created(nodes, { spec: gone, status: { config: {} } })).toMatchObject({ spec: {}, status: expect.not.objectContaining({ config: {} }) })
  expect(created(nodes, { spec: gone }).spec).not.toHaveProperty('configSource')
  expect(changed(nodes, {}, (node) => { node.spec = gone as Node['spec'] & object }).object.spec).not.toHaveProperty('configSource')
  expect(changed(nodes, {}, (node) => { node.status = { config: {} } as Node['status'] & object }, 'status').object.status).not.toHaveProperty('config')
})
