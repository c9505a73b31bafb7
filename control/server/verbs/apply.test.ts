import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configMap, pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const pods = '/api/v1/namespaces/default/pods'

const apply = (path: string, manager: string, body: unknown, query = '') =>
  server.call('PATCH', `${path}?fieldManager=${manager}${query}`, body, { headers: { 'content-type': 'application/apply-patch+yaml' } })
const merge = (path: string, body: unknown, agent = 'tool/1.0') => server.call('PATCH', path, body, { headers: { 'content-type': 'application/merge-patch+json', 'user-agent': agent } })
const create = (path: string, body: unknown, agent = 'maker/1.0') => server.call('POST', path, body, { headers: { 'user-agent': agent } })
const get = async (path: string) => structuredClone((await server.call('GET', path)).body)

interface Entry { manager: string; operation: string; subresource?: string; apiVersion: string; time?: string; fieldsV1: object }
const owners = (object: any): Record<string, object> =>
  Object.fromEntries(((object.metadata.managedFields ?? []) as Entry[]).map(({ manager, operation, subresource, fieldsV1 }) => [`${manager} ${operation}${subresource ? ` ${subresource}` : ''}`, fieldsV1]))

const deployment = (name: string, spec: object = {}, container: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'web:1', ...container }] } }, ...spec },
})

describe('every writer owns what it wrote', () => {
  test('a creation: what was said and defaulted, not what admission and the server add', async () => {
    const { body } = await create(pods, pod('m1', { labels: { a: 'b' } }))
    const { managedFields } = body.metadata
    expect(managedFields).toHaveLength(1)
    expect(managedFields[0]).toMatchObject({ manager: 'maker', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', time: expect.stringMatching(/^\d{4}-.*Z$/) })
    const { 'f:metadata': metadata, 'f:spec': spec, ...rest } = managedFields[0].fieldsV1
    expect(rest).toEqual({})
    expect(metadata).toEqual({ 'f:labels': { '.': {}, 'f:a': {} } })
    expect(Object.keys(spec)).toEqual(['f:containers', 'f:dnsPolicy', 'f:enableServiceLinks', 'f:restartPolicy', 'f:schedulerName', 'f:securityContext', 'f:terminationGracePeriodSeconds'])
    expect(spec['f:containers']['k:{"name":"c"}']).toMatchObject({ '.': {}, 'f:image': {}, 'f:name': {}, 'f:imagePullPolicy': {}, 'f:terminationMessagePath': {} })
  })

  test('a deployment: structs held by value belong to nobody', async () => {
    const { body } = await create(deployments, deployment('m2'))
    const spec = (owners(body)['maker Update'] as any)['f:spec']
    expect(spec['f:strategy']).toEqual({ 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} })
    expect(spec['f:selector']).toEqual({})
    expect(spec['f:template']['f:metadata']).toEqual({ 'f:labels': { '.': {}, 'f:app': {} } })
    expect(Object.keys(spec['f:template']['f:spec'])).not.toContain('.')
  })

  test('an update takes over what it changes, and loses what is gone', async () => {
    await create(configMaps, configMap('m3', { a: '1', b: '2', c: '3' }))
    const { body } = await merge(`${configMaps}/m3`, { data: { b: '9', c: null, d: '4' } })
    expect(owners(body)).toEqual({ 'maker Update': { 'f:data': { '.': {}, 'f:a': {} } }, 'tool Update': { 'f:data': { 'f:b': {}, 'f:d': {} } } })
  })

  test('the status has owners of its own', async () => {
    await create(pods, pod('m4'))
    const { body } = await merge(`${pods}/m4/status`, { status: { phase: 'Running' }, spec: { nodeName: 'x' } }, 'kubelet/v1.36')
    expect(owners(body)['kubelet Update status']).toEqual({ 'f:status': { 'f:phase': {} } })
    const main = await merge(`${pods}/m4`, { status: { phase: 'Failed' }, metadata: { labels: { x: 'y' } } })
    expect(owners(main.body)['tool Update']).toEqual({ 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } })
    expect(main.body.status.phase).toBe('Running')
  })

  test('a write that changes nothing stays none, whoever writes', async () => {
    const { body } = await create(deployments, deployment('m5'))
    expect((await merge(`${deployments}/m5`, { spec: { paused: null } })).body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
    expect((await server.call('PUT', `${deployments}/m5`, structuredClone(body), { headers: { 'user-agent': 'other' } })).body.metadata).toEqual(body.metadata)
  })

  test('items that cannot be told apart are no fault of a write that is no apply: the owners stay as they were', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    const made = await create(accounts, { metadata: { name: 'm6' }, secrets: [{ kind: 'Secret' }] })
    expect([made.status, made.body.metadata.managedFields]).toEqual([201, undefined])
    await create(accounts, { metadata: { name: 'm7' }, secrets: [{ name: 'a' }] })
    const before = owners(await get(`${accounts}/m7`))
    const { status, body } = await merge(`${accounts}/m7`, { secrets: [{ name: 'a' }, {}] })
    expect([status, owners(body)]).toEqual([200, before])
  })

  test.each([
    ['?fieldManager=me', {}, 'me'], ['', { 'user-agent': 'kube-scheduler/v1 (linux)' }, 'kube-scheduler'], ['', { 'user-agent': '' }, 'unknown'],
    ['', { 'user-agent': `${'a'.repeat(200)}/1` }, 'a'.repeat(128)], ['', { 'user-agent': 'a\u0007b/1' }, 'ab'],
  ])('the manager: query %j, headers %j', async (query, headers, manager) => {
    const { body } = await server.call('POST', `${configMaps}${query}`, { ...configMap('', { a: 'b' }), metadata: { generateName: 'g-' } }, { headers })
    expect(body.metadata.managedFields[0].manager).toBe(manager)
  })

  test('at most ten owners by update, the oldest in one heap', async () => {
    await create(configMaps, configMap('m6', { k: 'v' }))
    for (let i = 0; i < 12; i++) await merge(`${configMaps}/m6`, { data: { [`k${i}`]: 'v' } }, `writer-${String(i).padStart(2, '0')}`)
    const object = await get(`${configMaps}/m6`)
    expect(object.metadata.managedFields).toHaveLength(10)
    expect(owners(object)['ancient-changes Update']).toBeDefined()
    const all = JSON.stringify(object.metadata.managedFields)
    for (let i = 0; i < 12; i++) expect(all).toContain(`"f:k${i}"`)
  })
})

