import { expect, test } from 'vitest'
import { clusterRoles } from '../../../api/kinds/rbac-v1/roles.ts'
import type { ClusterRole } from '../../../api/types/rbac-v1.ts'
import { startBench } from '../testing/bench.ts'
import { gatherRules } from './gather-rules.ts'

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })
const role = (name: string, labels: Record<string, string>, ...resources: string[]): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, labels }, rules: resources.map(rule),
})
const gathers = (name: string, ...selectors: Record<string, string>[]) => ({ ...role(name, { to: 'all' }), aggregationRule: { clusterRoleSelectors: selectors.map((matchLabels) => ({ matchLabels })) } })

test('rules come in the order of selectors and names, each once, and never from the role itself', () => {
  const all = gathers('all', { to: 'view' }, { to: 'all' })
  const roles = [{ ...all, rules: [rule('own')] }, role('b', { to: 'view' }, 'pods', 'services'), role('a', { to: 'view' }, 'pods'), role('c', { to: 'all' }, 'nodes', 'pods'), role('d', {}, 'secrets')]
  expect(gatherRules(all, roles).map(({ resources }) => resources![0])).toEqual(['pods', 'services', 'nodes'])
})

test('view, edit and admin are filled, each with all that the one below has, and follow their parts', async () => {
  const bench = await startBench(['clusterrole-aggregation'])
  const resources = async (name: string) => (await bench.client.get(clusterRoles, { name })).rules?.flatMap((one) => one.resources ?? []) ?? []
  expect(await resources('view')).toContain('pods/log')
  expect(await resources('edit')).toEqual(expect.arrayContaining(['pods/log', 'pods/exec']))
  expect(await resources('admin')).toEqual(expect.arrayContaining(['pods/log', 'pods/exec', 'rolebindings']))
  expect(await resources('view')).not.toContain('secrets')
  await bench.client.create(clusterRoles, role('widgets', { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }, 'widgets'))
  await bench.eventually(async () => { for (const name of ['view', 'edit', 'admin']) expect(await resources(name)).toContain('widgets') })
  await bench.client.patch(clusterRoles, { name: 'widgets' }, { type: 'merge', patch: { metadata: { labels: null } } })
  await bench.eventually(async () => { for (const name of ['view', 'edit', 'admin']) expect(await resources(name)).not.toContain('widgets') })
})
