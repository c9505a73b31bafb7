import { expect, test } from 'vitest'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { Tools } from '../tools.ts'
import { podResizeValidator } from './pod-resize-validator.ts'

const node = (labels: object) => ({ metadata: { name: 'n', labels }, status: { allocatable: { cpu: '2', memory: '1Gi' } } })
const pod = (cpu: string, memory: string, nodeName?: string) => ({ metadata: { name: 'p' }, spec: { ...(nodeName && { nodeName }), containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] } }) as never

test.each<[string, object | undefined, never, string | undefined]>([
  ['that fits', node({ 'kubernetes.io/os': 'linux' }), pod('2', '1Gi', 'n'), undefined],
  ['beyond its node', node({ 'kubernetes.io/os': 'linux' }), pod('2500m', '2Gi', 'n'), 'pods "p" is forbidden: Node didn\'t have enough allocatable resources: cpu, requested: 2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824'],
  ['on another system', node({ 'kubernetes.io/os': 'windows' }), pod('2', '1Gi', 'n'), 'pods "p" is forbidden: pod resize is only supported on linux nodes, node "n" is "windows"'],
  ['on a node that is gone', undefined, pod('2', '1Gi', 'n'), 'pods "p" is forbidden: node "n" not found'],
  ['before it has a node', undefined, pod('9', '1Gi'), undefined],
  ['that changes nothing', undefined, pod('1', '1Mi', 'n'), undefined],
])('a resize %s', async (_, there, object, refusal) => {
  const cache = { ready: async () => {}, peek: () => there && { object: there } }
  const tools = { resources: { cache: () => cache, key: () => 'n' } } as unknown as Tools
  const run = async () => podResizeValidator.validate!({ operation: 'update', kind: pods, subresource: 'resize', namespace: 'x', name: 'p', object, old: pod('1', '1Mi', 'n'), user: { name: 'u', groups: [] }, dryRun: false }, tools)
  if (refusal) await expect(run()).rejects.toThrow(refusal)
  else await run()
})
