import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isProxyable } from './subresources/proxyable.ts'
import { pod } from './testing/test-server.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

let server: TlsTestServer
beforeAll(async () => {
  server = await startTlsServer()
  await server.call('POST', '/api/v1/namespaces/default/pods', pod('one', { spec: { nodeName: 'n1' } }))
})
afterAll(() => server.close())

const tls = () => ({ host: '127.0.0.1', port: server.port, ca: server.pki.ca.certificate, key: server.pki.admin.key, cert: server.pki.admin.certificate })
/** An IPv4 address of this machine by which it may be proxied to; none where there is only loopback. */
const machineAddress = (): string | undefined => Object.values(networkInterfaces()).flatMap((all) => all ?? []).find(({ family, address }) => family === 'IPv4' && isProxyable(address))?.address

/** Sends bytes and gives back all that comes until the connection ends, or `wanted` is among it. */
async function raw(head: string | Buffer, wanted = /$^/): Promise<string> {
  const socket = connect(tls())
  await once(socket, 'secureConnect')
  socket.write(head)
  let text = ''
  for await (const part of socket) {
    text += part
    if (wanted.test(text)) break
  }
  socket.destroy()
  return text
}

describe('proxies', () => {
  const address = machineAddress()
  let backend: Server
  const requests: { url: string; headers: Record<string, unknown>; method: string; body: string }[] = []
  const own = '/api/v1/namespaces/default'
  beforeAll(async () => {
    backend = createServer((request, response) => {
      let body = ''
      request.on('data', (part) => { body += part })
      request.on('end', () => {
        requests.push({ url: request.url!, headers: request.headers, method: request.method!, body })
        if (request.url === '/moved') return response.writeHead(302, { location: '/there/' }).end()
        response.writeHead(200, { 'access-control-allow-origin': '*', 'set-cookie': ['a=1; Expires=Sat, 21 Nov 2026', 'b=2'], 'content-type': 'text/plain' }).end(`${request.method} ${request.url} ${body}`)
      })
    })
    backend.on('upgrade', (request, socket) => {
      requests.push({ url: request.url!, headers: request.headers, method: request.method!, body: '' })
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      socket.pipe(socket)
      socket.on('error', () => {})
    })
    // No loopback address may be proxied to: the far side stands at another address of this machine.
    backend.listen(0, address ?? '127.0.0.1')
    await once(backend, 'listening')
  })
  afterAll(async () => {
    backend.closeAllConnections()
    await new Promise((resolve) => backend.close(resolve))
  })
  const port = () => (backend.address() as AddressInfo).port
  const get = async (path: string, options: Parameters<TlsTestServer['fetch']>[2] & { method?: string } = {}) => {
    const { status, body, headers } = await server.fetch(options.method ?? 'GET', path, options)
    return { status, text: body.toString(), headers }
  }
  const message = async (path: string) => { const { status, text } = await get(path); return [status, JSON.parse(text).message] }

  test.each(['127.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1'])('%s may not be a pod\'s address', async (ip) => {
    await server.call('POST', `${own}/pods`, pod('local', { spec: { nodeName: 'n1' } }))
    await server.call('PATCH', `${own}/pods/local/status`, { status: { podIP: ip, podIPs: [{ ip }] } }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect(await message(`${own}/pods/local:8080/proxy/`)).toEqual([400, 'address not allowed'])
  })

  test.each([
    ['pods/one:80:80:80/proxy/', [400, 'invalid pod request "one:80:80:80"']],
    ['pods/ftp:one:80/proxy/', [400, 'invalid pod request "ftp:one:80"']],
    ['pods/one/proxy/', [400, 'address not allowed']],
    ['pods/nobody/proxy/', [404, 'pods "nobody" not found']],
    ['services/nobody/proxy/', [404, 'services "nobody" not found']],
  ])('%s is refused', async (path, expected) => expect(await message(`${own}/${path}`)).toEqual(expected))

  test('services lead to ready endpoints that are pods of the namespace', async () => {
    await server.call('POST', `${own}/services`, { metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }, { name: 'other', port: 81 }] } })
    expect(await message(`${own}/services/web/proxy/`)).toEqual([503, 'no endpoints available for service "web"'])
    const slice = (name: string, endpoint: object) => server.call('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      metadata: { name, labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', endpoints: [endpoint], ports: [{ name: 'http', port: 8080 }],
    })
    await slice('web-1', { addresses: ['192.0.2.7'], conditions: { ready: true } })
    await slice('web-2', { addresses: ['192.0.2.7'], targetRef: { kind: 'Pod', name: 'local', namespace: 'default' } })
    await slice('web-3', { addresses: ['192.0.2.7'], targetRef: { kind: 'Pod', name: 'local', namespace: 'kube-system' } })
    expect(await message(`${own}/services/https:web:http/proxy/`)).toEqual([503, 'no endpoints available for service "https:web:http"'])
    expect(await message(`${own}/services/web:99/proxy/`)).toEqual([503, 'no service port 99 found for service "web"'])
    expect(await message(`${own}/services/web:nope/proxy/`)).toEqual([503, 'no endpoints available for service "web:nope"'])
  })

  describe.skipIf(!address)('to an address of this machine that is not loopback', () => {
    beforeAll(async () => {
      await server.call('POST', `${own}/pods`, pod('web', { spec: { nodeName: 'n1' } }))
      await server.call('PATCH', `${own}/pods/web/status`, { status: { podIP: address, podIPs: [{ ip: address }] } }, { headers: { 'content-type': 'application/merge-patch+json' } })
      await server.call('POST', `${own}/services`, { metadata: { name: 'front' }, spec: { ports: [{ name: 'http', port: 80 }] } })
      await server.call('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
        metadata: { name: 'front-1', labels: { 'kubernetes.io/service-name': 'front' } }, addressType: 'IPv4', ports: [{ name: 'http', port: port() }],
        endpoints: [{ addresses: [address], targetRef: { kind: 'Pod', name: 'web', namespace: 'default' } }],
      })
    })
    const base = () => `${own}/pods/web:${port()}/proxy`

    test('path, query, method and body go through, credentials do not', async () => {
      expect(await get(`${base()}/a%20b/c?x=1%202&y`, { headers: { authorization: '', host: 'localhost:6443', 'x-remote-user': 'root', cookie: 'a=b' } })).toMatchObject({ status: 200, text: 'GET /a%20b/c?x=1%202&y ' })
      const { headers } = requests.at(-1)!
      expect(headers).toMatchObject({ host: 'localhost:6443', 'x-forwarded-for': expect.stringContaining('127.0.0.1'), 'x-forwarded-uri': `${base()}/a%20b/c`, cookie: 'a=b' })
      expect(headers['authorization'] ?? headers['x-remote-user']).toBeUndefined()
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect((await get(`${base()}/things`, { method, body: '{"a":1}', headers: { 'content-type': 'application/json', 'content-length': '7' } })).text).toBe(`${method} /things {"a":1}`)
      expect(await get(`${base()}/`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    })

    test('a service is reached by the name and the number of its port', async () => {
      for (const spelled of ['front:http', 'front:80', 'http:front:http']) expect((await get(`${own}/services/${spelled}/proxy/hi`)).text).toBe('GET /hi ')
    })

    test.each([['/x/../y', '/y'], ['/..%2f..%2fetc', '/etc'], ['//a//b', '/a/b'], ['/a/', '/a/'], ['/a/..', '/']])('%s is asked as %s', async (path, expected) => {
      expect((await raw(`GET ${base()}${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).replace(/^[^]*?\r\n\r\n/, '')).toContain(`GET ${expected} `)
    })

    test('without a slash the page is elsewhere; redirects lead back through the proxy and are not followed', async () => {
      expect(await get(`${base()}?a=b`)).toMatchObject({ status: 301, headers: { location: `${base()}/?a=b` } })
      expect(await get(`${base()}/moved`)).toMatchObject({ status: 302, headers: { location: `${base()}/there/` } })
    })

    test('a page cannot let others read this server\'s answers', async () => expect((await get(`${base()}/`)).headers['access-control-allow-origin']).toBeUndefined())

    test('cookies come one by one', async () => expect((await get(`${base()}/`)).headers['set-cookie']).toEqual(['a=1; Expires=Sat, 21 Nov 2026', 'b=2']))

    test('nobody there is a 503', async () => {
      expect(await message(`${own}/pods/web:1/proxy/`)).toEqual([503, `error trying to reach service: dial tcp ${address}:1: connect: connection refused`])
    })

    test('upgrades go through', async () => {
      expect(await raw(`GET ${base()}/socket?a=b HTTP/1.1\r\nHost: cluster\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello`, /hello$/)).toMatch(/^HTTP\/1.1 101[^]*Upgrade: echo[^]*hello$/)
      expect(requests.at(-1)).toMatchObject({ url: '/socket?a=b', headers: { host: 'cluster' } })
    })
  })
})
