import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../host/manual-clock.ts'
import { configMap, pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

const clock = createManualClock({ start: '2026-11-20T12:00:00Z' })
let server: TestServer
beforeAll(async () => { server = await startTestServer({ clock }) })
afterAll(() => server.close())

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'
const services = '/api/v1/namespaces/default/services'

describe('a new object', () => {
  test('gets its metadata and comes back as it is stored', async () => {
    const made = await server.call('POST', configMaps, configMap('a', { k: 'v' }, { uid: 'mine', deletionTimestamp: '2020-01-01T00:00:00Z', managedFields: [] }))
    expect(made.status).toBe(201)
    const { metadata } = made.body
    expect(metadata).toEqual({ name: 'a', namespace: 'default', uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/), creationTimestamp: '2026-11-20T12:00:00Z', resourceVersion: expect.stringMatching(/^\d+$/), managedFields: [expect.objectContaining({ operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } } })] })
    expect((await server.call('GET', `${configMaps}/a`)).body).toEqual(made.body)
    expect(Object.isFrozen(made.body.metadata)).toBe(true)
  })

  test('may leave out apiVersion, kind and namespace', async () => {
    expect((await server.call('POST', configMaps, { metadata: { name: 'bare' } })).body).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default' } })
  })

  test('with generateName gets five characters of the original alphabet', async () => {
    const names = await Promise.all(Array.from({ length: 5 }, async () => (await server.call('POST', configMaps, { metadata: { generateName: 'gen-' } })).body.metadata.name))
    expect(new Set(names).size).toBe(5)
    for (const name of names) expect(name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  test('is only tried with dryRun=All', async () => {
    expect(await server.call('POST', `${configMaps}?dryRun=All`, configMap('dry'))).toMatchObject({ status: 201, body: { metadata: { name: 'dry', uid: expect.any(String) } } })
    expect((await server.call('GET', `${configMaps}/dry`)).status).toBe(404)
  })

  test('may come as YAML', async () => {
    const made = await server.call('POST', configMaps, 'metadata:\n  name: from-yaml\ndata: {a: "1"}\n', { headers: { 'content-type': 'application/yaml' } })
    expect(made).toMatchObject({ status: 201, body: { data: { a: '1' } } })
  })

  test('a pod runs at priority 0, and bears a node that is away for five minutes', async () => {
    const { body } = await server.call('POST', pods, pod('p'))
    expect(body.spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority', enableServiceLinks: true })
    expect(body.spec.tolerations).toEqual(['not-ready', 'unreachable'].map((what) => ({ key: `node.kubernetes.io/${what}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })))
    expect(body.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' })
  })

  test('a node takes no pods until it is ready', async () => {
    expect((await server.call('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })).body.spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
  })
})

describe('bad input', () => {
  const status = (code: number, reason: string, message: string | RegExp) => ({ code, reason, message })
  test.each<[string, string, unknown, ReturnType<typeof status>]>([
    ['text that is no JSON', configMaps, '{"a"', status(400, 'BadRequest', `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a")`)],
    ['an empty body', configMaps, undefined, status(400, 'BadRequest', /must be of type ConfigMap.*<empty>/)],
    ['a list', configMaps, '[]', status(400, 'BadRequest', /cannot unmarshal array/)],
    ['null', configMaps, 'null', status(400, 'BadRequest', /must be of type ConfigMap/)],
    ['another kind', configMaps, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }, status(400, 'BadRequest', /^Pod in version "v1" cannot be handled as a ConfigMap/)],
    ['another API version', configMaps, { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } }, status(400, 'BadRequest', 'the API version in the data (v2) does not match the expected API version (v1)')],
    ['a wrong type', pods, { metadata: { name: 'x' }, spec: { containers: 'no' } }, status(400, 'BadRequest', 'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container')],
    ['a name against the rules', configMaps, configMap('Not A Name'), status(422, 'Invalid', /^ConfigMap "Not A Name" is invalid: metadata.name: Invalid value: "Not A Name": a lowercase RFC 1123 subdomain/)],
    ['no name', configMaps, { metadata: {} }, status(422, 'Invalid', 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required')],
    ['another namespace', configMaps, configMap('x', {}, { namespace: 'other' }), status(400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request')],
    ['a namespace that is not there', '/api/v1/namespaces/nope/configmaps', configMap('x'), status(404, 'NotFound', 'namespaces "nope" not found')],
    ['a name that is taken', configMaps, configMap('a'), status(409, 'AlreadyExists', 'configmaps "a" already exists')],
    ['a resourceVersion', configMaps, configMap('x', {}, { resourceVersion: '5' }), status(500, '', 'resourceVersion should not be set on objects to be created')],
    ['no namespace', '/api/v1/configmaps', configMap('x'), status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')],
    ['an unknown resource', '/api/v1/namespaces/default/nopes', {}, status(404, 'NotFound', 'the server could not find the requested resource')],
    ['a pod without image', pods, { metadata: { name: 'x' }, spec: { containers: [{ name: 'c' }] } }, status(422, 'Invalid', 'Pod "x" is invalid: spec.containers[0].image: Required value')],
    ['an unknown dryRun', `${configMaps}?dryRun=Some`, configMap('x'), status(422, 'Invalid', /dryRun: Unsupported value/)],
    ['an unknown fieldValidation', `${configMaps}?fieldValidation=Maybe`, configMap('x'), status(422, 'Invalid', /fieldValidation: Unsupported value: "Maybe": supported values: "Ignore", "Strict", "Warn"/)],
    ['a service port out of range', services, { metadata: { name: 's' }, spec: { ports: [{ port: 70000 }] } }, status(422, 'Invalid', /spec.ports\[0\].port: Invalid value: 70000: must be between 1 and 65535, inclusive/)],
    ['an unknown priority class', pods, pod('x', { spec: { priorityClassName: 'mine' } }), status(403, 'Forbidden', 'pods "x" is forbidden: no PriorityClass with name mine was found')],
  ])('%s', async (_, path, body, { code, reason, message }) => {
    const answer = await server.call('POST', path, body)
    expect(answer.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message: typeof message === 'string' ? message : expect.stringMatching(message) })
    expect(answer.body.reason ?? '').toBe(reason)
    expect(answer.status).toBe(code)
  })

  test('what is hardly meant, and what is old, is warned of', async () => {
    const env = [{ name: 'A', value: '1' }, { name: 'A', value: '2' }]
    const made = await server.call('POST', pods, pod('warned.about', { spec: { containers: [{ name: 'c', image: 'x', env }] } }), { wire: true })
    expect(made.status).toBe(201)
    expect(made.headers['warning']).toBe(`299 - "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]", 299 - "spec.containers[0].env[1]: hides previous definition of \\"A\\", which may be dropped when using apply"`)
    const old = await server.call('GET', '/api/v1/endpoints', undefined, { wire: true })
    expect(old.headers['warning']).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"')
    const patched = await server.call('PATCH', `${pods}/warned.about`, { metadata: { labels: { a: 'b' } } }, { wire: true, headers: { 'content-type': 'application/merge-patch+json' } })
    // Pods are changed too often, and hardly ever by hand.
    expect([patched.status, patched.headers['warning']]).toEqual([200, undefined])
  })

  test('unknown and duplicate fields are warned of, refused or overlooked as fieldValidation asks', async () => {
    const body = '{"metadata":{"name":"u"},"data":{},"data":{},"nope":1}'
    const warned = await server.call('POST', `${configMaps}?dryRun=All`, body)
    expect(warned.status).toBe(201)
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"nope\\"", 299 - "duplicate field \\"data\\""')
    const refused = await server.call('POST', `${configMaps}?fieldValidation=Strict`, body)
    expect(refused.body).toMatchObject({ code: 400, message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "nope", duplicate field "data"' })
    const yaml = 'metadata:\n  name: u\ndata:\n  a: "1"\n  a: "2"\nnope: 1\n'
    const ofYaml = await server.call('POST', `${configMaps}?fieldValidation=Strict`, yaml, { headers: { 'content-type': 'application/yaml' } })
    expect(ofYaml.body.message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 5: key "a" already set in map, unknown field "nope"')
    const ignored = await server.call('POST', `${configMaps}?fieldValidation=Ignore&dryRun=All`, body)
    expect(ignored).toMatchObject({ status: 201 })
    expect(ignored.headers['warning']).toBeUndefined()
  })

  test('a content type that is no object is 415', async () => {
    expect((await server.call('POST', configMaps, 'x', { headers: { 'content-type': 'text/plain' } })).body).toMatchObject({
      code: 415, reason: 'UnsupportedMediaType', message: 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    })
  })

  test('a body over 3 MB is 413', async () => {
    expect((await server.call('POST', configMaps, 'x'.repeat(3 * 1024 * 1024 + 1))).body).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' })
  })

  test('__proto__ is data like any other key', async () => {
    const made = await server.call('POST', configMaps, '{"metadata":{"name":"proto","labels":{"__proto__":"x"}},"data":{"__proto__":"y","constructor":"z"}}')
    expect(made.body.code).toBe(422)
    const stored = await server.call('POST', configMaps, '{"metadata":{"name":"proto"},"data":{"__proto__":"y","constructor":"z"}}', { wire: true })
    expect(Object.entries(stored.body.data)).toEqual([['__proto__', 'y'], ['constructor', 'z']])
  })

  test('what etcd would not take is not stored, on creation or later', async () => {
    const big = (bytes: number) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'big', annotations: { a: 'x'.repeat(200_000) } }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', args: ['x'.repeat(bytes)] }] } } } })
    const jobs = '/apis/batch/v1/namespaces/default/jobs'
    expect(await server.call('POST', jobs, big(1_400_000))).toMatchObject({ status: 500, body: { message: 'etcdserver: request is too large' } })
    expect((await server.call('POST', jobs, big(100))).status).toBe(201)
    const grown = { status: { conditions: [{ type: 'Suspended', status: 'True', message: 'x'.repeat(1_500_000) }] } }
    expect(await server.call('PATCH', `${jobs}/big/status`, grown, { headers: { 'content-type': 'application/merge-patch+json' } })).toMatchObject({ status: 500, body: { message: 'etcdserver: request is too large' } })
  })

  test('deep nesting is refused, not recursed into', async () => {
    const deep = `{"metadata":{"name":"d"},"data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
    expect((await server.call('POST', configMaps, deep)).status).toBe(400)
    const patch = `{"data":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`
    expect((await server.call('PATCH', `${configMaps}/a`, patch, { headers: { 'content-type': 'application/merge-patch+json' } })).status).toBeGreaterThanOrEqual(400)
  })
})
