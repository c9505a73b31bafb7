import { expect, test } from 'vitest'
import type { Endpoints, EndpointSubset } from '../../../api/types/core-v1/endpoints.ts'
import { service } from '../testing/objects.ts'
import { isMirrored, planMirror } from './plan-mirror.ts'

const endpoints = (subsets: EndpointSubset[], meta: object = {}): Endpoints => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace: 'default', uid: 'uid-e', ...meta }, subsets })
const { selector: _, ...withoutSelector } = service().spec
const bare = { ...service(), spec: withoutSelector }

test.each([
  ['of a service without selector', endpoints([]), bare, true], ['of one with a selector', endpoints([]), service(), false], ['of none', endpoints([]), undefined, false],
  ['that ask not to be', endpoints([], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), bare, false],
  ['that are an old lock', endpoints([], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), bare, false],
])('endpoints %s are mirrored: %#', (_, of, by, expected) => expect(isMirrored(of, by)).toBe(expected))

test('a slice is made for each family and each set of ports', () => {
  const { create } = planMirror(endpoints([
    { addresses: [{ ip: '192.0.2.1', hostname: 'a' }, { ip: 'fd00::1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ port: 80 }] },
    { addresses: [{ ip: '192.0.2.3' }], ports: [{ name: 'x', port: 81, protocol: 'UDP' }] },
  ], { labels: { tier: 'front' }, annotations: { mine: 'yes', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }), [])
  expect(create.map(({ addressType, ports, endpoints: of }) => [addressType, ports![0]!.port, of!.map((each) => `${each.addresses} ${each.conditions!.ready}`)])).toEqual([
    ['IPv4', 80, ['192.0.2.1 true', '192.0.2.2 false']], ['IPv4', 81, ['192.0.2.3 true']], ['IPv6', 80, ['fd00::1 true']],
  ])
  expect(create[0]!.metadata).toEqual({
    name: '', generateName: 'web-', namespace: 'default', annotations: { mine: 'yes' },
    labels: { tier: 'front', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'web', uid: 'uid-e', controller: true, blockOwnerDeletion: true }],
  })
})

test('a mirror follows, and nothing changes the second time', () => {
  const { create } = planMirror(endpoints([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }]), [])
  expect(planMirror(endpoints([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }]), create)).toMatchObject({ create: [], update: [], remove: [] })
  expect(planMirror(endpoints([{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 80 }] }]), create).update).toHaveLength(1)
  expect(planMirror(endpoints([]), create).remove).toHaveLength(1)
})

test('a subset that is too large is cut', () => {
  const addresses = Array.from({ length: 1003 }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }))
  const plan = planMirror(endpoints([{ addresses, ports: [{ port: 80 }] }]), [])
  expect([plan.skipped, plan.create.length, plan.create[0]!.endpoints!.length]).toEqual([3, 1, 1000])
})
