import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kindsOf } from '../../../api/crd/kinds-of.ts'
import { builtinKinds } from '../../../api/kinds/registry.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/* Ownership where types come at run time, and where one object has several versions. */

const definition: any = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [{
      name: 'v1', served: true, storage: true, subresources: { status: {}, scale: { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' } },
      schema: { openAPIV3Schema: { type: 'object', properties: {
        spec: { type: 'object', properties: {
          count: { type: 'integer' }, color: { type: 'string', default: 'red' }, tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          parts: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        } },
        status: { type: 'object', properties: { count: { type: 'integer' }, note: { type: 'string' } } },
      } } },
    }],
  },
  status: { acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' } },
}

let server: TestServer
beforeAll(async () => { server = await startTestServer({ kinds: [...builtinKinds, ...kindsOf(definition, { ends: new AbortController().signal })] }) })
afterAll(() => server.close())

const widgets = '/apis/example.com/v1/namespaces/default/widgets'
const deployments = (version: string) => `/apis/${version}/namespaces/default/deployments`
const widget = (name: string, spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec })
const patch = (path: string, type: string, body: unknown, agent = 'tool') => server.call('PATCH', path, body, { headers: { 'content-type': type, 'user-agent': agent } })
const apply = (path: string, manager: string, body: unknown, query = '') => patch(`${path}?fieldManager=${manager}${query}`, 'application/apply-patch+yaml', body)
const owners = (object: any): Record<string, object> =>
  Object.fromEntries((object.metadata.managedFields ?? []).map((entry: any) => [[entry.manager, entry.operation, entry.apiVersion, ...(entry.subresource ? [entry.subresource] : [])].join(' '), entry.fieldsV1]))

