import { expect, test } from 'vitest'
import { t0 } from '../testing/objects.ts'
import { namespaceConditions } from './namespace-conditions.ts'

const brief = (conditions: ReturnType<typeof namespaceConditions>) => Object.fromEntries(conditions.map(({ type, status, reason, message }) => [type, `${status} ${reason}: ${message}`]))

test('what remains is told with its counts and finalizers', () => {
  const left = [{ resource: 'deployments.apps', count: 2, finalizers: { 'a/b': 1 } }, { resource: 'configmaps.', count: 1, finalizers: { 'a/b': 1, 'c/d': 1 } }]
  expect(brief(namespaceConditions([], left, [], t0))).toEqual({
    NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure: 'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining: 'True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances, deployments.apps has 2 resource instances',
    NamespaceFinalizersRemaining: 'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: a/b in 2 resource instances, c/d in 1 resource instances',
  })
})

test('nothing left and failures', () => {
  const told = brief(namespaceConditions([], [], ['no'], t0))
  expect(told['NamespaceDeletionContentFailure']).toBe('True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: no')
  expect(told['NamespaceContentRemaining']).toBe('False ContentRemoved: All content successfully removed')
  expect(told['NamespaceFinalizersRemaining']).toBe('False ContentHasNoFinalizers: All content-preserving finalizers finished')
})

test('the time of a transition is that of the status', () => {
  const first = namespaceConditions([], [], [], t0)
  expect(namespaceConditions(first, [], [], t0 + 60_000)).toEqual(first)
  expect(namespaceConditions(first, [{ resource: 'pods.', count: 1, finalizers: {} }], [], t0 + 60_000).find(({ type }) => type === 'NamespaceContentRemaining')?.lastTransitionTime).toBe('2026-01-01T00:01:00Z')
})
