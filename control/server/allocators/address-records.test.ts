import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemMaster } from '../../../api/transport.ts'
import { createManualClock } from '../../../host/manual-clock.ts'
import { systemClock } from '../../../host/clock.ts'
import { createMemoryLog } from '../../store/memory.ts'
import { createObjectStore } from '../../store/object-store.ts'
import { createWatchCache } from '../../store/watch-cache.ts'
import { createApiServer } from '../api-server.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

const path = '/api/v1/namespaces/default/services'
const records = '/apis/networking.k8s.io/v1/ipaddresses'
const service = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
const record = (address: string, name: string) => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: address, labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
  spec: { parentRef: { resource: 'services', namespace: 'default', name } },
})
const eventually = <T>(attempt: () => Promise<T>): Promise<T> => vi.waitFor(attempt, { timeout: 5000, interval: 5 })

describe('who holds an address', () => {
  let server: TestServer
  const clock = createManualClock({ start: '2026-11-21T00:00:00Z' })
  beforeAll(async () => { server = await startTestServer({ clock, serviceCIDRs: ['10.96.0.0/24'] }) })
  afterAll(() => server.close())
  const names = async (): Promise<string[]> => (await server.call('GET', records)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  const statusOf = async (address: string) => (await server.call('GET', `${records}/${address}`)).status

  test('is written down, and forgotten with the service', async () => {
    const made = (await server.call('POST', path, service('a'))).body
    expect((await server.call('GET', `${records}/${made.spec.clusterIP}`)).body).toMatchObject({
      metadata: { labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io', 'ipaddress.kubernetes.io/ip-family': 'IPv4' } },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } },
    })
    await server.call('DELETE', `${path}/a`)
    expect(await names()).toEqual(['10.96.0.1'])
  })

  test('neither a dry run nor a refused service leaves a record', async () => {
    await server.call('POST', `${path}?dryRun=All`, service('dry'))
    expect((await server.call('POST', path, service('kubernetes'))).status).toBe(409)
    expect((await server.call('POST', path, service('bad', { clusterIP: '10.96.0.9', type: 'NodePort', ports: [{ port: 80, nodePort: 1 }] }))).status).toBe(422)
    expect(await names()).toEqual(['10.96.0.1'])
  })

  test('a service that needs its address no more gives it back', async () => {
    await server.call('POST', path, service('b', { clusterIP: '10.96.0.20' }))
    await server.call('PATCH', `${path}/b`, { spec: { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect(await statusOf('10.96.0.20')).toBe(404)
    expect((await server.call('POST', path, service('c', { clusterIP: '10.96.0.20' }))).status).toBe(201)
  })

  test('what somebody wrote down themselves is not given out', async () => {
    await server.call('POST', records, record('10.96.0.30', 'other'))
    expect((await server.call('POST', path, service('d', { clusterIP: '10.96.0.30' }))).body).toMatchObject({ code: 422, message: expect.stringContaining('provided IP is already allocated') })
    await server.call('DELETE', `${records}/10.96.0.30`)
    expect((await server.call('POST', path, service('d', { clusterIP: '10.96.0.30' }))).status).toBe(201)
  })

  test('a record that is deleted while its service lives comes back', async () => {
    const { metadata } = (await server.call('GET', `${records}/10.96.0.1`)).body
    await server.call('DELETE', `${records}/10.96.0.1`)
    await eventually(async () => {
      const now = await server.call('GET', `${records}/10.96.0.1`)
      expect(now).toMatchObject({ status: 200, body: { spec: { parentRef: { name: 'kubernetes' } } } })
      expect(now.body.metadata.uid).not.toBe(metadata.uid)
    })
  })

  test('the range is an object, and stays one', async () => {
    const cidr = '/apis/networking.k8s.io/v1/servicecidrs/kubernetes'
    const ready = { spec: { cidrs: ['10.96.0.0/24'] }, status: { conditions: [{ type: 'Ready', status: 'True', message: 'Kubernetes default Service CIDR is ready' }] } }
    expect((await server.call('GET', cidr)).body).toMatchObject(ready)
    await server.call('DELETE', cidr)
    await eventually(async () => expect((await server.call('GET', cidr)).body).toMatchObject(ready))
  })
})

describe('servers of one store', () => {
  const clock = createManualClock({ start: '2026-11-21T00:00:00Z' })
  const log = createMemoryLog()
  const start = async () => {
    const cache = createWatchCache({ log, clock: systemClock })
    const server = createApiServer({ store: createObjectStore({ log, cache }), clock, log: pino({ level: 'silent' }), metrics: new Registry(), serviceCIDRs: ['10.96.0.0/27'], nodePortRange: [30000, 30063] })
    await server.ready
    const ask = async (method: 'GET' | 'POST' | 'DELETE', where: string, value?: unknown) => {
      const { status, body } = await server.transport({ method, path: where, query: new URLSearchParams(), headers: { 'content-type': 'application/json' }, user: systemMaster, body: value === undefined ? undefined : { kind: 'value', value } })
      return { status, body: body.kind === 'value' ? body.value as any : undefined }
    }
    return { ask, close: async () => { await server.close(); await cache.close() } }
  }
  type Server = Awaited<ReturnType<typeof start>>
  let one: Server
  let other: Server
  beforeAll(async () => { one = await start(); other = await start() })
  afterAll(async () => { await Promise.all([one.close(), other.close()]); await log.close() })

  test('give no address twice, whoever asks at the same moment', async () => {
    const both = await Promise.all([one, other].map((server, i) => server.ask('POST', path, service(`same-${i}`, { clusterIP: '10.96.0.9' }))))
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422])
    expect(both.find(({ status }) => status === 422)!.body.message).toContain('failed to allocate IP 10.96.0.9: provided IP is already allocated')
    // 30 addresses, two are held: all others are given out, each once.
    const made = await Promise.all(Array.from({ length: 34 }, (_, i) => (i % 2 ? one : other).ask('POST', path, service(`many-${i}`))))
    const given = made.filter(({ status }) => status === 201).map(({ body }) => body.spec.clusterIP)
    expect([given.length, new Set(given).size]).toEqual([28, 28])
    expect(made.filter(({ status }) => status !== 201).every(({ body }) => body.message.includes('range is full'))).toBe(true)
  })

  test('give no node port twice, whoever asks at the same moment', async () => {
    for (let i = 0; i < 34; i++) await one.ask('DELETE', `${path}/many-${i}`)
    const servers = [one, other]
    for (const [i, spec] of [{ type: 'NodePort', ports: [{ port: 80, nodePort: 30020 }] }, { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30021 }].entries()) {
      const both = await Promise.all(servers.map((server, n) => server.ask('POST', path, service(`port-${i}-${n}`, spec))))
      expect(both.filter(({ status }) => status === 201), JSON.stringify(both)).toHaveLength(1)
      expect(both.find(({ status }) => status !== 201)!.body.message).toContain('provided port is already allocated')
      await Promise.all([0, 1].map((n) => one.ask('DELETE', `${path}/port-${i}-${n}`)))
    }
    const ports = Array.from({ length: 9 }, (_, i) => ({ name: `p${i}`, port: i + 1 }))
    const made = await Promise.all(Array.from({ length: 6 }, (_, i) => servers[i % 2]!.ask('POST', path, service(`crowd-${i}`, { type: 'NodePort', ports }))))
    expect(made.map(({ status }) => status)).toEqual(Array(6).fill(201))
    const given = made.flatMap(({ body }) => body.spec.ports.map(({ nodePort }: { nodePort: number }) => nodePort))
    expect(new Set(given).size).toBe(54)
    // What was given is what is stored, also where the first choice was taken.
    for (const { body } of made) expect((await one.ask('GET', `${path}/${body.metadata.name}`)).body.spec.ports).toEqual(body.spec.ports)
    await Promise.all(made.map(({ body }, i) => servers[(i + 1) % 2]!.ask('DELETE', `${path}/${body.metadata.name}`)))
    await eventually(async () => expect((await one.ask('POST', path, service('all', { type: 'NodePort', ports: Array.from({ length: 64 }, (_, i) => ({ name: `p${i}`, port: i + 1 })) }))).status).toBe(201))
    expect((await other.ask('POST', path, service('none', { type: 'NodePort' }))).body.message).toContain('range is full')
    await one.ask('DELETE', `${path}/all`)
  })

  test('know the node ports that the other has given', async () => {
    expect((await one.ask('POST', path, service('port', { type: 'NodePort', ports: [{ port: 80, nodePort: 30007 }] }))).status).toBe(201)
    await eventually(async () => expect((await other.ask('GET', `${path}/port`)).status).toBe(200))
    expect((await other.ask('POST', path, service('again', { type: 'NodePort', ports: [{ port: 80, nodePort: 30007 }] }))).body.message).toContain('provided port is already allocated')
    await one.ask('DELETE', `${path}/port`)
    await eventually(async () => expect((await other.ask('POST', path, service('again', { type: 'NodePort', ports: [{ port: 80, nodePort: 30007 }] }))).status).toBe(201))
  })

  test('one that starts forgets after a minute what is held for nobody', async () => {
    await one.ask('POST', records, record('10.96.0.25', 'never-came'))
    const third = await start()
    await clock.advance('59s')
    expect((await third.ask('GET', `${records}/10.96.0.25`)).status).toBe(200)
    await clock.advance('2s')
    await eventually(async () => expect((await third.ask('GET', `${records}/10.96.0.25`)).status).toBe(404))
    expect((await third.ask('GET', `${records}/10.96.0.9`)).status).toBe(200)
    await third.close()
  })

  test('one that starts writes down what is held and not recorded', async () => {
    await Promise.all([one.close(), other.close()])
    const key = '/registry/ipaddresses/10.96.0.9'
    await log.delete(key, (await log.get(key))!.revision)
    const fourth = await start()
    expect((await fourth.ask('GET', `${records}/10.96.0.9`)).body.spec.parentRef.name).toMatch(/^same-/)
    await fourth.close()
  })
})