describe('a custom resource', () => {
  test('is created by apply, its lists merge by what the definition says', async () => {
    const made = await apply(`${widgets}/w1`, 'me', widget('w1', { tags: ['a', 'b'], parts: [{ name: 'x', size: 1 }], any: { deep: { er: 1 } } }))
    expect(made).toMatchObject({ status: 201, body: { spec: { color: 'red' } } })
    expect(owners(made.body)).toEqual({ 'me Apply example.com/v1': { 'f:spec': {
      'f:any': { 'f:deep': { '.': {}, 'f:er': {} } }, 'f:parts': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:size': {} } }, 'f:tags': { 'v:"a"': {}, 'v:"b"': {} },
    } } })
    await apply(`${widgets}/w1`, 'you', widget('w1', { tags: ['c'], parts: [{ name: 'y' }] }))
    const { body } = await apply(`${widgets}/w1`, 'me', widget('w1', { tags: ['b'], parts: [{ name: 'x', size: 2 }] }))
    expect(body.spec).toEqual({ color: 'red', tags: ['b', 'c'], parts: [{ name: 'x', size: 2 }, { name: 'y' }] })
    const again = await apply(`${widgets}/w1`, 'me', widget('w1', { tags: ['b'], parts: [{ name: 'x', size: 2 }] }))
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
  })

  test('created otherwise, structs belong to who sets them', async () => {
    const { body } = await server.call('POST', widgets, widget('w2', { count: 1 }), { headers: { 'user-agent': 'maker' } })
    expect(owners(body)).toEqual({ 'maker Update example.com/v1': { 'f:spec': { '.': {}, 'f:color': {}, 'f:count': {} } } })
  })

  test('a field the definition does not know is no field', async () => {
    expect((await apply(`${widgets}/w3`, 'me', widget('w3', { nope: 1 }))).body).toMatchObject({ code: 500, message: 'failed to create typed patch object (/w3; example.com/v1, Kind=Widget): .spec.nope: field not declared in schema' })
  })

  test('takes no strategic merge patch', async () => {
    await server.call('POST', widgets, widget('w4', { count: 1 }))
    expect((await patch(`${widgets}/w4`, 'application/strategic-merge-patch+json', {})).body).toMatchObject({
      code: 415, message: 'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    })
    expect((await patch(`${widgets}/w4`, 'application/merge-patch+json', { spec: { count: 2, nope: 1 } })).body.spec).toEqual({ color: 'red', count: 2 })
    expect((await patch(`${widgets}/w4`, 'application/json-patch+json', [{ op: 'replace', path: '/spec/count', value: 3 }])).body.spec.count).toBe(3)
  })

  test('status and scale have owners of their own', async () => {
    await apply(`${widgets}/w5`, 'me', widget('w5', { count: 1 }))
    await patch(`${widgets}/w5/status`, 'application/merge-patch+json', { status: { note: 'x' }, metadata: { labels: { no: 'no' } } }, 'controller')
    expect((await patch(`${widgets}/w5/scale`, 'application/merge-patch+json', { spec: { replicas: 4 } }, 'scaler')).body).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
    const { body } = await server.call('GET', `${widgets}/w5`)
    expect(owners(body)).toEqual({
      'controller Update example.com/v1 status': { 'f:status': { '.': {}, 'f:note': {} } },
      'scaler Update example.com/v1 scale': { 'f:spec': { 'f:count': {} } },
    })
    expect((await apply(`${widgets}/w5`, 'me', widget('w5', { count: 2 }))).body.message).toBe('Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using example.com/v1: .spec.count')
  })
})

describe('versions of one object', () => {
  const deployment = (apiVersion: string, name: string, replicas: number) => ({
    apiVersion, kind: 'Deployment', metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } } },
  })

  test('an owner by another version loses what is changed, and conflicts', async () => {
    await apply(`${deployments('apps/v1')}/d1`, 'me', deployment('apps/v1', 'd1', 1))
    const { body } = await apply(`${deployments('apps/v1beta2')}/d1`, 'other', deployment('apps/v1beta2', 'd1', 2))
    expect(body.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.replicas')
    const changed = await patch(`${deployments('apps/v1beta2')}/d1`, 'application/merge-patch+json', { spec: { replicas: 3 } })
    expect(changed).toMatchObject({ status: 200, body: { apiVersion: 'apps/v1beta2', spec: { replicas: 3 } } })
    const after = (await server.call('GET', `${deployments('apps/v1')}/d1`)).body
    expect(owners(after)['tool Update apps/v1beta2']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect((owners(after)['me Apply apps/v1'] as any)['f:spec']['f:replicas']).toBeUndefined()
  })

  test('applied by one version and then by another, what is said no more is gone', async () => {
    const config = deployment('apps/v1beta2', 'd2', 1)
    await apply(`${deployments('apps/v1beta2')}/d2`, 'me', { ...config, metadata: { name: 'd2', labels: { a: 'b' } } })
    const { body } = await apply(`${deployments('apps/v1')}/d2`, 'me', { ...config, apiVersion: 'apps/v1' })
    expect(body.metadata.labels).toBeUndefined()
    expect(Object.keys(owners(body))).toEqual(['me Apply apps/v1'])
  })

  test('an entry of a version nobody serves is dropped with the next write', async () => {
    const made = (await server.call('POST', deployments('apps/v1'), deployment('apps/v1', 'd3', 1))).body
    const managedFields = [...made.metadata.managedFields, { manager: 'old', operation: 'Update', apiVersion: 'apps/v9', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }]
    const { body } = await server.call('PUT', `${deployments('apps/v1')}/d3`, { ...structuredClone(made), metadata: { ...made.metadata, managedFields, labels: { x: 'y' } } }, { headers: { 'user-agent': 'editor' } })
    expect(Object.keys(owners(body))).not.toContain('old Update apps/v9')
  })
})

test('a pod’s ephemeral containers are owned through their subresource', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  await server.call('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p1' }, spec: { containers: [{ name: 'c', image: 'web:1' }] } })
  const { body } = await patch(`${pods}/p1/ephemeralcontainers`, 'application/strategic-merge-patch+json', { spec: { ephemeralContainers: [{ name: 'd', image: 'debug:1' }] } }, 'kubectl')
  expect((owners(body)['kubectl Update v1 ephemeralcontainers'] as any)['f:spec']['f:ephemeralContainers']['k:{"name":"d"}']).toMatchObject({ '.': {}, 'f:image': {} })
})
