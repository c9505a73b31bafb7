import { afterAll, beforeAll, expect, test } from 'vitest'
import { pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
const namespace = '/api/v1/namespaces/default'
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'

beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', `${namespace}/serviceaccounts`, { metadata: { name: 'default' } })
})
afterAll(() => server.close())

/** A pod that runs, ready or not, under a label of its own. */
async function running(name: string, ready = true): Promise<void> {
  expect(await server.call('POST', `${namespace}/pods`, pod(name, { labels: { app: name } }))).toMatchObject({ status: 201 })
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }
  expect(await server.call('PATCH', `${namespace}/pods/${name}/status`, { status }, { headers: { 'content-type': 'application/merge-patch+json' } })).toMatchObject({ status: 200 })
}

async function budget(name: string, app: string, status: object, spec: object = {}): Promise<void> {
  const made = await server.call('POST', budgets, { metadata: { name }, spec: { minAvailable: 1, selector: { matchLabels: { app } }, ...spec } })
  expect(made).toMatchObject({ status: 201 })
  const full = { ...made.body, status: { observedGeneration: made.body.metadata.generation ?? 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0, ...status } }
  expect(await server.call('PUT', `${budgets}/${name}/status`, full)).toMatchObject({ status: 200 })
}

const evict = (name: string, more: object = {}, query = '') =>
  server.call('POST', `${namespace}/pods/${name}/eviction${query}`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, ...more })
const exists = async (name: string) => (await server.call('GET', `${namespace}/pods/${name}`)).status === 200

test('without a budget the pod goes', async () => {
  await running('free')
  expect(await evict('free', { apiVersion: 'policy/v1beta1', deleteOptions: { gracePeriodSeconds: 0 } })).toMatchObject({ status: 201, body: { kind: 'Status', status: 'Success' } })
  expect(await exists('free')).toBe(false)
})

test('a budget that allows none refuses with its reason', async () => {
  await running('kept')
  await budget('kept', 'kept', {})
  expect(await evict('kept')).toMatchObject({
    status: 429, body: {
      reason: 'TooManyRequests', message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget kept needs 1 healthy pods and has 1 currently' }] },
    },
  })
  expect(await exists('kept')).toBe(true)
})

test('a budget that allows one is taken from, and the pod says why it goes', async () => {
  await running('one')
  await budget('one', 'one', { disruptionsAllowed: 1 })
  expect((await evict('one', {}, '?dryRun=All')).status).toBe(201)
  expect((await server.call('GET', `${budgets}/one`)).body.status.disruptionsAllowed).toBe(1)
  await server.call('PATCH', `${namespace}/pods/one`, { metadata: { finalizers: ['test/hold'] } }, { headers: { 'content-type': 'application/merge-patch+json' } })
  expect((await evict('one', { deleteOptions: { gracePeriodSeconds: 0 } })).status).toBe(201)
  expect((await server.call('GET', `${budgets}/one`)).body.status).toMatchObject({
    disruptionsAllowed: 0, disruptedPods: { one: expect.any(String) }, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
  })
  expect((await server.call('GET', `${namespace}/pods/one`)).body).toMatchObject({
    metadata: { deletionTimestamp: expect.any(String) }, status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' })]) },
  })
})

test('a budget its controller has not seen yet is asked again later', async () => {
  await running('early')
  await server.call('POST', budgets, { metadata: { name: 'early' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'early' } } } })
  const answer = await evict('early')
  expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '10' }, body: { details: { retryAfterSeconds: 10, causes: [{ message: 'The disruption budget early is still being processed by the server.' }] } } })
})

test('two budgets for one pod are one too many', async () => {
  await running('torn')
  await budget('torn-a', 'torn', { disruptionsAllowed: 1 })
  await budget('torn-b', 'torn', { disruptionsAllowed: 1 })
  expect(await evict('torn')).toMatchObject({ status: 500, body: { message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' } })
})

test.each([
  ['IfHealthyBudget', { currentHealthy: 1, desiredHealthy: 1 }, 201],
  ['IfHealthyBudget', { currentHealthy: 0, desiredHealthy: 1 }, 429],
  ['AlwaysAllow', { currentHealthy: 0, desiredHealthy: 1 }, 201],
])('a pod that is not ready, under %s with %j: %i', async (unhealthyPodEvictionPolicy, status, expected) => {
  const name = `ill-${unhealthyPodEvictionPolicy.toLowerCase()}-${expected}`
  await running(name, false)
  await budget(name, name, status, { unhealthyPodEvictionPolicy })
  expect((await evict(name)).status).toBe(expected)
})

test('a pod that never ran, or is not there, or not the one that is meant', async () => {
  await server.call('POST', `${namespace}/pods`, pod('pending', { labels: { app: 'pending' } }))
  await budget('pending', 'pending', {})
  expect((await evict('pending', { deleteOptions: { preconditions: { uid: 'other' } } })).status).toBe(409)
  expect((await evict('pending', { deleteOptions: { preconditions: { resourceVersion: '1' } } })).status).toBe(409)
  expect((await evict('pending', { deleteOptions: { gracePeriodSeconds: 0 } })).status).toBe(201)
  expect((await evict('pending')).status).toBe(404)
  expect((await evict('a', { metadata: { name: 'b' } })).status).toBe(400)
})
