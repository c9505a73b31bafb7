import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClusterPki } from '../../control/pki/cluster-pki.ts'
import type { ClusterPki } from '../../control/pki/cluster-pki.ts'
import { createApiServer } from '../../control/server/api-server.ts'
import { createMemoryLog } from '../../control/store/memory.ts'
import { createObjectStore } from '../../control/store/object-store.ts'
import { createWatchCache } from '../../control/store/watch-cache.ts'
import { systemClock } from '../../host/clock.ts'
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '../errors.ts'
import { configMaps } from '../kinds/core-v1/config-map.ts'
import { events } from '../kinds/core-v1/event.ts'
import { leases } from '../kinds/coordination-v1/lease.ts'
import { namespaces } from '../kinds/core-v1/namespace.ts'
import { pods } from '../kinds/core-v1/pod.ts'
import { systemMaster } from '../transport.ts'
import type { Client } from './client.ts'
import { createClient } from './create-client.ts'
import { startElection } from './election.ts'
import { httpsTransport } from './https.ts'
import { createRecorder } from './recorder.ts'
import { startInformer } from './start-informer.ts'

/** Everything here holds on the server in process and on the same server over the wire. */
let pki: ClusterPki | undefined
let cleanups: (() => unknown)[] = []
const log = pino({ level: 'silent' })
const clock = systemClock
const at = (name: string) => ({ namespace: 'default', name })
const draft = (name: string, data: Record<string, string> = {}) => ({ metadata: { ...at(name), labels: { app: name } }, data })

async function startServer() {
  const storage = createMemoryLog()
  const cache = createWatchCache({ log: storage, clock })
  const server = createApiServer({ store: createObjectStore({ log: storage, cache }), clock, log, metrics: new Registry() })
  cleanups.push(async () => { await server.close(); await cache.close(); await storage.close() })
  await server.ready
  return server
}

const reached: Record<string, () => Promise<Client>> = {
  async 'in process'() {
    return createClient((await startServer()).transport, { user: systemMaster })
  },
  async 'over the wire'() {
    pki ??= await createClusterPki({ clock })
    const { ca, apiserver, admin } = pki
    const { port } = await (await startServer()).listen({ host: '127.0.0.1', port: 0, tls: { key: apiserver.key, cert: apiserver.certificate, ca: ca.certificate } })
    const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, ca: ca.certificate, cert: admin.certificate, key: admin.key, clock })
    cleanups.push(() => transport.close())
    return createClient(transport)
  },
}

