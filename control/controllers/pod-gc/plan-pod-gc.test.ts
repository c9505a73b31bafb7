import { expect, test } from 'vitest'
import { at, node, pod } from '../testing/objects.ts'
import { excessPods, isOutOfService } from './plan-pod-gc.ts'

const done = (name: string, created: number) => pod(name, { phase: 'Succeeded', meta: { creationTimestamp: at(created) } })
const evicted = (name: string) => { const it = done(name, 0); return { ...it, status: { ...it.status, phase: 'Failed', reason: 'Evicted' } } }
const names = (pods: ReturnType<typeof excessPods>) => pods.map(({ metadata }) => metadata.name)

test('beyond the threshold evicted pods go first, then the oldest', () => {
  const pods = [done('young', -1), done('old', -100), evicted('evicted'), done('middle', -50)]
  expect(names(excessPods(pods, 4))).toEqual([])
  expect(names(excessPods(pods, 2))).toEqual(['evicted', 'old'])
  expect(names(excessPods(pods, 0))).toEqual([])
})

test.each([['True', true, false], ['Unknown', true, true], ['Unknown', false, false]])('a node with Ready %s, tainted %s, is out of service: %s', (status, tainted, expected) => {
  const taints = tainted ? [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] : []
  expect(isOutOfService(node('n1', {}, { taints }, { conditions: [{ type: 'Ready', status }] }))).toBe(expected)
})
