import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemMaster } from '../../../api/transport.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { configMap, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/* What admission is told of a write beside the object, and what it may do to the owners. */

let server: TestServer
let seen: AdmissionRequest[] = []
let meddle: ((object: any) => void) | undefined
const patcher = { name: 'patcher', groups: [] }

beforeAll(async () => {
  server = await startTestServer({
    admission: [{
      name: 'witness',
      admit(request) {
        if (request.namespace !== 'room') return
        seen.push(request)
        if (request.object) meddle?.(request.object)
      },
    }],
    authorizer: { authorize: ({ user, verb }) => ({ verdict: user.name === systemMaster.name || verb === 'patch' || verb === 'update' ? 'allow' : 'noOpinion' }) },
  })
})
afterAll(() => server.close())
beforeEach(() => {
  seen = []
  meddle = undefined
})

const configMaps = '/api/v1/namespaces/room/configmaps'
const deployments = '/apis/apps/v1/namespaces/room/deployments'
const options = (kind: string, more: object = {}) => ({ kind, apiVersion: 'meta.k8s.io/v1', ...more })
const send = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, type = 'application/json', wire = false) => server.call(method, path, body, { headers: { 'content-type': type, 'user-agent': 'tool' }, wire })
const merge = 'application/merge-patch+json', apply = 'application/apply-patch+yaml'

describe('the options', () => {
  test.each([
    ['a creation', () => send('POST', `${configMaps}?fieldManager=me&fieldValidation=Strict`, configMap('a')), 'create', options('CreateOptions', { fieldManager: 'me', fieldValidation: 'Strict' })],
    ['an update', () => send('PUT', `${configMaps}/a?dryRun=All`, configMap('a', { b: 'c' })), 'update', options('UpdateOptions', { dryRun: ['All'] })],
    ['a patch is an update', () => send('PATCH', `${configMaps}/a?fieldManager=me`, { data: { b: 'c' } }, merge), 'update', options('UpdateOptions', { fieldManager: 'me' })],
    ['an apply to what is there too', () => send('PATCH', `${configMaps}/a?fieldManager=me&force=true`, configMap('a', { b: 'd' }), apply), 'update', options('UpdateOptions', { fieldManager: 'me' })],
    ['an apply that creates', () => send('PATCH', `${configMaps}/new?fieldManager=me`, configMap('new'), apply), 'create', options('CreateOptions', { fieldManager: 'me' })],
    ['a deletion', () => send('DELETE', `${configMaps}/a`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }), 'delete', options('DeleteOptions', { propagationPolicy: 'Background' })],
    ['a deletion of many', () => send('DELETE', configMaps), 'delete', options('DeleteOptions')],
  ] as const)('of %s', async (_, write, operation, told) => {
    await write()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ operation, options: told })
  })
})

test('a scale is shown as a Scale, and can be changed', async () => {
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } } }
  await send('POST', deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec })
  seen = []
  meddle = (object) => { object.spec.replicas = 2 }
  expect((await send('PATCH', `${deployments}/d/scale`, { spec: { replicas: 9 } }, merge)).body.spec.replicas).toBe(2)
  expect(seen[0]).toMatchObject({ subresource: 'scale', object: { kind: 'Scale', apiVersion: 'autoscaling/v1' }, old: { kind: 'Scale', spec: { replicas: 1 } } })
})

test('owners that a plugin breaks come back, and the user is warned', async () => {
  meddle = (object) => { object.metadata.managedFields = [{ manager: 'x', operation: 'Nothing' }] }
  const { body, headers } = await send('POST', configMaps, configMap('w', { a: 'b' }), 'application/json', true)
  expect(body.metadata.managedFields).toMatchObject([{ manager: 'tool', fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } }])
  expect(headers['warning']).toContain('.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: operation must be `Apply` or `Update`')
})

test('who may patch may not for that create', async () => {
  const asked = (method: 'PATCH' | 'PUT', path: string, body: unknown, type: string) => server.call(method, path, body, { user: patcher, headers: { 'content-type': type } })
  expect((await asked('PATCH', `${configMaps}/none?fieldManager=me`, configMap('none'), apply)).body).toMatchObject({
    code: 403, message: 'configmaps "none" is forbidden: User "patcher" cannot create resource "configmaps" in API group "" in the namespace "room"',
  })
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} }
  expect((await asked('PUT', '/apis/coordination.k8s.io/v1/namespaces/room/leases/l', lease, 'application/json')).body.code).toBe(403)
  await send('POST', configMaps, configMap('there'))
  expect((await asked('PATCH', `${configMaps}/there?fieldManager=me`, configMap('there', { a: 'b' }), apply)).status).toBe(200)
})
