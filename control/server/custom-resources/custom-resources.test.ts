import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../host/clock.ts'
import { createMemoryLog } from '../../store/memory.ts'
import { createObjectStore } from '../../store/object-store.ts'
import { createWatchCache } from '../../store/watch-cache.ts'
import { startTestServer, take } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { change, definition, definitionsPath, establish, until } from './testing/definitions.ts'

let server: TestServer
beforeEach(async () => { server = await startTestServer() })
afterEach(() => server.close())

const widgets = '/apis/example.com/v1/namespaces/default/widgets'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const widget = (name: string, more: object = {}) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, ...more })
const call = (...asked: Parameters<TestServer['call']>) => server.call(...asked)
const typed = (type: string, more: object = {}) => ({ type: 'object', properties: { spec: { type: 'object', properties: { size: { type, ...more } } } } })

describe('a definition', () => {
  test('gets its defaults and conditions, and is served', async () => {
    const { spec, status, metadata } = await establish(server, definition({ names: { shortNames: ['wi'] } }))
    expect(spec).toMatchObject({ names: { singular: 'widget', listKind: 'WidgetList' }, conversion: { strategy: 'None' } })
    expect(status).toMatchObject({
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wi'] }, storedVersions: ['v1'],
      conditions: [{ type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' }, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }],
    })
    expect(metadata.generation).toBe(1)
    const { body } = await call('GET', '/apis/example.com/v1')
    expect(body.resources).toEqual([expect.objectContaining({ name: 'widgets', shortNames: ['wi'], kind: 'Widget', namespaced: true })])
    expect((await call('GET', '/openapi/v3/apis/example.com/v1')).body.components.schemas['com.example.v1.Widget']).toMatchObject({ 'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'Widget', version: 'v1' }] })
  })

  test('waits for names that another one has, until they are free', async () => {
    await establish(server, definition({ names: { shortNames: ['w'] } }))
    await call('POST', definitionsPath, definition({ plural: 'wares', kind: 'Widget', names: { shortNames: ['w'] } }))
    const conditions = await until(async () => {
      const { body } = await call('GET', `${definitionsPath}/wares.example.com`)
      expect(body.status.conditions).toHaveLength(2)
      return body.status.conditions
    })
    expect(conditions).toMatchObject([{ type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' }, { type: 'Established', status: 'False', reason: 'NotAccepted' }])
    expect((await call('GET', '/apis/example.com/v1/wares')).status).toBe(404)
    await call('DELETE', `${definitionsPath}/widgets.example.com`)
    await until(async () => expect((await call('GET', '/apis/example.com/v1/wares')).status).toBe(200))
  })

  test('takes its objects along, and can be made again', async () => {
    await establish(server, definition())
    await call('POST', widgets, widget('a'))
    await call('POST', widgets, { ...widget('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } })
    const watching = await server.raw('GET', `${widgets}?watch=true`)
    const seen = take(watching, 10)
    expect((await call('DELETE', `${definitionsPath}/widgets.example.com`)).body).toMatchObject({ metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] }, status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Terminating', reason: 'InstanceDeletionPending' })]) } })
    await until(async () => expect((await call('GET', widgets)).body.items).toHaveLength(1))
    expect((await call('POST', widgets, widget('late'))).body).toMatchObject({ code: 405, message: 'create not allowed while custom resource definition is terminating' })
    await call('PATCH', `${widgets}/held`, { metadata: { finalizers: null } }, merge)
    await until(async () => expect((await call('GET', `${definitionsPath}/widgets.example.com`)).status).toBe(404))
    expect((await seen).map(({ type }) => type).sort()).toEqual(['ADDED', 'ADDED', 'DELETED', 'DELETED', 'MODIFIED'])
    expect((await call('GET', widgets)).status).toBe(404)
    await establish(server, definition())
    expect((await call('GET', widgets)).body.items).toEqual([])
    expect((await call('POST', widgets, widget('a'))).status).toBe(201)
  })

  test('of a built-in group and version adds nothing to it', async () => {
    const annotations = { 'api-approved.kubernetes.io': 'unapproved, a test' }
    await establish(server, definition({ plural: 'ingresses', kind: 'Ingress', group: 'networking.k8s.io', metadata: { annotations } }))
    expect((await call('POST', '/apis/networking.k8s.io/v1/namespaces/default/ingresses', { metadata: { name: 'x' }, spec: {} })).status).toBe(422)
    await call('DELETE', `${definitionsPath}/ingresses.networking.k8s.io`)
    await until(async () => expect((await call('GET', `${definitionsPath}/ingresses.networking.k8s.io`)).status).toBe(404))
    expect((await call('GET', '/apis/networking.k8s.io/v1/ingresses')).status).toBe(200)
  })
})

describe('a change of the definition', () => {
  test('ends the watches of before and judges by the new schema, old objects too', async () => {
    await establish(server, definition({ schema: typed('integer') }))
    await call('POST', widgets, widget('old', { spec: { size: 7 } }))
    const watching = await server.raw('GET', `${widgets}?watch=true`)
    const ended = take(watching, 10)
    const stricter = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer', maximum: 5 }, color: { type: 'string', default: 'red' } } } } }
    await change(server, 'widgets.example.com', (crd) => { crd.spec.versions[0].schema.openAPIV3Schema = stricter }, async () => expect((await call('GET', `${widgets}/old`)).body.spec.color).toBe('red'))
    expect((await ended).map(({ type }) => type)).toEqual(['ADDED'])
    // What was wrong already and does not change is let pass.
    expect((await call('PATCH', `${widgets}/old`, { spec: { color: 'blue' } }, merge)).body).toMatchObject({ spec: { size: 7, color: 'blue' } })
    expect((await call('PATCH', `${widgets}/old`, { spec: { size: 8 } }, merge)).body.message).toBe('Widget.example.com "old" is invalid: spec.size: Invalid value: 8: spec.size in body should be less than or equal to 5')
    const [first] = await take(await server.raw('GET', `${widgets}?watch=true`), 1)
    expect(first?.object).toMatchObject({ spec: { color: 'blue' } })
  })

  test('of the version that is stored leaves objects readable in all of them', async () => {
    const v1 = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: typed('integer') } }
    const v2 = { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: typed('integer', { default: 1 }) } }
    await establish(server, definition({ versions: [v1, v2] }))
    await call('POST', widgets, widget('a', { spec: { size: 3 } }))
    const other = '/apis/example.com/v2/namespaces/default/widgets'
    expect((await call('GET', `${other}/a`)).body).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 3 } })
    await change(server, 'widgets.example.com', (crd) => { crd.spec.versions[0].storage = false; crd.spec.versions[1].storage = true }, async () => {
      expect((await call('GET', `${definitionsPath}/widgets.example.com`)).body.status.storedVersions).toEqual(['v1', 'v2'])
    })
    for (const [path, apiVersion] of [[widgets, 'example.com/v1'], [other, 'example.com/v2']] as const) {
      expect((await call('GET', `${path}/a`, undefined, { wire: true })).body).toMatchObject({ apiVersion, spec: { size: 3 } })
      expect((await call('GET', path, undefined, { wire: true })).body).toMatchObject({ apiVersion, kind: 'WidgetList', items: [{ apiVersion, spec: { size: 3 } }] })
      const events = await take(await server.raw('GET', `${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`), 2)
      expect(events).toMatchObject([{ type: 'ADDED', object: { apiVersion } }, { type: 'BOOKMARK', object: { apiVersion, kind: 'Widget' } }])
    }
    expect((await call('PATCH', `${widgets}/a`, { spec: { size: 4 } }, merge)).body).toMatchObject({ apiVersion: 'example.com/v1', metadata: { generation: 2 } })
    expect((await call('GET', `${other}/a`)).body).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 4 } })
  })

  test.each<[string, (crd: any) => void, RegExp]>([
    ['the scope', (crd) => { crd.spec.scope = 'Cluster' }, /spec.scope: Invalid value: "Cluster": field is immutable/],
    ['the kind', (crd) => { crd.spec.names.kind = 'Other' }, /spec.names.kind: Invalid value: "Other": field is immutable/],
    ['a stored version that goes', (crd) => { crd.spec.versions[0].name = 'v9' }, /status.storedVersions\[0\]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version/],
    ['unknown fields kept', (crd) => { crd.spec.preserveUnknownFields = true }, /spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields/],
  ])('is refused: %s', async (_, edit, message) => {
    const made = structuredClone(await establish(server, definition()))
    edit(made)
    expect((await call('PUT', `${definitionsPath}/widgets.example.com`, made)).body).toMatchObject({ code: 422, message: expect.stringMatching(message) })
  })
})

describe('objects', () => {
  test('count their generations, with and without a status of their own', async () => {
    await establish(server, definition())
    const plain = (await call('POST', widgets, widget('plain', { status: { a: 1 } }))).body
    expect(plain).toMatchObject({ status: { a: 1 }, metadata: { generation: 1 } })
    expect((await call('PATCH', `${widgets}/plain`, { status: { a: 2 } }, merge)).body).toMatchObject({ status: { a: 2 }, metadata: { generation: 2 } })
    expect((await call('PATCH', `${widgets}/plain`, { metadata: { labels: { a: 'b' } } }, merge)).body.metadata.generation).toBe(2)
    await establish(server, definition({ plural: 'gadgets', kind: 'Gadget', version: { subresources: { status: {} } } }))
    const gadgets = widgets.replace('widgets', 'gadgets')
    expect((await call('POST', gadgets, { metadata: { name: 'g' }, spec: { x: 1 }, status: { a: 1 } })).body.status).toBeUndefined()
    const { body } = await call('PATCH', `${gadgets}/g/status`, { status: { a: 1 }, spec: { x: 2 }, metadata: { labels: { l: 'm' } } }, merge)
    expect(body).toMatchObject({ spec: { x: 1 }, status: { a: 1 }, metadata: { generation: 1 } })
    expect(body.metadata.labels).toBeUndefined()
    expect((await call('PATCH', `${gadgets}/g`, { spec: { x: 3 }, status: { a: 9 } }, merge)).body).toMatchObject({ spec: { x: 3 }, status: { a: 1 }, metadata: { generation: 2 } })
  })

  test('are selected by the fields that may be', async () => {
    const schema = { type: 'object', properties: { spec: { type: 'object', properties: { color: { type: 'string' }, big: { type: 'boolean' } } } } }
    await establish(server, definition({ schema, version: { selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.big' }] } }))
    for (const [name, color] of [['a', 'red'], ['b', 'blue']]) await call('POST', widgets, widget(name!, { spec: { color, big: color === 'blue' } }))
    const names = async (selector: string) => (await call('GET', `${widgets}?fieldSelector=${selector}`)).body.items?.map((item: any) => item.metadata.name)
    expect(await names('spec.color=red')).toEqual(['a'])
    expect(await names('spec.color!=red,spec.big=true')).toEqual(['b'])
    expect((await call('GET', `${widgets}?fieldSelector=spec.size=1`)).body).toMatchObject({ code: 400, message: 'field label not supported: spec.size' })
    const watching = await server.raw('GET', `${widgets}?watch=true&fieldSelector=spec.color=red`)
    const events = take(watching, 3)
    await call('PATCH', `${widgets}/b`, { spec: { color: 'red' } }, merge)
    await call('PATCH', `${widgets}/a`, { spec: { color: 'blue' } }, merge)
    expect((await events).map(({ type, object }) => `${type} ${(object as any).metadata.name}`)).toEqual(['ADDED a', 'ADDED b', 'DELETED a'])
  })

  test('are told of doubled and unknown fields, in JSON and in YAML', async () => {
    await establish(server, definition({ schema: typed('string') }))
    const yaml = { headers: { 'content-type': 'application/yaml' }, wire: true }
    const text = 'metadata: {name: x}\nspec:\n  size: a\n  size: b\n  nope: 1\n'
    expect((await call('POST', `${widgets}?fieldValidation=Strict`, text, yaml)).body.message).toBe('Widget in version "v1" cannot be handled as a Widget: strict decoding error: yaml: unmarshal errors:\n  line 4: key "size" already set in map, unknown field "spec.nope"')
    const json = '{"metadata":{"name":"x"},"spec":{"size":"a","size":"b","nope":1}}'
    expect((await call('POST', `${widgets}?fieldValidation=Strict`, json, { wire: true })).body.message).toContain('strict decoding error: duplicate field "spec.size", unknown field "spec.nope"')
    const warned = await call('POST', widgets, json, { wire: true })
    expect(warned).toMatchObject({ status: 201, body: { spec: { size: 'b' } }, headers: { warning: '299 - "duplicate field \\"spec.size\\"", 299 - "unknown field \\"spec.nope\\""' } })
  })

  test('keep __proto__ as the data it is, where unknown fields are kept, and lose it elsewhere', async () => {
    await establish(server, definition({ schema: { type: 'object', properties: { free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, shut: { type: 'object', properties: { a: { type: 'string' } } } } } }))
    const text = '{"metadata":{"name":"p"},"free":{"__proto__":{"x":1},"constructor":2},"shut":{"__proto__":{"x":1},"a":"b"}}'
    const { body } = await call('POST', widgets, text, { wire: true })
    expect(JSON.stringify(body.free)).toBe('{"__proto__":{"x":1},"constructor":2}')
    expect(JSON.stringify(body.shut)).toBe('{"a":"b"}')
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  test('under patterns that would take for ever elsewhere are judged at once', async () => {
    await establish(server, definition({ schema: typed('string', { pattern: '^(a+)+$' }) }))
    expect((await call('POST', widgets, widget('x', { spec: { size: `${'a'.repeat(50_000)}b` } }))).status).toBe(422)
    expect((await call('POST', widgets, widget('y', { spec: { size: 'a'.repeat(50_000) } }))).status).toBe(201)
  })
})

test('what was defined is served again by the next server on the same store, from the start', async () => {
  const log = createMemoryLog()
  const cache = createWatchCache({ log, clock: systemClock })
  const store = createObjectStore({ log, cache })
  const first = await startTestServer({ store })
  await establish(first, definition())
  await first.call('POST', widgets, widget('a'))
  await first.close()
  const second = await startTestServer({ store })
  expect((await second.call('GET', widgets)).body.items).toHaveLength(1)
  expect((await second.call('POST', widgets, widget('b'))).status).toBe(201)
  await second.close()
  await cache.close()
  await log.close()
})
