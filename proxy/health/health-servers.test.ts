import { createServer, type AddressInfo } from 'node:net'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import type { Node } from '../../api/types/core-v1/node.ts'
import { systemClock as clock } from '../../host/clock.ts'
import { createHealthServers } from './health-servers.ts'
import { serveProxyHealth } from './proxy-health-server.ts'
import type { ProxyHealth } from './sync-health.ts'

const log = pino({ level: 'silent' })
const closing: (() => Promise<void>)[] = []
afterEach(async () => void await Promise.all(closing.splice(0).map((close) => close())))

function healthServers(options: Partial<Parameters<typeof createHealthServers>[0]> = {}) {
  const servers = createHealthServers({ log, clock, isHealthy: () => true, addresses: () => ['127.0.0.1'], ...options })
  closing.push(() => servers.close())
  return servers
}

/** A port of loopback that nobody has just now, or that is held. */
const holdPort = () => new Promise<{ port: number; free(): Promise<void> }>((resolve) => {
  const holder = createServer().listen(0, '127.0.0.1', () => {
    const free = () => new Promise<void>((done) => holder.close(() => done()))
    resolve({ port: (holder.address() as AddressInfo).port, free })
  })
})
async function freePort(): Promise<number> {
  const { port, free } = await holdPort()
  await free()
  return port
}

/** The answer, once there is a server, or none any more. */
async function ask(port: number, { path = '/', address = '127.0.0.1', there = true } = {}): Promise<Response | undefined> {
  let response: Response | undefined
  await expect.poll(async () => {
    response = await fetch(`http://${address}:${port}${path}`, { headers: { connection: 'close' } }).catch(() => undefined)
    return response !== undefined
  }, { timeout: 30_000 }).toBe(there)
  return response
}

test('says whether this node has endpoints of the Service, and how many, as kube-proxy does', async () => {
  const port = await freePort()
  let healthy = true
  const servers = healthServers({ isHealthy: () => healthy })
  servers.set([{ service: 'default/web', port, localEndpoints: 2 }])
  const good = (await ask(port))!
  expect([good.status, good.headers.get('x-load-balancing-endpoint-weight'), good.headers.get('content-type')]).toEqual([200, '2', 'application/json'])
  expect(await good.json()).toEqual({ service: { namespace: 'default', name: 'web' }, localEndpoints: 2, serviceProxyHealthy: true })

  servers.set([{ service: 'default/web', port, localEndpoints: 0 }])
  const empty = (await ask(port))!
  expect([empty.status, empty.headers.get('x-load-balancing-endpoint-weight')]).toEqual([503, '0'])

  servers.set([{ service: 'default/web', port, localEndpoints: 1 }])
  healthy = false
  expect((await ask(port))!.status).toBe(503)

  servers.set([])
  await ask(port, { there: false })
})

test('answers only at the addresses chosen, as they are at each change', async () => {
  const port = await freePort()
  let addresses = ['127.0.0.1', '127.0.0.2']
  const servers = healthServers({ addresses: () => addresses })
  const check = { service: 'default/web', port, localEndpoints: 1 }
  servers.set([check])
  for (const address of addresses) expect((await ask(port, { address }))!.status).toBe(200)
  await ask(port, { address: '127.0.0.3', there: false })
  addresses = ['127.0.0.2', '127.0.0.3']
  servers.set([check])
  await ask(port, { address: '127.0.0.1', there: false })
  for (const address of addresses) expect((await ask(port, { address }))!.status).toBe(200)
})

test('a port that is taken is told of once, and answered as soon as it is free', async () => {
  const { port, free } = await holdPort()
  const told: string[] = []
  const servers = healthServers({ failed: (service, message) => told.push(`${service}: ${message}`) })
  servers.set([{ service: 'default/web', port, localEndpoints: 1 }])
  await expect.poll(() => told).toEqual([`default/web: listen EADDRINUSE: address already in use 127.0.0.1:${port}`])
  servers.set([{ service: 'default/web', port, localEndpoints: 3 }])
  await free()
  expect((await ask(port))!.headers.get('x-load-balancing-endpoint-weight')).toBe('3')
  expect(told.length).toBe(1)
})

test('no server stays when it is taken away before it listens', async () => {
  const port = await freePort()
  const servers = healthServers()
  servers.set([{ service: 'default/web', port, localEndpoints: 1 }])
  await servers.close()
  await ask(port, { there: false })
})

test("the proxy's own health: /healthz asks for the node too, /livez does not", async () => {
  const port = await freePort()
  const metrics = new Registry()
  const at = (text: string) => Date.parse(text)
  let health: ProxyHealth = { healthy: true, lastUpdated: undefined }
  let node: Node | undefined = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} }
  closing.push(serveProxyHealth({
    at: { address: '127.0.0.1', port }, health: () => health, node: () => node, families: ['IPv4', 'IPv6'],
    clock: { ...clock, now: () => at('2030-01-01T00:01:00Z') }, log, metrics,
  }))
  const answer = async (path: string) => {
    const response = (await ask(port, { path }))!
    return [response.status, JSON.parse(await response.text())]
  }
  const now = '2030-01-01T00:01:00.000Z'
  expect(await answer('/healthz')).toEqual([200, { lastUpdated: now, currentTime: now, nodeEligible: true, healthy: true }])

  const written = '2030-01-01T00:00:30.000Z'
  health = { healthy: true, lastUpdated: at(written) }
  const status = (healthy: boolean) => ({ IPv4: { lastUpdated: written, healthy }, IPv6: { lastUpdated: written, healthy } })
  expect(await answer('/livez')).toEqual([200, { lastUpdated: now, currentTime: now, healthy: true, status: status(true) }])

  for (const bad of [
    undefined,
    { ...node, metadata: { name: 'n1', deletionTimestamp: now } },
    { ...node, spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } },
  ]) {
    node = bad as Node | undefined
    expect(await answer('/healthz?verbose')).toEqual([503, { lastUpdated: written, currentTime: now, nodeEligible: false, healthy: true, status: status(true) }])
    expect((await answer('/livez'))[0]).toBe(200)
  }

  health = { healthy: false, lastUpdated: at(written) }
  expect(await answer('/livez')).toEqual([503, { lastUpdated: written, currentTime: now, healthy: false, status: status(false) }])
  expect((await ask(port, { path: '/metrics' }))!.status).toBe(404)
  expect(await metrics.metrics()).toMatch(/kubeproxy_proxy_livez_total\{code="503"\} \d/)
})
