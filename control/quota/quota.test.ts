import { describe, expect, test } from 'vitest'
import { chargeFor } from './charge.ts'
import { evaluatorOf } from './evaluators.ts'
import { usageOf } from './usage.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const core = (resource: string) => evaluatorOf({ group: '', resource })!
const pod = (resources: object = {}, spec: object = {}, more: object = {}) => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c1', resources }], ...spec }, ...more })
const quota = (name: string, hard: Record<string, string>, used: Record<string, string>, spec: object = {}) => ({ metadata: { name, namespace: 'n' }, spec: { hard, ...spec }, status: { hard, used } }) as never

describe('what is used', () => {
  test.each<[string, string, object, object]>([
    ['a pod', 'pods', pod({ requests: { cpu: '100m', memory: '1Gi', 'example.com/gpu': '1', 'hugepages-2Mi': '4Mi' }, limits: { cpu: '1', 'ephemeral-storage': '1Gi' } }), {
      'count/pods': '1', pods: '1', cpu: '100m', 'requests.cpu': '100m', 'limits.cpu': '1', memory: '1Gi', 'requests.memory': '1Gi', 'limits.ephemeral-storage': '1Gi',
      'requests.example.com/gpu': '1', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi',
    }],
    ['a pod with init containers and sidecars', 'pods', pod({ requests: { cpu: '1' } }, { initContainers: [{ name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } }, { name: 'i', resources: { requests: { cpu: '3' } } }] }),
      { 'count/pods': '1', pods: '1', cpu: '4', 'requests.cpu': '4' }],
    ['a finished pod', 'pods', pod({ requests: { cpu: '1' } }, {}, { status: { phase: 'Succeeded' } }), { 'count/pods': '1' }],
    ['a pod that should be gone', 'pods', pod({}, {}, { metadata: { deletionTimestamp: '2025-12-31T23:00:00Z', deletionGracePeriodSeconds: 30 } }), { 'count/pods': '1' }],
    ['a node port service', 'services', { spec: { type: 'NodePort', ports: [{}, {}] } }, { 'count/services': '1', services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' }],
    ['a load balancer', 'services', { spec: { type: 'LoadBalancer', ports: [{}] } }, { 'count/services': '1', services: '1', 'services.nodeports': '1', 'services.loadbalancers': '1' }],
    ['a load balancer without node ports', 'services', { spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ nodePort: 30000 }, {}] } }, { 'count/services': '1', services: '1', 'services.nodeports': '1', 'services.loadbalancers': '1' }],
    ['a claim', 'persistentvolumeclaims', { metadata: {}, spec: { storageClassName: 'gold', resources: { requests: { storage: '1500m' } } } }, {
      'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1', 'requests.storage': '2', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1', 'gold.storageclass.storage.k8s.io/requests.storage': '2',
    }],
    ['a claim that has more than it asks for', 'persistentvolumeclaims', { metadata: {}, spec: { resources: { requests: { storage: '1Gi' } } }, status: { allocatedResources: { storage: '2Gi' } } }, { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1', 'requests.storage': '2Gi' }],
    ['a secret', 'secrets', {}, { 'count/secrets': '1', secrets: '1' }],
  ])('by %s', (_, resource, object, expected) => { expect(core(resource).usage(object, now)).toEqual(expected) })

  test('by a claim of devices, at worst', () => {
    const requests = [
      { name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } }, { name: 'b', exactly: { deviceClassName: 'nic', allocationMode: 'All' } },
      { name: 'c', firstAvailable: [{ name: 'x', deviceClassName: 'gpu', count: 3 }, { name: 'y', deviceClassName: 'gpu', count: 1 }, { name: 'z', deviceClassName: 'tpu' }] },
    ]
    expect(evaluatorOf({ group: 'resource.k8s.io', resource: 'resourceclaims' })!.usage({ spec: { devices: { requests } } }, now)).toEqual({
      'count/resourceclaims.resource.k8s.io': '1', 'gpu.deviceclass.resource.k8s.io/devices': '5', 'nic.deviceclass.resource.k8s.io/devices': '32', 'tpu.deviceclass.resource.k8s.io/devices': '1',
    })
  })

  test('by objects of any other kind, as a count', () => {
    expect(evaluatorOf({ group: 'apps', resource: 'deployments' })!.usage({}, now)).toEqual({ 'count/deployments.apps': '1' })
    expect(evaluatorOf({ group: 'events.k8s.io', resource: 'events' })).toBeUndefined()
  })

  const scoped = [
    pod(), pod({ requests: { cpu: '1' } }), pod({}, { activeDeadlineSeconds: 5 }), pod({}, { priorityClassName: 'high' }),
    pod({}, { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'x', namespaces: ['o'] } }] } } }),
  ]
  test.each<[string, object, string]>([
    ['no scope', {}, '5'], ['BestEffort', { scopes: ['BestEffort'] }, '4'], ['NotBestEffort', { scopes: ['NotBestEffort'] }, '1'],
    ['Terminating', { scopes: ['Terminating'] }, '1'], ['NotTerminating and BestEffort', { scopes: ['NotTerminating', 'BestEffort'] }, '3'],
    ['a priority class', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high', 'low'] }] } }, '1'],
    ['any priority class', { scopes: ['PriorityClass'] }, '1'],
    ['no priority class', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } }, '4'],
    ['no high priority', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } }, '4'],
    ['CrossNamespacePodAffinity', { scopes: ['CrossNamespacePodAffinity'] }, '1'],
  ])('in %s', (_, spec, expected) => {
    expect(usageOf({ hard: { pods: '9', 'count/gadgets.example.com': '1' }, ...spec }, [{ evaluator: core('pods'), objects: scoped }], now)).toEqual({ pods: expected })
  })
  test('by volume attributes class', () => {
    const claims = [{ metadata: {}, spec: { volumeAttributesClassName: 'fast' } }, { metadata: {}, spec: {}, status: { currentVolumeAttributesClassName: 'fast' } }, { metadata: {}, spec: {} }]
    const spec = { hard: { persistentvolumeclaims: '9' }, scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass' as const, operator: 'In' as const, values: ['fast'] }] } }
    expect(usageOf(spec, [{ evaluator: core('persistentvolumeclaims'), objects: claims }], now)).toEqual({ persistentvolumeclaims: '2' })
  })
})

