import { createServer, type AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { createHealthServers, type HealthServers } from './health-servers.ts'

let servers: HealthServers | undefined
afterEach(() => servers?.close())

/** A port that nobody has just now. */
const freePort = () => new Promise<number>((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as AddressInfo
    probe.close(() => resolve(port))
  })
})

/** Until the server is there, or gone. */
async function ask(port: number, there = true): Promise<Response | undefined> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).catch(() => undefined)
    if (!!response === there) return response
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`port ${port} is ${there ? 'not' : 'still'} answered`)
}

test('says whether this node has endpoints of the Service, and how many, as kube-proxy does', async () => {
  const port = await freePort()
  let healthy = true
  servers = createHealthServers({ log: pino({ level: 'silent' }), isHealthy: () => healthy, host: '127.0.0.1' })
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
  await ask(port, false)
})
