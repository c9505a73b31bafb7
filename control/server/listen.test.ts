import { once } from 'node:events'
import { connect as http2 } from 'node:http2'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, issue } from '../pki/certificate.ts'
import { systemClock } from '../../host/clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import { configMap } from './testing/test-server.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

let server: TlsTestServer
beforeAll(async () => { server = await startTlsServer() })
afterAll(() => server.close())

const configMaps = '/api/v1/namespaces/default/configmaps'
const dial = async (identity: object = {}): Promise<TLSSocket> => {
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: server.pki.ca.certificate, key: server.pki.admin.key, cert: server.pki.admin.certificate, ...identity })
  await once(socket, 'secureConnect')
  return socket
}
const until = async (socket: TLSSocket, wanted: RegExp): Promise<string> => {
  let text = ''
  for await (const part of socket) {
    text += part
    if (wanted.test(text)) return text
  }
  throw new Error(`the connection ended after ${JSON.stringify(text)}`)
}

describe('identity', () => {
  test('a certificate of the cluster gets in, none and a stranger’s do not', async () => {
    expect((await server.fetch('GET', '/api/v1/namespaces')).status).toBe(200)
    expect((await server.fetch('GET', '/api/v1/namespaces', { stranger: true })).status).toBe(401)
    expect((await server.fetch('GET', '/readyz', { stranger: true })).body.toString()).toBe('ok')
    const authority = await createAuthority({ commonName: 'other', clock: systemClock })
    const forged = await issue(authority, { commonName: 'admin', organizations: ['system:masters'], usages: ['client'], clock: systemClock })
    const socket = await dial({ key: forged.key, cert: forged.certificate })
    socket.write('GET /api/v1/namespaces HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await until(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1.1 401/)
    socket.destroy()
  })

  test('the node’s certificate says which node it is', async () => {
    const node = server.pki.nodes.get('n1')!.client
    const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
    const socket = await dial({ key: node.key, cert: node.certificate })
    socket.write(`POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    expect(await until(socket, /userInfo/)).toMatch(/"username":"system:node:n1".*"system:nodes"/)
    socket.destroy()
  })
})

describe('HTTP', () => {
  test('of requests that come at once on one connection, one is worked on at a time', async () => {
    const socket = await dial()
    const body = JSON.stringify(configMap('pipelined'))
    socket.write('GET /api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1 HTTP/1.1\r\nhost: x\r\n\r\n'
      + `POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    const text = await until(socket, /HTTP\/1.1 201 Created[^]*pipelined/)
    expect(text.slice(0, text.indexOf('HTTP/1.1 201'))).not.toContain('pipelined')
    socket.destroy()
  })

  test('JSON is exactly application/json, and lists over 128 KiB are zipped for who wants it', async () => {
    expect((await server.fetch('GET', configMaps)).headers['content-type']).toBe('application/json')
    await Promise.all(Array.from({ length: 20 }, (_, i) => server.call('POST', '/api/v1/namespaces/kube-public/configmaps', configMap(`z${i}`, { text: 'x'.repeat(20_000) }))))
    const plain = await server.fetch('GET', '/api/v1/namespaces/kube-public/configmaps')
    const zipped = await server.fetch('GET', '/api/v1/namespaces/kube-public/configmaps', { headers: { 'accept-encoding': 'gzip' } })
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding'], zipped.headers['vary']]).toEqual([undefined, 'gzip', 'Accept-Encoding'])
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
    expect(JSON.parse(plain.body.toString()).items).toHaveLength(20)
  })

  test('HEAD, pretty printing, and a warning on the wire', async () => {
    expect(await server.fetch('HEAD', configMaps)).toMatchObject({ status: 200, body: Buffer.alloc(0) })
    expect((await server.fetch('GET', '/api', { headers: { 'user-agent': 'curl/8' } })).body.toString()).toMatch(/^{\n  "kind"/)
    const made = await server.fetch('POST', `${configMaps}?dryRun=All`, { body: '{"metadata":{"name":"w"},"odd":1}', headers: { 'content-type': 'application/json' } })
    expect(made.headers['warning']).toBe('299 - "unknown field \\"odd\\""')
  })

  test('a body over the limit is 413, and a stranger’s is not even read', async () => {
    const headers = { 'content-type': 'application/json' }
    expect((await server.fetch('POST', configMaps, { body: Buffer.alloc(4 * 1024 * 1024, 'x'), headers })).status).toBe(413)
    const socket = await dial({ key: undefined, cert: undefined })
    socket.write(`POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 3000000\r\n\r\n`)
    expect(await until(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1.1 401/)
    socket.destroy()
  })

  test('a half-sent body does no harm', async () => {
    for (let i = 0; i < 5; i++) {
      const socket = await dial()
      socket.write(`POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"metadata":`)
      socket.destroy()
    }
    expect((await server.fetch('GET', '/healthz')).status).toBe(200)
  })

  test('one connection serves many requests, pipelined too', async () => {
    const socket = await dial()
    socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(3))
    expect((await until(socket, /(HTTP\/1.1 200[^]*){3}ok$/)).match(/HTTP\/1.1 200/g)).toHaveLength(3)
    socket.destroy()
  })
})

describe('h2', () => {
  test('requests and watches share one connection', async () => {
    const session = http2(server.url, { ca: server.pki.ca.certificate, key: server.pki.admin.key, cert: server.pki.admin.certificate })
    const watch = session.request({ ':path': `${configMaps}?watch=true&fieldSelector=metadata.name=h2` })
    const lines = watch[Symbol.asyncIterator]()
    const post = session.request({ ':method': 'POST', ':path': configMaps, 'content-type': 'application/json' })
    post.end(JSON.stringify(configMap('h2')))
    const [headers] = await once(post, 'response')
    expect(headers[':status']).toBe(201)
    expect(JSON.parse((await lines.next()).value.toString())).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'h2' } } })
    session.destroy()
  })

  test('a half-sent body ends with its stream', async () => {
    const other = await startTlsServer()
    const session = http2(other.url, { ca: other.pki.ca.certificate, key: other.pki.admin.key, cert: other.pki.admin.certificate })
    const post = session.request({ ':method': 'POST', ':path': configMaps, 'content-type': 'application/json', 'content-length': '1000' })
    post.on('error', () => {})
    post.write('{"metadata":')
    await new Promise<void>((resolve) => session.ping(() => resolve()))
    post.close(8)
    await once(post, 'close')
    session.close()
    await once(session, 'close')
    await other.close()
  })

  test('a session that resets in a hurry is cut off', async () => {
    const socket = await dial({ ALPNProtocols: ['h2'] })
    socket.on('error', () => {})
    socket.resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const frame = (type: number, flags: number, stream: number, payload: number[]) => Buffer.from([0, 0, payload.length, type, flags, ...[24, 16, 8, 0].map((shift) => (stream >> shift) & 255), ...payload])
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, [])]))
    // Each opens a stream (GET /) and takes it back.
    const hurried = (stream: number) => Buffer.concat([frame(1, 5, stream, [0x82, 0x87, 0x84]), frame(3, 0, stream, [0, 0, 0, 8])])
    for (let batch = 0; batch < 40 && socket.writable; batch++) {
      socket.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => hurried(2 * (batch * 100 + i) + 1))))
      await new Promise(setImmediate)
    }
    await closed
    expect((await server.fetch('GET', '/healthz')).status).toBe(200)
  })
})

