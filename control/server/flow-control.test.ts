import { expect, test, vi } from 'vitest'
import { startTestServer } from './testing/test-server.ts'

const root = '/apis/flowcontrol.apiserver.k8s.io/v1'

test('every cluster has its flow schemas and priority levels', async () => {
  const server = await startTestServer()
  const names = async (resource: string) => (await server.call('GET', `${root}/${resource}`)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  expect(await names('prioritylevelconfigurations')).toEqual(['catch-all', 'exempt', 'global-default', 'leader-election', 'node-high', 'system', 'workload-high', 'workload-low'])
  expect(await names('flowschemas')).toEqual([
    'catch-all', 'endpoint-controller', 'exempt', 'global-default', 'kube-controller-manager', 'kube-scheduler', 'kube-system-service-accounts', 'probes', 'service-accounts',
    'system-leader-election', 'system-node-high', 'system-nodes', 'workload-leader-election',
  ])
  const level = (await server.call('GET', `${root}/prioritylevelconfigurations/catch-all`)).body
  const refused = await server.call('PUT', `${root}/prioritylevelconfigurations/catch-all`, { ...level, spec: { ...level.spec, limited: { ...level.spec.limited, nominalConcurrencyShares: 7 } } })
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining("spec of 'catch-all' must equal the fixed value")])
  await server.close()
})

test('a flow schema says whether its priority level is there', async () => {
  const server = await startTestServer()
  const dangling = async (name: string) => (await server.call('GET', `${root}/flowschemas/${name}`)).body.status?.conditions?.find(({ type }: { type: string }) => type === 'Dangling')
  const text = 'This FlowSchema references the PriorityLevelConfiguration object named'
  expect(await dangling('exempt')).toMatchObject({ status: 'False', reason: 'Found', message: `${text} "exempt" and it exists`, lastTransitionTime: expect.any(String) })
  await server.call('POST', `${root}/flowschemas`, { metadata: { name: 'mine' }, spec: { priorityLevelConfiguration: { name: 'later' } } })
  await vi.waitFor(async () => expect(await dangling('mine')).toMatchObject({ status: 'True', reason: 'NotFound', message: `${text} "later" but there is no such object` }))
  await server.call('POST', `${root}/prioritylevelconfigurations`, { metadata: { name: 'later' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } })
  await vi.waitFor(async () => expect(await dangling('mine')).toMatchObject({ status: 'False', reason: 'Found' }))
  await server.close()
})
