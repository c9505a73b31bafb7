import { describe, expect, test } from 'vitest'
import { matchesRule } from './rules.ts'
import type { Facts } from './rules.ts'

const pods: Facts = { operation: 'CREATE', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'n', name: 'x' }
const any = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }

describe('rules', () => {
  test.each<[string, object, Partial<Facts>, boolean]>([
    ['wildcards', any, {}, true],
    ['another operation', { ...any, operations: ['UPDATE', 'DELETE'] }, {}, false],
    ['another group', { ...any, apiGroups: ['apps'] }, {}, false],
    ['the core group by its empty name', { ...any, apiGroups: [''] }, {}, true],
    ['another version', { ...any, apiVersions: ['v2'] }, {}, false],
    ['* is no subresource', any, { subresource: 'status' }, false],
    ['*/* is everything', { ...any, resources: ['*/*'] }, { subresource: 'status' }, true],
    ['pods/* with its subresources', { ...any, resources: ['pods/*'] }, { subresource: 'exec', operation: 'CONNECT' }, true],
    ['*/scale of anything', { ...any, resources: ['*/scale'] }, { resource: 'deployments', subresource: 'scale' }, true],
    ['pods/status alone', { ...any, resources: ['pods/status'] }, {}, false],
    ['namespaced only', { ...any, scope: 'Namespaced' }, {}, true],
    ['cluster only', { ...any, scope: 'Cluster' }, {}, false],
    ['a Namespace belongs to the cluster', { ...any, scope: 'Cluster' }, { resource: 'namespaces', namespace: 'n' }, true],
    ['a Namespace is in no namespace', { ...any, scope: 'Namespaced' }, { resource: 'namespaces', namespace: 'n' }, false],
    ['names', { ...any, resourceNames: ['x'] }, {}, true],
    ['other names', { ...any, resourceNames: ['y'] }, {}, false],
  ])('%s', (_, rule, facts, wanted) => expect(matchesRule(rule, { ...pods, ...facts })).toBe(wanted))
})