describe('slow readers', () => {
  test('of a long list are dropped after a minute', async () => {
    const clock = createManualClock()
    const other = await startTlsServer({ clock })
    const text = 'x'.repeat(900_000)
    await Promise.all(Array.from({ length: 20 }, (_, i) => other.call('POST', configMaps, configMap(`big${i}`, { text }))))
    const socket = connect({ host: '127.0.0.1', port: other.port, ca: other.pki.ca.certificate, key: other.pki.admin.key, cert: other.pki.admin.certificate })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.write(`GET ${configMaps} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await once(socket, 'readable')
    await expect.poll(() => clock.next, { timeout: 10_000 }).toBeDefined()
    let length = 0
    await clock.advance('61s')
    socket.on('data', (part) => { length += part.length })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(length).toBeLessThan(20 * 900_000)
    await other.close()
  })
})

describe('closing', () => {
  test('ends watches and connections, and frees the port', async () => {
    const other = await startTlsServer()
    const socket = connect({ host: '127.0.0.1', port: other.port, ca: other.pki.ca.certificate, key: other.pki.admin.key, cert: other.pki.admin.certificate })
    await once(socket, 'secureConnect')
    socket.write(`GET ${configMaps}?watch=true HTTP/1.1\r\nhost: x\r\n\r\n`)
    await once(socket, 'data')
    socket.resume()
    const ended = once(socket, 'close')
    await other.close()
    await ended
    await expect(other.fetch('GET', '/healthz')).rejects.toThrow(/ECONNREFUSED/)
  })
})

describe('nonsense', () => {
  const pieces = ['GET ', 'POST ', '/api', '/apis/', '/v1', '/namespaces/', 'pods', '?watch=true', '..%2f', '%00', '%', '//', ' HTTP/1.1\r\n', 'host: x\r\n', 'content-length: 5\r\n', 'transfer-encoding: chunked\r\n', '\r\n', '\u0000', '{"', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '__proto__', '=', '&', ',']

  test('bytes of chance bring nothing down', async () => {
    let seed = 7
    const random = (below: number) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % below }
    for (let round = 0; round < 60; round++) {
      const socket = await dial()
      socket.on('error', () => {})
      socket.resume()
      socket.end(Array.from({ length: 1 + random(30) }, () => pieces[random(pieces.length)]).join(''))
      if (round % 2) socket.destroy()
      else await Promise.race([once(socket, 'close'), once(socket, 'end')]).catch(() => {})
      socket.destroy()
    }
    expect((await server.fetch('GET', '/readyz')).status).toBe(200)
  })

  test.each([
    'fieldSelector=%00', 'labelSelector=((((', 'limit=-1', 'limit=99999999999999999999', 'continue=e30', 'resourceVersion=-1', 'resourceVersion=1e9', 'timeout=xyz', 'pretty=&&&===', '__proto__=1', 'watch=true&timeoutSeconds=abc', 'watch=true&resourceVersion=zzz',
  ])('the query %s gets an answer', async (query) => {
    const { status } = await server.fetch('GET', `${configMaps}?${query}`)
    expect([200, 400, 410, 422]).toContain(status)
  })

  test.each(['/api/v1/namespaces/default/..%2fsecrets', '/api/v1/../../etc/passwd', '/api//v1///pods', '/%2e%2e/%2e%2e', `/api/v1/${'a'.repeat(9000)}`, '/api/v1/namespaces/__proto__/pods', '/apis/__proto__/constructor/toString', '/api/v1/pods/__proto__/constructor'])('the path %s gets an answer', async (path) => {
    expect([200, 400, 404, 405, 431]).toContain((await server.fetch('GET', path)).status)
  })
})
