import { describe, expect, test } from 'vitest'
import { testKinds } from '../openapi/testing/test-kinds.ts'
import { aggregatedDiscovery, coreVersions, groupList, groupOf, resourceList } from './discovery.ts'
import { compareVersions } from './versions.ts'

test('versions by precedence', () => {
  expect(['v1alpha1', 'v2', 'foo', 'v1', 'v1beta2', 'v10', 'v2beta1', 'v1beta1', 'v2alpha1'].sort(compareVersions)).toEqual(['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v2alpha1', 'v1alpha1', 'foo'])
})

describe('the classic documents', () => {
  test('/api', () => expect(coreVersions(testKinds, '10.0.0.1:6443')).toEqual({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }] }))
  test('/apis', () => {
    const apps = { name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }, { groupVersion: 'apps/v1beta1', version: 'v1beta1' }], preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } }
    expect(groupList(testKinds)).toEqual({ kind: 'APIGroupList', apiVersion: 'v1', groups: [apps] })
    expect(groupOf(testKinds, 'apps')).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...apps })
    expect([groupOf(testKinds, ''), groupOf(testKinds, 'foo')]).toEqual([undefined, undefined])
  })
  test('/api/v1 names resources and subresources in order', () => {
    const list = resourceList(testKinds, '', 'v1')!
    expect(list).not.toHaveProperty('apiVersion')
    expect(list.resources.map(({ name }) => name)).toEqual(['configmaps', 'nodes', 'nodes/status', 'pods', 'pods/eviction', 'pods/log', 'pods/status'])
    expect(list.resources[3]).toEqual({ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'], shortNames: ['po'], categories: ['all'] })
    expect(list.resources[4]).toEqual({ name: 'pods/eviction', singularName: '', namespaced: true, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] })
  })
  test('/apis/apps/v1', () => {
    const list = resourceList(testKinds, 'apps', 'v1')!
    expect([list.apiVersion, list.groupVersion]).toEqual(['v1', 'apps/v1'])
    expect(list.resources.find(({ name }) => name === 'deployments/scale')).toMatchObject({ group: 'autoscaling', version: 'v1', kind: 'Scale' })
    expect(resourceList(testKinds, 'apps', 'v9')).toBeUndefined()
  })
})

test('aggregated discovery', () => {
  const core = aggregatedDiscovery(testKinds, 'core', 'v2')
  expect(core).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items: [{ metadata: { creationTimestamp: null }, versions: [{ version: 'v1', freshness: 'Current' }] }] })
  expect(core.items[0]!.versions[0]!.resources[1]).toEqual({
    resource: 'nodes', responseKind: { group: '', version: 'v1', kind: 'Node' }, scope: 'Cluster', singularResource: 'node', verbs: [...testKinds[0]!.verbs], shortNames: ['no'],
    subresources: [{ subresource: 'status', responseKind: { group: '', version: 'v1', kind: 'Node' }, verbs: ['get', 'patch', 'update'] }],
  })
  const groups = aggregatedDiscovery(testKinds, 'groups', 'v2beta1')
  expect(groups.items.map(({ metadata, versions }) => [(metadata as any).name, versions.map(({ version }) => version)])).toEqual([['apps', ['v1', 'v1beta1']]])
})
