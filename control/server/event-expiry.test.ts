import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { createMemoryLog } from '../store/memory.ts'
import { createObjectStore } from '../store/object-store.ts'
import { createWatchCache } from '../store/watch-cache.ts'
import { createApiServer } from './api-server.ts'
import { startTestServer, take } from './testing/test-server.ts'
import type { TestServer } from './testing/test-server.ts'

const path = '/api/v1/namespaces/default/events'
const event = (name: string, more = {}) => ({ metadata: { name }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, reason: 'Test', ...more })

const rest = async () => { for (let i = 0; i < 20; i++) await setImmediate() }

async function start() {
  const clock = createManualClock({ start: '2026-01-01T00:00:00Z', settle: rest })
  const server = await startTestServer({ clock })
  onTestFinished(() => server.close())
  await clock.settle()
  return { clock, server }
}
const names = async (server: TestServer) => (await server.call('GET', path)).body.items.map(({ metadata }: any) => metadata.name)

test('an event is gone an hour after it was last written, and watchers see it go', async () => {
  const { clock, server } = await start()
  await server.call('POST', path, event('old'))
  await server.call('POST', path, event('again'))
  const seen = take(await server.raw('GET', `${path}?watch=true&timeoutSeconds=36000&fieldSelector=metadata.name=old`), 2)
  await clock.advance('40m')
  await server.call('PATCH', `${path}/again`, { count: 2 }, { headers: { 'content-type': 'application/merge-patch+json' } })
  await clock.advance('19m')
  expect(await names(server)).toEqual(['again', 'old'])
  await clock.advance('2m')
  expect(await names(server)).toEqual(['again'])
  expect((await seen).map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
  await clock.advance('40m')
  expect(await names(server)).toEqual([])
})

test('hundreds go, other objects stay', async () => {
  const { clock, server } = await start()
  await Promise.all(Array.from({ length: 250 }, (_, i) => server.call('POST', path, event(`e${i}`))))
  await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'stays' } })
  await clock.advance('61m')
  expect(await names(server)).toEqual([])
  expect((await server.call('GET', '/api/v1/namespaces/default/configmaps/stays')).status).toBe(200)
})

test('after a restart the times in an event count, though none beyond a new life', async () => {
  const clock = createManualClock({ start: '2026-01-01T12:00:00Z', settle: rest })
  const log = createMemoryLog()
  const stored = { apiVersion: 'v1', kind: 'Event', involvedObject: {}, reason: 'Test' }
  const write = (name: string, lastTimestamp: string) => log.create(`/registry/events/default/${name}`, Buffer.from(JSON.stringify({ ...stored, metadata: { name, namespace: 'default' }, lastTimestamp })))
  await write('before', '2026-01-01T10:00:00Z')
  await write('lately', '2026-01-01T11:40:00Z')
  await write('tomorrow', '2026-01-02T00:00:00Z')
  const cache = createWatchCache({ log, clock })
  const server = createApiServer({ store: createObjectStore({ log, cache }), clock, log: pino({ level: 'silent' }), metrics: new Registry() })
  onTestFinished(async () => { await server.close(); await cache.close(); await log.close() })
  await server.ready
  const left = async () => (await log.list('/registry/events/')).records.map(({ key }) => key.split('/').at(-1))
  await clock.advance('1s')
  expect(await left()).toEqual(['lately', 'tomorrow'])
  await clock.advance('41m')
  expect(await left()).toEqual(['tomorrow'])
  await clock.advance('20m')
  expect(await left()).toEqual([])
})
