import { describe, expect, test } from 'vitest'
import { builtinKinds, findKind, findResource } from './registry.ts'

describe('the built-in kinds', () => {
  test.each([
    ['', 'v1', 'Pod', 'pods', 'pods'], ['', 'v1', 'Service', 'services', 'services/specs'], ['', 'v1', 'Node', 'nodes', 'minions'], ['', 'v1', 'Endpoints', 'endpoints', 'services/endpoints'],
    ['', 'v1', 'ReplicationController', 'replicationcontrollers', 'controllers'], ['apps', 'v1', 'Deployment', 'deployments', 'deployments'], ['apps', 'v1', 'ReplicaSet', 'replicasets', 'replicasets'],
    ['coordination.k8s.io', 'v1', 'Lease', 'leases', 'leases'], ['discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', 'endpointslices'], ['events.k8s.io', 'v1', 'Event', 'events', 'events'],
    ['apps', 'v1', 'DaemonSet', 'daemonsets', 'daemonsets'], ['rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', 'clusterroles'], ['certificates.k8s.io', 'v1', 'CertificateSigningRequest', 'certificatesigningrequests', 'certificatesigningrequests'],
    ['apiregistration.k8s.io', 'v1', 'APIService', 'apiservices', 'apiregistration.k8s.io/apiservices'], ['extensions', 'v1beta1', 'Ingress', 'ingresses', 'ingress'], ['policy', 'v1beta1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'poddisruptionbudgets'],
  ])('%s/%s %s', (group, version, kind, resource, storage) => {
    const found = findKind(group, version, kind)
    expect(found).toMatchObject({ resource, storage })
    expect(findResource(group, version, resource)).toBe(found)
  })

  test('no two share a name, and all speak for themselves', () => {
    const names = builtinKinds.map(({ group, version, resource }) => `${group}/${version}/${resource}`)
    expect(new Set(names).size).toBe(names.length)
    for (const { kind, doc, schema, columns, verbs } of builtinKinds) {
      expect(doc, kind).toMatch(/^[A-Z].*\.$/)
      expect(schema.name, kind).toMatch(new RegExp(`\\.${kind}$`))
      if (verbs.includes('list')) expect(columns?.length, kind).toBeGreaterThan(0)
    }
  })

  test('the group extensions comes last', () => {
    const groups = [...new Set(builtinKinds.map(({ group }) => group))]
    expect([groups[0], groups.at(-1)]).toEqual(['', 'extensions'])
  })

  test('an unknown one', () => {
    expect(findKind('', 'v1', 'Nothing')).toBeUndefined()
    expect(findResource('apps', 'v2', 'deployments')).toBeUndefined()
  })
})
