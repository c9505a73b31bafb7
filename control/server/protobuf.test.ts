import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeMessage, openEnvelope } from '../../api/protobuf/decode.ts'
import { opt, list, string, struct, bytes } from '../../api/schema/schema.ts'
import { Scale } from '../../api/types/autoscaling-v1.ts'
import { Pod } from '../../api/types/core-v1/pod.ts'
import { ListMeta } from '../../api/types/meta-v1/meta.ts'
import { Status } from '../../api/types/meta-v1/status.ts'
import { PartialObjectMetadata } from '../../api/types/meta-v1/table.ts'
import { configMap, pod, startTestServer } from './testing/test-server.ts'
import type { TestServer } from './testing/test-server.ts'

const type = 'application/vnd.kubernetes.protobuf'
const PodList = struct('core/v1.PodList', { metadata: opt(1, ListMeta), items: opt(2, list(Pod)) })
const WatchEvent = struct('meta/v1.WatchEvent', { type: opt(1, string), object: opt(2, struct('runtime.RawExtension', { raw: opt(1, bytes) })) })
const Partials = struct('meta/v1.PartialObjectMetadataList', { metadata: opt(1, ListMeta), items: opt(2, list(PartialObjectMetadata)) })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await server.call('POST', '/api/v1/namespaces/default/pods', pod('web', { labels: { app: 'web' } }))
})
afterAll(() => server.close())

/** Asks over the wire and takes the answer out of its envelope. */
async function ask(method: 'GET' | 'POST', path: string, body?: unknown, accept = `${type},application/json`) {
  const response = await server.raw(method, path, body, { wire: true, headers: { accept } })
  if (response.body.kind !== 'bytes') throw new TypeError(response.body.kind)
  return { status: response.status, type: response.headers['content-type'], bytes: response.body.bytes, ...(response.headers['content-type'] === type && openEnvelope(response.body.bytes)) }
}

test('an object', async () => {
  const answer = await ask('GET', '/api/v1/namespaces/default/pods/web')
  expect(answer).toMatchObject({ status: 200, type, apiVersion: 'v1', kind: 'Pod' })
  expect(decodeMessage(Pod, answer.raw!)).toMatchObject({ metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } })
})

test('what was just made', async () => {
  const answer = await ask('POST', '/api/v1/namespaces/default/pods', pod('new'))
  expect(answer).toMatchObject({ status: 201, kind: 'Pod' })
  expect(decodeMessage(Pod, answer.raw!)).toMatchObject({ status: { phase: 'Pending' } })
})

test('a list', async () => {
  const answer = await ask('GET', '/api/v1/namespaces/default/pods?labelSelector=app%3Dweb')
  expect(answer).toMatchObject({ status: 200, apiVersion: 'v1', kind: 'PodList' })
  const read = decodeMessage(PodList, answer.raw!) as { metadata: object; items: { metadata: { name: string } }[] }
  expect(read.items.map(({ metadata }) => metadata.name)).toEqual(['web'])
  expect(read.metadata).toMatchObject({ resourceVersion: expect.stringMatching(/^\d+$/) })
})

test('an error', async () => {
  const answer = await ask('GET', '/api/v1/namespaces/default/pods/none')
  expect(answer).toMatchObject({ status: 404, kind: 'Status', apiVersion: 'v1' })
  expect(decodeMessage(Status, answer.raw!)).toMatchObject({ status: 'Failure', reason: 'NotFound', code: 404, details: { kind: 'pods', name: 'none' } })
})

test('metadata alone', async () => {
  const answer = await ask('GET', '/api/v1/pods?labelSelector=app%3Dweb', undefined, `${type};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`)
  expect(answer).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
  expect(decodeMessage(Partials, answer.raw!)).toMatchObject({ items: [{ metadata: { name: 'web' } }] })
})

test('a view: scale', async () => {
  const template = { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'd' }, spec: { replicas: 2, selector: { matchLabels: { app: 'd' } }, template } })
  const answer = await ask('GET', '/apis/apps/v1/namespaces/default/deployments/d/scale')
  expect(answer).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1' })
  expect(decodeMessage(Scale, answer.raw!)).toMatchObject({ spec: { replicas: 2 }, status: { selector: 'app=d' } })
})

test('tables stay JSON, as the client must expect', async () => {
  expect(await ask('GET', '/api/v1/pods', undefined, `${type};as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1`)).toMatchObject({ type: 'application/json' })
  expect(await ask('GET', '/api/v1/pods', undefined, `${type};as=Table;g=meta.k8s.io;v=v1`)).toMatchObject({ status: 406 })
})

test('discovery', async () => {
  expect(await ask('GET', '/api/v1')).toMatchObject({ kind: 'APIResourceList', apiVersion: 'v1' })
  expect(await ask('GET', '/apis')).toMatchObject({ kind: 'APIGroupList' })
})

test('a watch: length, then an event without an envelope whose object has one; shared by watchers', async () => {
  const stop = new AbortController()
  const watch = async () => {
    const response = await server.raw('GET', '/api/v1/pods?watch=1&fieldSelector=metadata.name%3Dweb', undefined, { wire: true, headers: { accept: type }, signal: stop.signal })
    expect(response.headers['content-type']).toBe(`${type};stream=watch`)
    if (response.body.kind !== 'watch') throw new TypeError(response.body.kind)
    return response.body.events[Symbol.asyncIterator]()
  }
  const [one, other] = [await watch(), await watch()]
  await Promise.all([one.next(), other.next()])
  await server.call('PATCH', '/api/v1/namespaces/default/pods/web', { metadata: { annotations: { a: 'b' } } }, { headers: { 'content-type': 'application/merge-patch+json' } })
  const [first, second] = [(await one.next()).value!.bytes(), (await other.next()).value!.bytes()]
  stop.abort()
  expect(second).toBe(first)
  const frame = Buffer.from(first)
  expect(frame.readUInt32BE()).toBe(frame.length - 4)
  const event = decodeMessage(WatchEvent, frame.subarray(4)) as { type: string; object: { raw: string } }
  const object = openEnvelope(Buffer.from(event.object.raw, 'base64'))
  expect([event.type, object.apiVersion, object.kind]).toEqual(['MODIFIED', 'v1', 'Pod'])
  expect(decodeMessage(Pod, object.raw)).toMatchObject({ metadata: { name: 'web', annotations: { a: 'b' } } })
})

test('in process nothing is encoded', async () => {
  expect((await server.raw('GET', '/api/v1/namespaces/default/pods/web', undefined, { headers: { accept: type } })).body.kind).toBe('value')
})

test('a list in JSON names the kind once; the rest of the items is untouched', async () => {
  await server.call('POST', '/api/v1/namespaces/default/configmaps', configMap('metadata', { metadata: '{"a":1}' }))
  const { items, kind } = JSON.parse(Buffer.from((await ask('GET', '/api/v1/namespaces/default/configmaps', undefined, 'application/json')).bytes).toString())
  expect(kind).toBe('ConfigMapList')
  expect(items).toEqual([expect.objectContaining({ data: { metadata: '{"a":1}' } })])
  expect(Object.keys(items[0])).not.toContain('kind')
})
