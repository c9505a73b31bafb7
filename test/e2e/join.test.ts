import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClusterLab, type ClusterLab } from '../lab/cluster-lab.ts'
import { pod } from '../lab/objects.ts'
import { clusterUnavailable } from '../lab/up-lab.ts'

const unavailable = clusterUnavailable()

describe.skipIf(unavailable)(`machines that join${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let lab: ClusterLab
  beforeAll(async () => { lab = await createClusterLab({ nodes: 2 }) })
  afterAll(() => lab?.close())

  test('are Ready nodes at the address that reaches the server', async () => {
    const { items } = await lab.json('get nodes')
    const facts = items.map(({ metadata, status }: any) => [metadata.name, status.addresses.find(({ type }: any) => type === 'InternalIP').address, status.conditions.find(({ type }: any) => type === 'Ready').status])
    expect(facts).toEqual([['n1', '10.99.0.11', 'True'], ['n2', '10.99.0.12', 'True']])
  })

  test('run pods whose logs and insides can be seen through the server', async () => {
    await lab.apply(pod('there', { nodeName: 'n2' }, { command: ['sh', '-c', 'echo hello from there; exec sleep 100000'] }))
    await lab.kubectl('wait --for=condition=Ready pod/there --timeout=60s')
    await lab.eventually('the log', async () => (await lab.kubectl('logs there')).includes('hello from there'))
    expect(await lab.kubectl(['exec', 'there', '--', 'echo', 'inside'])).toBe('inside\n')
  })
})