describe.each(Object.entries(reached))('the client on the real server, %s', (_name, reach) => {
  let client: Client
  let over: AbortController
  beforeEach(async () => {
    over = new AbortController()
    client = await reach()
    cleanups.push(() => over.abort())
  })
  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
    cleanups = []
  })

  test('creates, reads, updates, patches and deletes', async () => {
    const made = await client.create(configMaps, draft('a', { k: '1' }))
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', uid: expect.any(String) }, data: { k: '1' } })
    expect(await client.get(configMaps, at('a'))).toEqual(made)
    const updated = await client.update(configMaps, { ...made, data: { k: '2' } })
    await expect(client.update(configMaps, { ...made, data: { k: '3' } })).rejects.toSatisfy(isConflict)
    expect(updated.data).toEqual({ k: '2' })
    expect((await client.patch(configMaps, at('a'), { type: 'merge', patch: { data: { k: null, l: '1' } } })).data).toEqual({ l: '1' })
    expect((await client.patch(configMaps, at('a'), { type: 'json', patch: [{ op: 'add', path: '/data/m', value: '2' }] })).data).toEqual({ l: '1', m: '2' })
    expect((await client.patch(configMaps, at('a'), { type: 'strategic', patch: { data: { n: '3' } } })).data).toEqual({ l: '1', m: '2', n: '3' })
    await client.delete(configMaps, at('a'))
    await expect(client.get(configMaps, at('a'))).rejects.toSatisfy(isNotFound)
  })

  test('answers are frozen', async () => {
    const made = await client.create(configMaps, draft('a', { k: '1' }))
    expect(() => { made.data!['k'] = '2' }).toThrow(TypeError)
    const { items } = await client.list(configMaps, { namespace: 'default' })
    expect(() => { items[0]!.metadata.labels!['app'] = 'b' }).toThrow(TypeError)
  })

  test('every error arrives as what it is', async () => {
    await client.create(configMaps, draft('a'))
    await expect(client.create(configMaps, draft('a'))).rejects.toSatisfy(isAlreadyExists)
    await expect(client.create(configMaps, draft('A!'))).rejects.toSatisfy(isInvalid)
    await expect(client.create(configMaps, { metadata: { namespace: 'none', name: 'a' } })).rejects.toSatisfy(isNotFound)
    await expect(client.delete(configMaps, at('a'), { preconditions: { uid: 'other' } })).rejects.toSatisfy(isConflict)
    await expect(client.get(pods, { name: 'p' })).rejects.toMatchObject({ code: 400 })
  })

  test('dry run and undefined fields leave no trace', async () => {
    await client.create(configMaps, draft('a'), { dryRun: true })
    await expect(client.get(configMaps, at('a'))).rejects.toSatisfy(isNotFound)
    const made = await client.create(configMaps, { ...draft('a'), binaryData: undefined })
    expect(Object.keys(made)).not.toContain('binaryData')
  })

  test('lists by page and by selector, deletes by selector', async () => {
    for (const name of ['a', 'b', 'c']) await client.create(configMaps, draft(name))
    const first = await client.list(configMaps, { namespace: 'default', limit: 2 })
    const rest = await client.list(configMaps, { namespace: 'default', limit: 2, continue: first.metadata.continue! })
    expect([...first.items, ...rest.items].map((item) => [item.kind, item.metadata.name])).toEqual([['ConfigMap', 'a'], ['ConfigMap', 'b'], ['ConfigMap', 'c']])
    await client.deleteCollection(configMaps, { namespace: 'default', labelSelector: 'app in (a,b)' })
    expect((await client.list(configMaps, { namespace: 'default' })).items.map((item) => item.metadata.name)).toEqual(['c'])
    expect((await client.list(configMaps, { fieldSelector: 'metadata.name=c' })).items).toHaveLength(1)
  })

  test('watches from a revision', async () => {
    const { metadata } = await client.list(configMaps)
    const made = await client.create(configMaps, draft('a'))
    await client.update(configMaps, { ...made, data: { k: '1' } })
    await client.delete(configMaps, at('a'))
    const seen: string[] = []
    for await (const event of client.watch(configMaps, { namespace: 'default', resourceVersion: metadata.resourceVersion! })) {
      seen.push(`${event.type} ${event.object.metadata.name}`)
      if (seen.length === 3) break
    }
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  })

  test('a watch ends with its signal and after its time', async () => {
    const abort = new AbortController()
    const ended = (async () => { for await (const _event of client.watch(configMaps, { signal: abort.signal })); })()
    await client.list(configMaps)
    abort.abort()
    await ended
    for await (const _event of client.watch(configMaps, { timeoutSeconds: 1 }));
  })

  test('an informer follows', async () => {
    await client.create(configMaps, draft('a'))
    const informer = startInformer(client, configMaps, { namespace: 'default' }, { clock, log, signal: over.signal })
    const seen: string[] = []
    informer.on({ add: (object) => seen.push(`+${object.metadata.name}`), update: (object) => seen.push(`~${object.metadata.name}`), delete: (object) => seen.push(`-${object.metadata.name}`) })
    await informer.synced
    const b = await client.create(configMaps, draft('b'))
    await client.update(configMaps, { ...b, data: { k: '1' } })
    await client.delete(configMaps, at('a'))
    await vi.waitFor(() => expect(seen).toEqual(['+a', '+b', '~b', '-a']))
    await informer.stop()
  })

  test('a namespace is made and its objects are found across namespaces', async () => {
    await client.create(namespaces, { metadata: { name: 'team' } })
    await client.create(configMaps, { metadata: { namespace: 'team', name: 'x' } })
    expect((await client.list(configMaps, { fieldSelector: 'metadata.namespace=team' })).items.map((item) => item.metadata.name)).toContain('x')
  })

  test('events are recorded and folded', async () => {
    const map = await client.create(configMaps, draft('a'))
    const recorder = createRecorder({ client, clock, component: 'tester', host: 'n1' })
    for (let i = 0; i < 3; i++) recorder.event(map, 'Normal', 'Tested', 'It was tested')
    await recorder.flush()
    const [event, ...others] = (await client.list(events, { namespace: 'default', fieldSelector: 'involvedObject.name=a' })).items
    expect([event?.reason, event?.count, event?.involvedObject.uid, others]).toEqual(['Tested', 3, map.metadata.uid, []])
  })

  test('a lease is taken, kept and let go', async () => {
    const leading = Promise.withResolvers<AbortSignal>()
    const lease = { namespace: 'kube-system', name: 'tester' }
    const election = startElection({ client, clock, log, signal: over.signal, lease, identity: 'me', retryPeriod: 20, renewDeadline: 1_000, leaseDuration: 2_000, onLead: leading.resolve })
    const signal = await leading.promise
    const { spec } = await client.get(leases, lease)
    await vi.waitFor(async () => expect((await client.get(leases, lease)).spec.renewTime).not.toBe(spec.renewTime))
    await election.stop()
    expect([signal.aborted, (await client.get(leases, lease)).spec.holderIdentity]).toEqual([true, ''])
  })
})
