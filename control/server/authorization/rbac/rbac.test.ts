import { describe, expect, test } from 'vitest'
import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'
import { requestInfo } from '../../request-info.ts'
import { attributesOf } from '../attributes.ts'
import type { Attributes } from '../authorizer.ts'
import { ruleOf } from '../bootstrap/rule.ts'
import { Grants } from './grants.ts'
import type { Binding } from './grants.ts'
import { ruleAllows } from './rule-allows.ts'

const user = { name: 'bob', groups: ['devs', 'system:authenticated'] }

function asked(line: string): Attributes {
  const [method, url = ''] = line.split(' ')
  const [path = '', query = ''] = url.split('?')
  const request = { method: method as 'GET', path, query: new URLSearchParams(query) }
  return attributesOf(user, requestInfo(request), request.query)
}

describe('a rule', () => {
  const pods = '/api/v1/namespaces/default/pods'
  test.each<[string, string, boolean]>([
    ['get,list core:pods', `GET ${pods}/a`, true],
    ['get,list core:pods', `GET ${pods}`, true],
    ['get,list core:pods', `GET ${pods}?watch=true`, false],
    ['* core:pods', `DELETE ${pods}`, true],
    ['get apps:pods', `GET ${pods}/a`, false],
    ['get *:pods', `GET ${pods}/a`, true],
    // Subresources are named, or belong to everything.
    ['get core:pods', `GET ${pods}/a/log`, false],
    ['get core:pods/log', `GET ${pods}/a/log`, true],
    ['get core:pods/*', `GET ${pods}/a/log`, false],
    ['get core:*', `GET ${pods}/a/log`, true],
    ['get *:*/scale', 'GET /apis/apps/v1/namespaces/default/deployments/a/scale', true],
    ['get *:*/scale', 'GET /apis/apps/v1/namespaces/default/deployments/a', false],
    ['get *:*/scale', 'GET /apis/apps/v1/namespaces/default/deployments/a/autoscale', false],
    // Names; a list of the one object counts as that object.
    ['get core:pods a,b', `GET ${pods}/b`, true],
    ['get core:pods a,b', `GET ${pods}/c`, false],
    ['list core:pods a', `GET ${pods}`, false],
    ['list core:pods a', `GET ${pods}?fieldSelector=metadata.name%3Da`, true],
    ['watch core:pods a', `GET ${pods}?watch=1&fieldSelector=metadata.name%3Da`, true],
    ['list core:pods a', `GET ${pods}?fieldSelector=metadata.name!%3Da`, false],
    ['deletecollection core:pods a', `DELETE ${pods}?fieldSelector=metadata.name%3Da`, false],
    ['list core:pods a', `GET ${pods}?fieldSelector=metadata.name%3D%2Fa`, false],
    // URLs.
    ['get /metrics', 'GET /metrics', true],
    ['get /metrics', 'GET /metrics/cadvisor', false],
    ['get /apis/*', 'GET /apis/apps', true],
    ['get /apis/*', 'GET /apis', false],
    ['* *', 'POST /anything', true],
    ['* *:*', 'GET /metrics', false],
    ['* *', `GET ${pods}`, false],
  ])('%s: %s: %s', (rule, line, allowed) => {
    expect(ruleAllows(ruleOf(rule), asked(line))).toBe(allowed)
  })
})

test('a rule in one line', () => {
  expect(ruleOf('update,get core+apps:pods,pods/log b,a')).toEqual<PolicyRule>({ verbs: ['get', 'update'], apiGroups: ['', 'apps'], resources: ['pods', 'pods/log'], resourceNames: ['a', 'b'] })
  expect(ruleOf('get /livez,/healthz')).toEqual<PolicyRule>({ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez'] })
})

describe('grants', () => {
  const bindings = [
    binding('everywhere', undefined, { kind: 'Group', name: 'devs' }),
    binding('here', 'default', { kind: 'User', name: 'bob' }),
    binding('there', 'other', { kind: 'User', name: 'bob' }),
    binding('robots', 'default', { kind: 'ServiceAccount', name: 'robot' }),
    binding('nobody', undefined, { kind: 'ServiceAccount', name: 'robot' }),
    binding('a-user-is-no-group', undefined, { kind: 'User', name: 'devs' }),
  ]
  const grants = new Grants(bindings)
  const held = (name: string, groups: string[], namespace: string) => {
    const reasons: string[] = []
    grants.visit({ name, groups }, namespace, ({ reason }) => {
      reasons.push(reason.replace('RBAC: allowed by ', ''))
      return false
    })
    return reasons
  }

  test('are found by user, group and service account', () => {
    expect(held('bob', ['devs'], 'default')).toEqual([
      'ClusterRoleBinding "everywhere" of ClusterRole "reader" to Group "devs"', 'RoleBinding "here/default" of ClusterRole "reader" to User "bob"',
    ])
    expect(held('bob', [], '')).toEqual([])
    expect(held('system:serviceaccount:default:robot', [], 'default')).toEqual(['RoleBinding "robots/default" of ClusterRole "reader" to ServiceAccount "robot/default"'])
    expect(held('system:serviceaccount:other:robot', [], 'default')).toEqual([])
    expect(held('__proto__', ['constructor'], 'toString')).toEqual([])
  })

  test('are not looked at further than needed', () => {
    let seen = 0
    grants.visit({ name: 'bob', groups: ['devs'] }, 'default', () => ++seen > 0)
    expect(seen).toBe(1)
  })
})

function binding(name: string, namespace: string | undefined, subject: { kind: string; name: string }): Binding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding', metadata: { name, ...(namespace && { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' }, subjects: [subject],
  } as Binding
}
