import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../host/clock.ts'
import { createClusterPki } from '../../pki/cluster-pki.ts'
import { startTestServer, take } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { change, definition, definitionsPath, establish, until } from './testing/definitions.ts'

/*
 * Two versions that differ in more than their names: `spec.host: "a:1"` of v1 is `spec: {host: "a", port: 1}` of v2.
 */

type Answer = (review: any) => unknown

let server: TestServer
let hook: Server
let answer: Answer
let asked: any[] = []
let caBundle = ''
let url = ''

const v1 = '/apis/example.com/v1/namespaces/default/widgets'
const v2 = '/apis/example.com/v2/namespaces/default/widgets'
const schemas = {
  v1: { type: 'object', properties: { spec: { type: 'object', properties: { host: { type: 'string' } } } } },
  v2: { type: 'object', properties: { spec: { type: 'object', properties: { host: { type: 'string' }, port: { type: 'integer' } } } } },
}

function converted(object: any, apiVersion: string): unknown {
  const { host = '', port } = object.spec ?? {}
  const [name, number] = host.split(':')
  return { ...object, apiVersion, spec: apiVersion.endsWith('v2') ? { host: name, port: Number(number) } : { host: `${host}:${port}` } }
}

const good: Answer = ({ request }) => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview',
  response: { uid: request.uid, result: { status: 'Success' }, convertedObjects: request.objects.map((object: any) => converted(object, request.desiredAPIVersion)) },
})