describe('what a client says of the owners', () => {
  const withOwners = async (name: string, managedFields: unknown) => {
    await create(configMaps, configMap(name, { a: '1' }))
    return server.call('PUT', `${configMaps}/${name}`, { ...configMap(name, { a: '1' }), metadata: { name, managedFields } }, { headers: { 'user-agent': 'editor' } })
  }
  const entry = { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }

  test('is taken when it can be read', async () => {
    expect(owners((await withOwners('c1', [entry])).body)).toEqual({ 'x Update': { 'f:data': { 'f:a': {} } } })
  })
  test.each([['[]', []], ['[{}]', [{}]]])('%s forgets all', async (text, value) => {
    const { body } = await withOwners(`c2-${text.length}`, value)
    expect(body.metadata.managedFields).toBeUndefined()
    // Nobody keeps account from then on, until somebody applies.
    expect((await merge(`${configMaps}/c2-${text.length}`, { data: { b: '2' } })).body.metadata.managedFields).toBeUndefined()
    const { body: applied } = await apply(`${configMaps}/c2-${text.length}`, 'me', configMap(`c2-${text.length}`, { c: '3' }))
    expect(owners(applied)).toEqual({ 'me Apply': { 'f:data': { 'f:c': {} } }, 'before-first-apply Update': { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } } })
  })
  test.each([[{ operation: 'Other' }], [{ apiVersion: '' }], [{ fieldsType: '' }], [{ fieldsType: 'FieldsV2' }], [{ fieldsV1: { bad: {} } }]])('%j cannot be read and is ignored', async (broken) => {
    const { body } = await withOwners(`c3-${JSON.stringify(broken).replace(/[^a-z0-9]/gi, '').toLowerCase()}`, [{ ...entry, ...broken }])
    expect(owners(body)).toEqual({ 'maker Update': { 'f:data': { '.': {}, 'f:a': {} } } })
  })
  test('a merge patch to [] forgets too', async () => {
    await create(configMaps, configMap('c4', { a: '1' }))
    expect((await merge(`${configMaps}/c4`, { metadata: { managedFields: [] } })).body.metadata.managedFields).toBeUndefined()
  })
  test('through a subresource is ignored', async () => {
    await create(pods, pod('c5'))
    const { body } = await merge(`${pods}/c5/status`, { metadata: { managedFields: [{}] }, status: { phase: 'Running' } })
    expect(Object.keys(owners(body)).sort()).toEqual(['maker Update', 'tool Update status'])
  })
})

