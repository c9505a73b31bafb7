import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer({ serviceCIDRs: ['10.96.0.0/30'] }) })
afterAll(() => server.close())

const path = '/api/v1/namespaces/default/services', ranges = '/apis/networking.k8s.io/v1/servicecidrs'
const create = async (name: string, spec: object = {}) => (await server.call('POST', path, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })).body
const range = (name: string, ...cidrs: string[]) => server.call('POST', ranges, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } })

test('a ServiceCIDR is one more range, as long as it is there and ready', async () => {
  expect((await create('first')).spec.clusterIP).toBe('10.96.0.2')
  expect(await create('full')).toMatchObject({ code: 500, message: expect.stringContaining('range is full') })
  expect(await create('full', { clusterIP: '10.97.0.5' })).toMatchObject({ code: 422, message: expect.stringContaining('the provided network does not match the current range') })

  await range('more', '10.97.0.0/28')
  expect((await create('asked', { clusterIP: '10.97.0.5' })).spec.clusterIP).toBe('10.97.0.5')
  expect((await create('drawn')).spec.clusterIP).toMatch(/^10\.97\.0\.\d+$/)
  // Where ranges overlap an address is held in all.
  await range('wider', '10.97.0.0/24')
  expect(await create('again', { clusterIP: '10.97.0.5' })).toMatchObject({ code: 422, message: expect.stringContaining('provided IP is already allocated') })
  // A family that the server was not started with is none of the cluster's, whatever ranges there are.
  await range('other', 'fd00:97::/112')
  expect(await create('six', { ipFamilies: ['IPv6'] })).toMatchObject({ code: 422, message: expect.stringContaining('not configured on this cluster') })

  await server.call('PATCH', `${ranges}/wider/status`, { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Terminating', message: '', lastTransitionTime: '2026-11-29T00:00:00Z' }] } }, { headers: { 'content-type': 'application/merge-patch+json' } })
  await server.call('DELETE', `${ranges}/more`)
  expect(await create('late', { clusterIP: '10.97.0.6' })).toMatchObject({ code: 422, message: expect.stringContaining('the provided network does not match the current range') })
  expect(await create('late')).toMatchObject({ code: 500, message: expect.stringContaining('range is full') })
  // What is held is kept, also through updates.
  expect((await server.call('PATCH', `${path}/asked`, { metadata: { labels: { a: 'b' } } }, { headers: { 'content-type': 'application/merge-patch+json' } })).body.spec.clusterIP).toBe('10.97.0.5')
  await server.call('DELETE', `${path}/first`)
  expect((await create('late')).spec.clusterIP).toBe('10.96.0.2')
})

test('a range too large is told in the log and left out', async () => {
  expect((await range('huge', 'fd00::/8')).status).toBe(201)
  expect((await server.call('GET', `${ranges}/huge`)).body.spec.cidrs).toEqual(['fd00::/8'])
})
