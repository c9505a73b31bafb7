import { expect, test } from 'vitest'
import { componentStatuses } from '../../../api/kinds/core-v1/component-status.ts'
import { startCluster } from '../../../cli/embed/start-cluster.ts'

test('componentstatuses say how the parts of the control plane are now', async () => {
  await using cluster = await startCluster()
  const health = async () => Object.fromEntries((await cluster.client.list(componentStatuses, {})).items.map(({ metadata, conditions }) => [metadata.name, [conditions![0]!.status, conditions![0]!.message ?? conditions![0]!.error]]))
  expect(await health()).toEqual({ 'controller-manager': ['True', 'ok'], 'etcd-0': ['True', 'ok'], scheduler: ['True', 'ok'] })
  await cluster.scheduler.stop()
  expect(await health()).toMatchObject({ scheduler: ['False', 'the scheduler does not run'] })
  expect(await cluster.client.get(componentStatuses, { name: 'etcd-0' })).toMatchObject({ kind: 'ComponentStatus', conditions: [{ type: 'Healthy', status: 'True' }] })
  await expect(cluster.client.get(componentStatuses, { name: 'nobody' })).rejects.toThrow('Component not found: nobody')
})
