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
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const there = async (path: string) => (await server.call('GET', path)).status === 200

describe('delete', () => {
  test('answers with a Status, or with the object for pods, services and accounts', async () => {
    const { uid } = (await server.call('POST', configMaps, configMap('a'))).body.metadata
    expect((await server.call('DELETE', `${configMaps}/a`)).body).toEqual({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'a', kind: 'configmaps', uid } })
    expect((await server.call('DELETE', `${configMaps}/a`)).body).toMatchObject({ code: 404, message: 'configmaps "a" not found' })
    await server.call('POST', pods, pod('p'))
    expect((await server.call('DELETE', `${pods}/p`)).body.kind).toBe('Pod')
  })

  test('only the object that was meant', async () => {
    const { uid, resourceVersion } = (await server.call('POST', configMaps, configMap('b'))).body.metadata
    const refused = await server.call('DELETE', `${configMaps}/b`, { preconditions: { uid: 'other' } })
    expect(refused.body).toMatchObject({ code: 409, message: `Operation cannot be fulfilled on ConfigMap "b": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated` })
    expect((await server.call('DELETE', `${configMaps}/b`, { preconditions: { resourceVersion: '1' } })).body.code).toBe(409)
    expect((await server.call('DELETE', `${configMaps}/b`, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } })).status).toBe(200)
  })

  test('with dryRun=All deletes nothing', async () => {
    await server.call('POST', configMaps, configMap('c'))
    expect((await server.call('DELETE', `${configMaps}/c?dryRun=All`)).status).toBe(200)
    expect((await server.call('DELETE', `${configMaps}/c`, { dryRun: ['All'] })).status).toBe(200)
    expect(await there(`${configMaps}/c`)).toBe(true)
  })

  test.each([
    [{ propagationPolicy: 'Sideways' }, 422, /propagationPolicy: Unsupported value: "Sideways"/],
    [{ propagationPolicy: 'Orphan', orphanDependents: true }, 422, /cannot be both set/],
    [{ dryRun: ['Some'] }, 422, /dryRun: Unsupported value/],
    [{ gracePeriodSeconds: 'soon' }, 400, /cannot unmarshal string/],
    [{ kind: 'Pod', apiVersion: 'v1' }, 400, /cannot be converted to DeleteOptions/],
  ])('%j is refused', async (body, code, message) => {
    expect((await server.call('DELETE', `${configMaps}/c`, body)).body).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('an object with finalizers stays until the last is gone', async () => {
    await server.call('POST', configMaps, configMap('f', {}, { finalizers: ['example.com/hold'] }))
    expect((await server.call('DELETE', `${configMaps}/f`)).body).toMatchObject({ kind: 'ConfigMap', metadata: { deletionTimestamp: '2026-11-20T12:00:00Z', deletionGracePeriodSeconds: 0 } })
    const added = await server.call('PATCH', `${configMaps}/f`, { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }, merge)
    expect(added.body).toMatchObject({ code: 422, message: expect.stringMatching(/no new finalizers can be added if the object is being deleted/) })
    expect((await server.call('PATCH', `${configMaps}/f`, { metadata: { deletionTimestamp: null } }, merge)).body.metadata.deletionTimestamp).toBe('2026-11-20T12:00:00Z')
    expect((await server.call('POST', configMaps, configMap('f'))).body).toMatchObject({ code: 409, message: 'object is being deleted: configmaps "f" already exists' })
    expect((await server.call('PATCH', `${configMaps}/f`, { metadata: { finalizers: null } }, merge)).status).toBe(200)
    expect(await there(`${configMaps}/f`)).toBe(false)
  })

  test.each([
    ['Foreground', ['foregroundDeletion']], ['Orphan', ['orphan']],
  ])('%s leaves the object to the garbage collector', async (propagationPolicy, finalizers) => {
    await server.call('POST', configMaps, configMap('g'))
    expect((await server.call('DELETE', `${configMaps}/g?propagationPolicy=${propagationPolicy}`)).body.metadata.finalizers).toEqual(finalizers)
    await server.call('PATCH', `${configMaps}/g`, { metadata: { finalizers: null } }, merge)
    expect(await there(`${configMaps}/g`)).toBe(false)
  })

  test('a replication controller orphans its pods unless the client says otherwise', async () => {
    const path = '/api/v1/namespaces/default/replicationcontrollers'
    await server.call('POST', path, { metadata: { name: 'rc' }, spec: { selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } } } })
    expect((await server.call('DELETE', `${path}/rc`)).body.metadata.finalizers).toEqual(['orphan'])
  })

  test('a collection, as selected', async () => {
    for (const name of ['x1', 'x2', 'y1']) await server.call('POST', configMaps, configMap(name, {}, { labels: { of: name[0]! } }))
    const { body } = await server.call('DELETE', `${configMaps}?labelSelector=of=x`)
    expect(body).toMatchObject({ kind: 'ConfigMapList' })
    expect(await Promise.all(['x1', 'x2', 'y1'].map((name) => there(`${configMaps}/${name}`)))).toEqual([false, false, true])
  })
})

