import { describe, expect, test } from 'vitest'
import { Registry } from 'prom-client'
import { pino } from 'pino'
import { systemClock } from '../../../../host/clock.ts'
import { createMemoryLog } from '../../../store/memory.ts'
import { createObjectStore } from '../../../store/object-store.ts'
import { createWatchCache } from '../../../store/watch-cache.ts'
import { createApiServer } from '../../api-server.ts'
import { startTestServer } from '../../testing/test-server.ts'
import { bootstrapPolicy } from './policy.ts'
import { mendBinding, mendRole } from './reconcile.ts'

const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const metadata = { name: 'r', labels, annotations }
const rule = (verbs: string, resources: string) => ({ verbs: verbs.split(','), apiGroups: [''], resources: resources.split(',') })
const user = (name: string) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' })
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' }

describe('a role that is there', () => {
  const wanted = { metadata, rules: [rule('get,list', 'pods')] }
  const mended = (current: object) => {
    const plan = mendRole(current as any, wanted)
    return plan.action === 'update' ? plan.change(current as any) : plan.action
  }
  test.each<[string, object, unknown]>([
    ['as wanted', wanted, 'none'],
    ['allows more', { ...wanted, rules: [rule('*', 'pods,secrets')] }, 'none'],
    ['in other words', { ...wanted, rules: [rule('list', 'pods'), rule('get', 'pods')] }, 'none'],
    ['lacks a verb', { ...wanted, rules: [rule('get', 'pods')] }, { ...wanted, rules: [rule('get', 'pods'), rule('list', 'pods')] }],
    ['lacks all', { metadata }, { ...wanted, rules: [rule('get,list', 'pods')] }],
    ['lacks a label', { ...wanted, metadata: { name: 'r', labels: { own: 'x' }, annotations } }, { ...wanted, metadata: { name: 'r', labels: { ...labels, own: 'x' }, annotations } }],
    ['is to be left alone', { metadata: { ...metadata, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } } }, 'none'],
  ])('%s', (_, current, expected) => { expect(mended(current)).toEqual(expected) })

  test('gathers what is wanted, whatever it has gathered', () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    expect(mendRole({ metadata, rules: [rule('get', 'pods')], aggregationRule }, { metadata, aggregationRule }).action).toBe('none')
    expect(mendRole({ metadata, rules: [rule('get', 'pods')] }, { metadata, aggregationRule })).toMatchObject({ action: 'update' })
  })
})

describe('a binding that is there', () => {
  const wanted = { metadata, roleRef, subjects: [user('a'), user('b')] }
  test.each<[string, object, string]>([
    ['as wanted', wanted, 'none'],
    ['with more subjects', { ...wanted, subjects: [user('c'), user('b'), user('a')] }, 'none'],
    ['lacks a subject', { ...wanted, subjects: [user('b'), user('c')] }, 'update'],
    ['binds another role', { ...wanted, roleRef: { ...roleRef, name: 'other' } }, 'recreate'],
    ['is to be left alone', { metadata: { ...metadata, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }, roleRef }, 'none'],
  ])('%s', (_, current, expected) => { expect(mendBinding(current as any, wanted).action).toBe(expected) })

  test('keeps whom somebody added', () => {
    const current = { metadata, roleRef, subjects: [user('c'), user('b')] }
    const plan = mendBinding(current, wanted)
    expect(plan.action === 'update' && plan.change(current).subjects?.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  })
})

test('every binding binds a role that is there', () => {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy()
  const known = new Set([...clusterRoles.map(({ metadata: { name } }) => name), ...roles.map(({ metadata: { name, namespace } }) => `${namespace}/${name}`)])
  for (const { roleRef: { name } } of clusterRoleBindings) expect(known).toContain(name)
  for (const { metadata: { namespace }, roleRef: { name } } of roleBindings) expect(known).toContain(`${namespace}/${name}`)
})

test('a second start writes no role, and puts back what is lost', async () => {
  const log = createMemoryLog()
  const cache = createWatchCache({ log, clock: systemClock })
  const store = createObjectStore({ log, cache })
  const start = async () => {
    const server = createApiServer({ store, clock: systemClock, log: pino({ level: 'silent' }), metrics: new Registry() })
    await server.ready
    await server.close()
    const roles = await cache.forResource({ prefix: '/registry/clusterroles/', apiVersion: '', kind: '' }).list()
    return { roles: new Map(roles.entries.map(({ key, revision }) => [key, revision])), entries: roles.entries }
  }
  const first = await start()
  expect(first.roles.size).toBeGreaterThan(60)
  expect((await start()).roles).toEqual(first.roles)
  const [lost] = first.entries
  await store.delete({ prefix: '/registry/clusterroles/', apiVersion: '', kind: '' }, lost!.key, lost!.revision)
  const third = await start()
  expect([...third.roles.keys()]).toEqual([...first.roles.keys()])
  await cache.close()
  await log.close()
})

test('the server says so when it has made them', async () => {
  const server = await startTestServer()
  expect((await server.call('GET', '/readyz/poststarthook/rbac/bootstrap-roles')).body).toBe('ok')
  await server.close()
})