describe('apply', () => {
  test('creates, changes, and takes away what is said no more', async () => {
    const made = await apply(`${configMaps}/a1`, 'me', configMap('a1', { a: '1', b: '2' }, { labels: { x: 'y' } }))
    expect(made).toMatchObject({ status: 201, body: { data: { a: '1', b: '2' } } })
    expect(owners(made.body)).toEqual({ 'me Apply': { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } } })
    const again = await apply(`${configMaps}/a1`, 'me', configMap('a1', { a: '1', b: '2' }, { labels: { x: 'y' } }))
    expect(again).toMatchObject({ status: 200, body: { metadata: { resourceVersion: made.body.metadata.resourceVersion } } })
    const less = await apply(`${configMaps}/a1`, 'me', configMap('a1', { a: '9' }))
    expect(less.body.data).toEqual({ a: '9' })
    expect(less.body.metadata.labels).toBeUndefined()
  })

  test('leaves what others own, and shares what they agree on', async () => {
    await apply(`${configMaps}/a2`, 'me', configMap('a2', { a: '1', b: '2' }))
    await apply(`${configMaps}/a2`, 'you', configMap('a2', { b: '2', c: '3' }))
    const { body } = await apply(`${configMaps}/a2`, 'me', configMap('a2', { a: '1' }))
    expect(body.data).toEqual({ a: '1', b: '2', c: '3' })
    expect(owners(body)).toEqual({ 'me Apply': { 'f:data': { 'f:a': {} } }, 'you Apply': { 'f:data': { 'f:b': {}, 'f:c': {} } } })
  })

  test('a conflict', async () => {
    await create(`${deployments}?fieldManager=kubectl-client-side-apply`, deployment('a3', { replicas: 3 }))
    const refused = await apply(`${deployments}/a3`, 'me', deployment('a3', { replicas: 5 }))
    expect(refused.body).toEqual({
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Conflict', code: 409,
      message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-client-side-apply" using apps/v1', field: '.spec.replicas' }] },
    })
    const forced = await apply(`${deployments}/a3`, 'me', deployment('a3', { replicas: 5 }), '&force=true')
    expect(forced.body.spec.replicas).toBe(5)
    expect((owners(forced.body)['kubectl-client-side-apply Update'] as any)['f:spec']['f:replicas']).toBeUndefined()
  })

  test('several conflicts, by owner', async () => {
    await apply(`${configMaps}/a4`, 'one', configMap('a4', { a: '1', b: '1' }))
    await apply(`${configMaps}/a4`, 'two', configMap('a4', { c: '1' }))
    const { body } = await apply(`${configMaps}/a4`, 'me', configMap('a4', { a: '2', b: '2', c: '2' }))
    expect(body.message).toBe('Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "two":\n- .data.c')
    expect(body.details.causes).toHaveLength(3)
  })

  test('a conflict in a list names the item', async () => {
    await create(deployments, deployment('a5'))
    const { body } = await apply(`${deployments}/a5`, 'me', deployment('a5', {}, { image: 'web:2' }))
    expect(body.message).toBe('Apply failed with 1 conflict: conflict with "maker" using apps/v1: .spec.template.spec.containers[name="c"].image')
  })

  test('kubectl takes over what it applied from the client’s side, without a conflict', async () => {
    const config = configMap('a6', { a: '1' })
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) }
    await create(`${configMaps}?fieldManager=kubectl-client-side-apply`, configMap('a6', { a: '1' }, { annotations }))
    expect((await apply(`${configMaps}/a6`, 'other', configMap('a6', { a: '2' }))).status).toBe(409)
    const { body, status } = await apply(`${configMaps}/a6`, 'kubectl', configMap('a6', { a: '2' }))
    expect([status, body.data]).toEqual([200, { a: '2' }])
    expect(JSON.parse(body.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'])).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a6' }, data: { a: '2' } })
  })

  test('YAML, dry run and what is unknown', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a7\ndata: {a: "1"}\n'
    expect(await apply(`${configMaps}/a7`, 'me', yaml, '&dryRun=All')).toMatchObject({ status: 201 })
    expect((await server.call('GET', `${configMaps}/a7`)).status).toBe(404)
    expect((await apply(`${configMaps}/a7`, 'me', yaml)).status).toBe(201)
    expect((await apply(`${configMaps}/a7`, 'me', `${yaml}data: {b: "1"}\n`, '&fieldValidation=Strict')).body).toMatchObject({ code: 400, message: expect.stringContaining('error strict decoding patch: ') })
    expect((await apply(`${deployments}/a7`, 'me', deployment('a7', { foo: 1 }))).body).toMatchObject({ code: 500, message: 'failed to create typed patch object (/a7; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema' })
  })

  test.each([
    ['no manager', '', configMap('a8'), 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    ['managedFields', 'me', configMap('a8', {}, { managedFields: [{}] }), 400, 'metadata.managedFields must be nil'],
    ['another kind', 'me', { ...configMap('a8'), kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
    ['no kind', 'me', { metadata: { name: 'a8' } }, 400, 'invalid object type: /, Kind='],
    ['another name', 'me', configMap('other'), 400, 'the name of the object (other) does not match the name on the URL (a8)'],
    ['a list', 'me', '[1]', 400, /^error decoding patch: /],
    ['broken YAML', 'me', 'a: [', 400, /^error decoding patch: /],
    ['a uid where there is nothing', 'me', configMap('a8', {}, { uid: 'abc' }), 409, /uid mismatch: the provided object specified uid abc, and no existing object was found$/],
  ])('with %s is refused', async (_, manager, body, code, message) => {
    expect((await apply(`${configMaps}/a8`, manager, body)).body).toMatchObject({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) })
  })

  test('of an older version is refused', async () => {
    const { body } = await create(configMaps, configMap('a9', { a: '1' }))
    await merge(`${configMaps}/a9`, { data: { b: '2' } })
    expect((await apply(`${configMaps}/a9`, 'me', configMap('a9', { c: '3' }, { resourceVersion: body.metadata.resourceVersion }))).body).toMatchObject({ code: 409, message: expect.stringContaining('the object has been modified') })
    expect((await apply(`${configMaps}/a9`, 'me', configMap('a9', { c: '3' }, { uid: 'abc' }))).body.code).toBe(409)
  })

  test('force is for apply only, a manager is printable and short', async () => {
    await create(configMaps, configMap('a10'))
    expect((await merge(`${configMaps}/a10?force=true`, {})).body).toMatchObject({ code: 422, message: expect.stringContaining('force: Forbidden: may not be specified for non-apply patch') })
    expect((await merge(`${configMaps}/a10?fieldManager=${'a'.repeat(129)}`, {})).body).toMatchObject({ code: 422, message: expect.stringContaining('fieldManager: Too long: may not be more than 128 bytes') })
    expect((await merge(`${configMaps}/a10?fieldManager=a%07b`, {})).body).toMatchObject({ code: 422, message: expect.stringContaining('invalid character U+0007 (at position 1)') })
  })

  test('of a status owns the status only', async () => {
    await create(pods, pod('a11'))
    const { body } = await apply(`${pods}/a11/status`, 'me', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a11' }, status: { message: 'hello' } })
    expect(body.status.message).toBe('hello')
    expect(owners(body)['me Apply status']).toEqual({ 'f:status': { 'f:message': {} } })
    expect((await apply(`${pods}/none/status`, 'me', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'none' }, status: {} })).status).toBe(404)
  })

  test('in a form nobody speaks is refused', async () => {
    const { body } = await server.call('PATCH', `${configMaps}/x?fieldManager=me`, '{}', { headers: { 'content-type': 'application/apply-patch+cbor' } })
    expect(body).toMatchObject({ code: 415, message: 'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml' })
  })

  test('items of lists: merged by key, taken away with their owner', async () => {
    const ports = (...numbers: number[]) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a12' }, spec: { selector: { a: 'b' }, ports: numbers.map((port) => ({ name: `p${port}`, port })) } })
    const services = '/api/v1/namespaces/default/services'
    expect((await apply(`${services}/a12`, 'me', ports(80, 81))).status).toBe(201)
    await apply(`${services}/a12`, 'you', ports(82))
    const { body } = await apply(`${services}/a12`, 'me', ports(81))
    expect(body.spec.ports.map((port: { port: number }) => port.port)).toEqual([81, 82])
  })
})

describe('scale', () => {
  test('the replicas belong to who scales', async () => {
    await create(deployments, deployment('s1', { replicas: 1 }))
    const scaled = await merge(`${deployments}/s1/scale`, { spec: { replicas: 4 } }, 'kubectl/v1')
    expect(scaled.body.spec.replicas).toBe(4)
    const object = await get(`${deployments}/s1`)
    expect(owners(object)['kubectl Update scale']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect((owners(object)['maker Update'] as any)['f:spec']['f:replicas']).toBeUndefined()
    const refused = await apply(`${deployments}/s1`, 'me', deployment('s1', { replicas: 7 }))
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas')
  })

  test('may be applied', async () => {
    await apply(`${deployments}/s2`, 'me', deployment('s2', { replicas: 1 }))
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 's2' }, spec: { replicas: 3 } }
    expect((await apply(`${deployments}/s2/scale`, 'hpa', scale)).body).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "me": .spec.replicas' })
    expect((await apply(`${deployments}/s2/scale`, 'hpa', scale, '&force=true')).body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    expect(owners(await get(`${deployments}/s2`))['hpa Apply scale']).toEqual({ 'f:spec': { 'f:replicas': {} } })
  })
})