describe('graceful deletion of pods', () => {
  const bound = async (name: string, spec: object = {}) => {
    await server.call('POST', pods, pod(name, { spec }))
    expect((await server.call('POST', `${pods}/${name}/binding`, { target: { kind: 'Node', name: 'n1' } })).status).toBe(201)
  }

  test('a pod without a node is gone at once', async () => {
    await server.call('POST', pods, pod('free'))
    await server.call('DELETE', `${pods}/free`)
    expect(await there(`${pods}/free`)).toBe(false)
  })

  test('a pod on a node waits for the agent, for its own time or the one that is asked for', async () => {
    await bound('g1')
    expect((await server.call('DELETE', `${pods}/g1`)).body.metadata).toMatchObject({ deletionTimestamp: '2026-11-20T12:00:30Z', deletionGracePeriodSeconds: 30, generation: 2 })
    expect((await server.call('DELETE', `${pods}/g1`, { gracePeriodSeconds: 60 })).body.metadata.deletionGracePeriodSeconds).toBe(30)
    expect((await server.call('DELETE', `${pods}/g1`, { gracePeriodSeconds: 5 })).body.metadata).toMatchObject({ deletionTimestamp: '2026-11-20T12:00:05Z', deletionGracePeriodSeconds: 5 })
    await server.call('DELETE', `${pods}/g1`, { gracePeriodSeconds: 0 })
    expect(await there(`${pods}/g1`)).toBe(false)
  })

  test('force is at once', async () => {
    await bound('g2')
    await server.call('DELETE', `${pods}/g2?gracePeriodSeconds=0`)
    expect(await there(`${pods}/g2`)).toBe(false)
  })

  test('a finished pod is gone at once', async () => {
    await bound('g3')
    await server.call('PATCH', `${pods}/g3/status`, { status: { phase: 'Succeeded' } }, merge)
    await server.call('DELETE', `${pods}/g3`)
    expect(await there(`${pods}/g3`)).toBe(false)
  })

  test('an eviction is a deletion', async () => {
    await bound('g4', { terminationGracePeriodSeconds: 7 })
    const evicted = await server.call('POST', `${pods}/g4/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'g4' } })
    expect(evicted).toMatchObject({ status: 201, body: { kind: 'Status', status: 'Success', code: 201 } })
    expect((await server.call('GET', `${pods}/g4`)).body.metadata.deletionGracePeriodSeconds).toBe(7)
    expect((await server.call('POST', `${pods}/none/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction' })).status).toBe(404)
  })
})

describe('binding', () => {
  test('gives a pod its node, once', async () => {
    await server.call('POST', pods, pod('b1'))
    await server.call('POST', '/api/v1/namespaces/default/bindings', { metadata: { name: 'b1', annotations: { by: 'me' } }, target: { kind: 'Node', name: 'n1' } })
    expect((await server.call('GET', `${pods}/b1`)).body).toMatchObject({
      metadata: { annotations: { by: 'me' } }, spec: { nodeName: 'n1' }, status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'PodScheduled', status: 'True' })]) },
    })
    expect((await server.call('POST', `${pods}/b1/binding`, { target: { kind: 'Node', name: 'n2' } })).body).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on pods/binding "b1": pod b1 is already assigned to node "n1"' })
  })

  test.each([
    [{ target: { kind: 'Node', name: '' } }, 422, 'Binding "" is invalid: target.name: Required value'],
    [{ target: { kind: 'Rack', name: 'r' } }, 422, /target.kind: Unsupported value: "Rack"/],
    [{ metadata: { name: 'other' }, target: { name: 'n1' } }, 400, 'name in URL does not match name in Binding object'],
  ])('%j is refused', async (body, code, message) => {
    expect((await server.call('POST', `${pods}/b1/binding`, body)).body).toMatchObject({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) })
  })

  test('of a pod that is not there is 404', async () => {
    expect((await server.call('POST', `${pods}/none/binding`, { target: { name: 'n1' } })).body).toMatchObject({ code: 404, message: 'pods "none" not found' })
  })
})

describe('namespaces', () => {
  test('empty themselves before they go', async () => {
    await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'room' } })
    const created = (await server.call('GET', '/api/v1/namespaces/room')).body
    expect(created).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, metadata: { labels: { 'kubernetes.io/metadata.name': 'room' } } })
    expect((await server.call('DELETE', '/api/v1/namespaces/room')).body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' }, metadata: { deletionTimestamp: expect.any(String) } })
    const late = await server.call('POST', '/api/v1/namespaces/room/configmaps', configMap('late'))
    expect(late.body).toMatchObject({
      code: 403, message: 'configmaps "late" is forbidden: unable to create new content in namespace room because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    })
    const terminating = (await server.call('GET', '/api/v1/namespaces/room')).body
    expect((await server.call('PUT', '/api/v1/namespaces/room/finalize', { ...terminating, spec: { finalizers: [] } })).status).toBe(200)
    expect(await there('/api/v1/namespaces/room')).toBe(false)
  })

  test('of the cluster itself stay', async () => {
    expect((await server.call('DELETE', '/api/v1/namespaces/kube-system')).body).toMatchObject({ code: 403, message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted' })
  })
})