beforeAll(async () => {
  const pki = await createClusterPki({ clock: systemClock })
  caBundle = Buffer.from(pki.ca.certificate).toString('base64')
  hook = createServer({ key: pki.apiserver.key, cert: pki.apiserver.certificate }, (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString())
      asked.push(review.request)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(review)))
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(hook.address() as AddressInfo).port}/convert`
  server = await startTestServer()
  await establish(server, withHook({ url, caBundle }))
})
afterAll(async () => {
  await server.close()
  await new Promise((resolve) => { hook.close(resolve); hook.closeAllConnections() })
})
beforeEach(() => {
  answer = good
  asked = []
})

const withHook = (clientConfig: object, more: object = {}) => definition({
  versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schemas.v1 } }, { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: schemas.v2 } }],
  spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1', 'v1beta1'] } } }, ...more,
})
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const create = (path: string, name: string, spec: object) => server.call('POST', path, { metadata: { name, labels: { of: name } }, spec })

describe('every verb speaks the version it is asked in', () => {
  test('create and get', async () => {
    expect((await create(v2, 'c', { host: 'a', port: 1 })).body).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'a', port: 1 } })
    expect((await server.call('GET', `${v1}/c`)).body).toMatchObject({ apiVersion: 'example.com/v1', spec: { host: 'a:1' }, metadata: { labels: { of: 'c' } } })
    expect((await server.call('GET', `${v2}/c`, undefined, { wire: true })).body).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'a', port: 1 } })
  })

  test('update, patch and delete', async () => {
    await create(v1, 'u', { host: 'a:1' })
    expect((await server.call('PATCH', `${v2}/u`, { spec: { port: 2 } }, merge)).body.spec).toEqual({ host: 'a', port: 2 })
    expect((await server.call('GET', `${v1}/u`)).body).toMatchObject({ spec: { host: 'a:2' }, metadata: { generation: 2 } })
    const { body } = await server.call('GET', `${v2}/u`)
    expect((await server.call('PUT', `${v2}/u`, { ...body, spec: { host: 'b', port: 3 } })).body.spec).toEqual({ host: 'b', port: 3 })
    expect((await server.call('PATCH', `${v2}/u`, 'apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: u}\nspec: {port: 4}', { headers: { 'content-type': 'application/apply-patch+yaml' } })).status).toBe(422)
    expect((await server.call('PATCH', `${v2}/u?fieldManager=me&force=true`, 'apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: u}\nspec: {port: 4}', { headers: { 'content-type': 'application/apply-patch+yaml' } })).body.spec).toEqual({ host: 'b', port: 4 })
    expect((await server.call('DELETE', `${v2}/u`)).status).toBe(200)
  })

  test('lists in one question, and does not ask again for what it knows', async () => {
    for (const name of ['l1', 'l2', 'l3']) await create(v1, name, { host: `${name}:1` })
    asked = []
    const { body } = await server.call('GET', `${v2}?labelSelector=of in (l1,l2,l3)`.replaceAll(' ', '%20'))
    expect(body.items.map((item: any) => item.spec)).toEqual([{ host: 'l1', port: 1 }, { host: 'l2', port: 1 }, { host: 'l3', port: 1 }])
    expect(asked).toEqual([expect.objectContaining({ desiredAPIVersion: 'example.com/v2', objects: [expect.anything(), expect.anything(), expect.anything()] })])
    await server.call('GET', `${v2}/l1`)
    expect(asked).toHaveLength(1)
  })

  test('watch', async () => {
    await create(v1, 'w', { host: 'w:1' })
    const watching = take(await server.raw('GET', `${v2}?watch=true&fieldSelector=metadata.name=w`), 2)
    await until(async () => expect(asked.length).toBeGreaterThan(0))
    await server.call('PATCH', `${v1}/w`, { spec: { host: 'w:2' } }, merge)
    expect(await watching).toMatchObject([{ type: 'ADDED', object: { apiVersion: 'example.com/v2', spec: { port: 1 } } }, { type: 'MODIFIED', object: { spec: { port: 2 } } }])
  })
})

describe('a webhook that', () => {
  const response = (change: (review: any, good: any) => void): Answer => (review) => {
    const made = structuredClone(good(review)) as any
    change(review, made)
    return made
  }
  test.each<[string, Answer, string]>([
    ['answers another question', response((_, made) => { made.response.uid = 'x' }), 'conversion webhook for example.com/v1, Kind=Widget failed: expected response.uid="<uid>", got "x"'],
    ['fails', response((_, made) => { made.response.result = { status: 'Failure', message: 'no way' } }), 'conversion webhook for example.com/v1, Kind=Widget failed: no way'],
    ['says nothing', () => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview' }), 'conversion webhook for example.com/v1, Kind=Widget failed: no response provided'],
    ['loses an object', response((_, made) => { made.response.convertedObjects = [] }), 'conversion webhook for example.com/v1, Kind=Widget returned 0 objects, expected 1'],
    ['takes another version', response((_, made) => { made.response.convertedObjects[0].apiVersion = 'example.com/v9' }), 'conversion webhook for example.com/v1, Kind=Widget returned invalid converted object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v9)'],
    ['changes the name', response((_, made) => { made.response.convertedObjects[0].metadata.name = 'b' }), 'conversion webhook for example.com/v1, Kind=Widget returned invalid converted object at index 0: must have the same name: bad != b'],
    ['makes a bad label', response((_, made) => { made.response.convertedObjects[0].metadata.labels = { a: 1 } }), 'conversion webhook for example.com/v1, Kind=Widget returned invalid metadata in object at index 0: metadata.labels[a] must be a string, but is number in converted object'],
    ['sends no review', () => 'text', 'conversion webhook for example.com/v1, Kind=Widget failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got , Kind='],
  ])('%s', async (_, wrong, message) => {
    await create(v1, 'bad', { host: 'a:1' })
    answer = wrong
    const { body } = await server.call('GET', `${v2}/bad`)
    expect(body).toMatchObject({ kind: 'Status', code: 500, message: message.replace('<uid>', asked.at(-1)?.uid) })
    expect((await server.call('GET', `${v1}/bad`)).status).toBe(200)
  })

  test('changes metadata may change labels and annotations alone', async () => {
    await create(v1, 'meta', { host: 'a:1' })
    answer = response((_, made) => { Object.assign(made.response.convertedObjects[0].metadata, { labels: { new: 'label' }, generation: 77, resourceVersion: '1', finalizers: ['a/b'] }) })
    const { metadata } = (await server.call('GET', `${v2}/meta`)).body
    expect(metadata).toMatchObject({ labels: { new: 'label' }, generation: 1 })
    expect(metadata.finalizers).toBeUndefined()
    expect(metadata.resourceVersion).not.toBe('1')
  })
})

test('fields of a version are selected by after conversion', async () => {
  const made = withHook({ url, caBundle }, { plural: 'doors', kind: 'Door' })
  made.spec.versions[1].selectableFields = [{ jsonPath: '.spec.port' }]
  await establish(server, made)
  const doors = (version: string) => `/apis/example.com/${version}/namespaces/default/doors`
  for (const port of [1, 2]) await server.call('POST', doors('v1'), { metadata: { name: `d${port}` }, spec: { host: `a:${port}` } })
  expect((await server.call('GET', `${doors('v2')}?fieldSelector=spec.port=2`)).body.items.map((item: any) => item.metadata.name)).toEqual(['d2'])
  const watching = take(await server.raw('GET', `${doors('v2')}?watch=true&fieldSelector=spec.port=2`), 3)
  await server.call('PATCH', `${doors('v1')}/d1`, { spec: { host: 'a:2' } }, merge)
  await server.call('PATCH', `${doors('v1')}/d2`, { spec: { host: 'a:3' } }, merge)
  expect((await watching).map(({ type, object }) => `${type} ${(object as any).metadata.name}`)).toEqual(['ADDED d2', 'ADDED d1', 'DELETED d2'])
})

test('a webhook that is not there is told by its address', async () => {
  await create(v1, 'gone', { host: 'a:1' })
  await change(server, 'widgets.example.com', (crd) => { crd.spec.conversion.webhook.clientConfig = { url: 'https://127.0.0.1:1/', caBundle } }, async () => {
    expect((await server.call('GET', `${v2}/gone`)).body.message).toMatch(/^conversion webhook for example.com\/v1, Kind=Widget failed: Post "https:\/\/127.0.0.1:1\/\?timeout=30s": .*127.0.0.1:1/)
  })
  await change(server, 'widgets.example.com', (crd) => { crd.spec.conversion.webhook.clientConfig = { service: { namespace: 'default', name: 'none' }, caBundle } }, async () => {
    expect((await server.call('GET', `${v2}/gone`)).body.message).toMatch(/Post "https:\/\/none.default.svc:443\/": service\/none in "default" is not present/)
  })
  await change(server, 'widgets.example.com', (crd) => { crd.spec.conversion.webhook.clientConfig = { url, caBundle } }, async () => {
    expect((await server.call('GET', `${v2}/gone`)).status).toBe(200)
  })
})

test('a broken CA bundle keeps a new definition from being served', async () => {
  const made = withHook({ url, caBundle: Buffer.from('no certificate').toString('base64') }, { plural: 'gadgets', kind: 'Gadget' })
  await server.call('POST', definitionsPath, made)
  await until(async () => expect((await server.call('GET', `${definitionsPath}/gadgets.example.com`)).body.status.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'False', reason: 'InvalidCABundle' })))
  expect((await server.call('GET', '/apis/example.com/v1/gadgets')).status).toBe(404)
})