describe('a write is held against quotas', () => {
  const charge = (quotas: never[], object: object, resource = 'pods', old?: object, subresource = '') => {
    const answer = chargeFor(quotas, ({ status }) => status?.used ?? {}, { evaluator: core(resource), object, old: old as never, subresource }, now)
    return 'refusal' in answer ? answer.refusal : Object.fromEntries(answer.used)
  }
  test('takes its share', () => {
    expect(charge([quota('q', { pods: '3', 'limits.cpu': '2' }, { pods: '1', 'limits.cpu': '500m' })], pod({ limits: { cpu: '1' } }))).toEqual({ q: { pods: '2', 'limits.cpu': '1500m' } })
    expect(charge([quota('q', { services: '1' }, { services: '1' })], pod())).toEqual({})
  })
  test.each<[string, never[], object, string]>([
    ['too many', [quota('q', { pods: '2' }, { pods: '2' })], pod(), 'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'],
    ['too much', [quota('q', { 'requests.cpu': '1', 'requests.memory': '1Gi', pods: '9' }, { 'requests.cpu': '600m', 'requests.memory': '0', pods: '0' })], pod({ requests: { cpu: '500m', memory: '2Gi' } }),
      'exceeded quota: q, requested: requests.cpu=500m,requests.memory=2Gi, used: requests.cpu=600m,requests.memory=0, limited: requests.cpu=1,requests.memory=1Gi'],
    ['what it does not say', [quota('q', { cpu: '1', memory: '1Gi' }, {})], pod({}, { initContainers: [{ name: 'i', resources: { requests: { memory: '1' } } }] }), 'failed quota: q: must specify cpu for: c1,i; memory for: c1'],
    ['what nobody has counted yet', [quota('q', { pods: '1' }, {})], pod(), 'status unknown for quota: q, resources: pods'],
    ['a negative wish', [quota('q', { pods: '1' }, { pods: '0' })], pod({ requests: { 'ephemeral-storage': '-1' } }), 'quota usage is negative for resource(s): ephemeral-storage,requests.ephemeral-storage'],
    ['the second of two quotas', [quota('a', { pods: '9' }, { pods: '0' }), quota('b', { pods: '0' }, { pods: '0' })], pod(), 'exceeded quota: b, requested: pods=1, used: pods=0, limited: pods=0'],
  ])('is refused for %s', (_, quotas, object, expected) => { expect(charge(quotas, object)).toBe(expected) })
  test('of a scope it is not in passes', () => {
    expect(charge([quota('q', { pods: '0' }, { pods: '0' }, { scopes: ['Terminating'] })], pod())).toEqual({})
  })
  test('that changes something pays the difference', () => {
    const claim = (storage: string) => ({ metadata: {}, spec: { resources: { requests: { storage } } } })
    const of = quota('q', { 'requests.storage': '10Gi', persistentvolumeclaims: '1' }, { 'requests.storage': '4Gi', persistentvolumeclaims: '1' })
    expect(charge([of], claim('6Gi'), 'persistentvolumeclaims', claim('4Gi'))).toEqual({ q: { 'requests.storage': '6Gi', persistentvolumeclaims: '1' } })
    expect(charge([of], claim('2Gi'), 'persistentvolumeclaims', claim('4Gi'))).toEqual({})
    expect(charge([of], claim('20Gi'), 'persistentvolumeclaims', claim('4Gi'))).toMatch(/^exceeded quota: q, requested: requests.storage=16Gi, used: requests.storage=4Gi/)
    expect(charge([of], claim('20Gi'), 'persistentvolumeclaims', claim('4Gi'), 'status')).toEqual({ q: { 'requests.storage': '20Gi', persistentvolumeclaims: '1' } })
  })
})
