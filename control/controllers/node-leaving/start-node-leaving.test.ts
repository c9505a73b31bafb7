import { expect, test } from 'vitest'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import { startBench } from '../testing/bench.ts'
import { markOf } from './start-node-leaving.ts'

test.each<[string, object, string | undefined]>([
  ['as it registered', { metadata: { labels: { 'kubernetes.io/hostname': 'n1' } }, spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } }, undefined],
  ['with a taint', { metadata: {}, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }, 'taint gpu'],
  ['cordoned', { metadata: {}, spec: { unschedulable: true } }, 'it is unschedulable'],
  ['with a restricted label', { metadata: { labels: { 'node-restriction.kubernetes.io/zone': 'a' } } }, 'label node-restriction.kubernetes.io/zone'],
])('what people have put on a node %s', (_, node, kept) => { expect(markOf(node as Node)).toBe(kept) })

test('a node that leaves goes, unless people have marked it', async () => {
  const bench = await startBench(['nodeleaving'])
  const annotations = { 'k8ts.io/leaving': 'true' }
  await bench.client.create(nodes, { metadata: { name: 'stays' } })
  await bench.client.create(nodes, { metadata: { name: 'goes', annotations } })
  await bench.client.create(nodes, { metadata: { name: 'marked', annotations }, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } })
  await bench.clock.settle()
  const names = async () => (await bench.client.list(nodes)).items.map(({ metadata }) => metadata.name).sort()
  expect(await names()).toEqual(['marked', 'stays'])
  await bench.client.patch(nodes, { name: 'marked' }, { type: 'merge', patch: { spec: { taints: null } } })
  await bench.clock.settle()
  expect(await names()).toEqual(['stays'])
})
