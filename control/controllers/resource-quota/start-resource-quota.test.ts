import { describe, expect, test } from 'vitest'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { resourceQuotas } from '../../../api/kinds/core-v1/resource-quota.ts'
import { startBench } from '../testing/bench.ts'
import type { Bench } from '../testing/bench.ts'

const namespace = 'default'
const pod = (name: string, cpu = '1') => ({ metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu } } }] } }) as never
const quota = async ({ client }: Bench, hard: Record<string, string>, spec: object = {}) => { await client.create(resourceQuotas, { metadata: { name: 'q', namespace }, spec: { hard, ...spec } } as never) }
const statusOf = async ({ client }: Bench) => (await client.get(resourceQuotas, { namespace, name: 'q' })).status
const becomes = (bench: Bench, used: object) => bench.eventually(async () => { expect((await statusOf(bench))?.used).toEqual(used) })

describe('the status of a quota', () => {
  test('counts what there is, also what was there before', async () => {
    const bench = await startBench(['resourcequota'])
    await bench.client.create(pods, pod('a'))
    await quota(bench, { pods: '2', 'requests.cpu': '4', 'count/configmaps': '5', secrets: '3' })
    await becomes(bench, { pods: '1', 'requests.cpu': '1', 'count/configmaps': '0', secrets: '0' })
    expect((await statusOf(bench))?.hard).toEqual({ pods: '2', 'requests.cpu': '4', 'count/configmaps': '5', secrets: '3' })
  })

  test('is charged by creations and credited by deletions', async () => {
    const bench = await startBench(['resourcequota'])
    await quota(bench, { pods: '1' })
    await becomes(bench, { pods: '0' })
    await bench.client.create(pods, pod('a'))
    expect((await statusOf(bench))?.used).toEqual({ pods: '1' })
    await expect(bench.client.create(pods, pod('b'))).rejects.toThrow('pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1')
    await bench.client.delete(pods, { namespace, name: 'a' }, { gracePeriodSeconds: 0 })
    await becomes(bench, { pods: '0' })
    await bench.client.create(pods, pod('b'))
  })

  test('lets finished pods off', async () => {
    const bench = await startBench(['resourcequota'])
    await quota(bench, { pods: '5', 'count/pods': '5' })
    await becomes(bench, { pods: '0', 'count/pods': '0' })
    const made = await bench.client.create(pods, pod('a'))
    await bench.client.updateStatus(pods, { ...made, status: { ...made.status, phase: 'Succeeded' } })
    await becomes(bench, { pods: '0', 'count/pods': '1' })
  })

  test('is put right where a charge came to nothing', async () => {
    const bench = await startBench(['resourcequota'])
    await quota(bench, { configmaps: '5' })
    await becomes(bench, { configmaps: '0' })
    await bench.client.create(configMaps, { metadata: { name: 'a', namespace } })
    await expect(bench.client.create(configMaps, { metadata: { name: 'a', namespace } })).rejects.toThrow('already exists')
    expect((await statusOf(bench))?.used).toEqual({ configmaps: '2' })
    await becomes(bench, { configmaps: '1' })
  })

  test('follows its spec', async () => {
    const bench = await startBench(['resourcequota'])
    await quota(bench, { pods: '1' })
    await becomes(bench, { pods: '0' })
    await bench.client.patch(resourceQuotas, { namespace, name: 'q' }, { type: 'merge', patch: { spec: { hard: { pods: null, secrets: '2' } } } })
    await becomes(bench, { secrets: '0' })
  })
})
