import { expect, test } from 'vitest'
import { deployments } from '../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../api/kinds/apps-v1/replica-set.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { controllers, findController } from './all.ts'
import { startBench } from './testing/bench.ts'
import { webDeployment } from './testing/manifests.ts'

test('every controller is found by its name, with and without suffix, and by its alias', () => {
  for (const { name, alias } of controllers) for (const asked of [name, name.replace(/-controller$/, ''), alias]) expect(findController(asked).name).toBe(name)
  expect(() => findController('nonsense')).toThrow(/There is no controller "nonsense"; there are serviceaccount, /)
  const names = controllers.flatMap(({ name, alias }) => [name, alias])
  expect(new Set(names).size).toBe(names.length)
})

test('controllers can be stopped and started again while the others go on', async () => {
  const bench = await startBench(['deployment', 'replicaset'])
  const count = () => bench.informers.of(pods).list().length
  await bench.controllers.stop('replicaset')
  expect(bench.controllers.running).toEqual(['deployment-controller'])
  await bench.client.create(deployments, webDeployment(3))
  await bench.clock.settle()
  expect(bench.informers.of(replicaSets).list()).toHaveLength(1)
  expect(count()).toBe(0)
  bench.controllers.start('replicaset-controller')
  bench.controllers.start('replicaset')
  await bench.clock.settle()
  expect(count()).toBe(3)
  await bench.controllers.stopAll()
  expect(bench.controllers.running).toEqual([])
})

test('all of them together come to rest', async () => {
  const bench = await startBench(controllers.map(({ name }) => name), { rootCA: 'PEM' })
  await bench.client.create(deployments, webDeployment(2))
  // Nobody runs the pods: the rollout's deadline passes, and that is the last there is to say.
  await bench.clock.advance('11m')
  bench.writes.length = 0
  await bench.clock.advance('1h')
  expect(bench.writes).toEqual([])
})
