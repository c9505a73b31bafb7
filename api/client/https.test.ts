import 'reflect-metadata'
import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, SecureServerOptions, ServerHttp2Session } from 'node:http2'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import { isNotFound, notFound, statusOf } from '../errors.ts'
import { configMaps } from '../kinds/core-v1/config-map.ts'
import { createClient } from './create-client.ts'
import { httpsTransport } from './https.ts'
import type { HttpsOptions } from './https.ts'
import { loadKubeconfig } from './kubeconfig.ts'
import { isTransportError } from './transport-error.ts'
import type { TransportError } from './transport-error.ts'

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void

let cert: string, key: string
const cleanups: (() => unknown)[] = []
beforeAll(async () => { ({ cert, key } = await selfSigned()) })
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

/** A server of the test's own, on the given port or any. */
async function serve(handler: Handler, options: SecureServerOptions & { port?: number } = {}) {
  const sessions = new Set<ServerHttp2Session>()
  const server: Http2SecureServer = createSecureServer({ cert, key, ...options }, handler)
  server.on('session', (session) => { sessions.add(session); session.once('close', () => sessions.delete(session)); session.on('error', () => {}) })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => { for (const session of sessions) session.destroy(); await new Promise((resolve) => { server.close(resolve) }) }
  cleanups.push(stop)
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}`, port, sessions, stop }
}

function clientOf(options: Partial<HttpsOptions> & { server: string }) {
  const transport = httpsTransport({ ca: cert, clock: systemClock, timeoutMs: 5_000, ...options })
  cleanups.push(() => transport.close())
  return createClient(transport)
}
const json = (response: Http2ServerResponse, value: unknown, code = 200) => { response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value)) }
const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name } })
const at = (name: string) => ({ namespace: 'default', name })
const failure = (promise: Promise<unknown>): Promise<TransportError> => promise.then(() => { throw new Error('it succeeded') }, (error: unknown) => { expect(isTransportError(error)).toBe(true); return error as TransportError })

describe('the https transport', () => {
  test('sends path, query, headers and body, and gives back what was answered, frozen', async () => {
    const seen: unknown[] = []
    const { url } = await serve(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      seen.push(request.method, request.url, request.headers['content-type'], request.headers.authorization, JSON.parse(Buffer.concat(parts).toString()))
      json(response, map('a'))
    })
    const client = clientOf({ server: url, token: async () => 'secret' })
    const answer = await client.patch(configMaps, at('a'), { type: 'merge', patch: { data: { k: 'v', gone: undefined } } }, { fieldManager: 'me', dryRun: true })
    expect(seen).toEqual(['PATCH', '/api/v1/namespaces/default/configmaps/a?fieldManager=me&dryRun=All', 'application/merge-patch+json', 'Bearer secret', { data: { k: 'v' } }])
    expect(answer).toEqual(map('a'))
    expect(Object.isFrozen(answer.metadata)).toBe(true)
  })

  test('a Status body is the error it tells of', async () => {
    const { url } = await serve((_request, response) => { json(response, statusOf(notFound({ group: '', resource: 'configmaps' }, 'a')), 404) })
    await expect(clientOf({ server: url }).get(configMaps, at('a'))).rejects.toSatisfy(isNotFound)
  })

  test.each([
    ['an error without a Status', 502, '<html>bad gateway</html>', 'the server answered with status 502: <html>bad gateway</html>'],
    ['an error without a body', 500, '', 'the server answered with status 500'],
  ])('%s keeps its code', async (_name, code, body, message) => {
    const { url } = await serve((_request, response) => { response.writeHead(code).end(body) })
    await expect(clientOf({ server: url }).get(configMaps, at('a'))).rejects.toMatchObject({ code, message })
  })

  test('watches stream by line, do not block requests, and end with their reader', async () => {
    const { url, sessions } = await serve((request, response) => {
      if (!request.url.includes('watch=')) return json(response, map('answer'))
      const line = `${JSON.stringify({ type: 'ADDED', object: map('ä') })}\n`
      const bytes = Buffer.from(line + line)
      // Cut in the middle of a character.
      const cut = bytes.indexOf(0xa4)
      response.write(bytes.subarray(0, cut))
      setTimeout(() => response.write(bytes.subarray(cut)), 5)
    }, { settings: { maxConcurrentStreams: 5 } })
    const client = clientOf({ server: url })
    const all = Promise.withResolvers<void>()
    let begun = 0
    const readers = Array.from({ length: 12 }, async () => {
      const names: string[] = []
      for await (const event of client.watch(configMaps)) {
        names.push(event.object.metadata.name!)
        if (names.length === 2) {
          if (++begun === 12) all.resolve()
          await all.promise
          expect((await client.get(configMaps, at('x'))).metadata.name).toBe('answer')
          return names
        }
      }
      return names
    })
    expect(await Promise.all(readers)).toEqual(Array.from({ length: 12 }, () => ['ä', 'ä']))
    expect(sessions.size).toBeGreaterThan(1)
  })

  test('aborting a watch ends it quietly, and the server sees it go', async () => {
    const closed = Promise.withResolvers<void>()
    const { url } = await serve((_request, response) => {
      response.write(`${JSON.stringify({ type: 'ADDED', object: map('a') })}\n`)
      response.stream.once('close', closed.resolve)
    })
    const abort = new AbortController()
    for await (const _event of clientOf({ server: url }).watch(configMaps, { signal: abort.signal })) abort.abort()
    await closed.promise
  })

  test('an ERROR event is thrown', async () => {
    const { url } = await serve((_request, response) => {
      response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`)
    })
    const read = async () => { for await (const _event of clientOf({ server: url }).watch(configMaps)); }
    await expect(read()).rejects.toMatchObject({ code: 410, reason: 'Expired' })
  })

  test('a watch whose server dies fails as a transport error', async () => {
    const server = await serve((_request, response) => { response.write(`${JSON.stringify({ type: 'ADDED', object: map('a') })}\n`) })
    const read = async () => { for await (const _event of clientOf({ server: server.url }).watch(configMaps)) void server.stop() }
    const ended = await read().then(() => 'quietly', (error: unknown) => isTransportError(error) ? 'transport' : error)
    expect(['quietly', 'transport']).toContain(ended)
  })

  test('connects again after the server was started anew', async () => {
    const answer: Handler = (_request, response) => json(response, map('a'))
    const first = await serve(answer)
    const client = clientOf({ server: first.url })
    await client.get(configMaps, at('a'))
    await first.stop()
    expect((await failure(client.get(configMaps, at('a')))).transport).toBe('refused')
    await serve(answer, { port: first.port })
    expect((await client.get(configMaps, at('a'))).metadata.name).toBe('a')
  })

  test('a request that meets a closing connection is sent again on a new one', async () => {
    const server = await serve((_request, response) => json(response, map('a')))
    const client = clientOf({ server: server.url })
    for (let round = 0; round < 20; round++) {
      for (const session of server.sessions) session.goaway()
      expect((await client.get(configMaps, at('a'))).metadata.name).toBe('a')
    }
  })

  test('an answer that was cut off is an error', async () => {
    const { url } = await serve((_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":['); setTimeout(() => response.stream.close(8), 5) })
    await expect(clientOf({ server: url }).get(configMaps, at('a'))).rejects.toThrow()
  })

  test('asks for credentials at every new connection', async () => {
    const server = await serve((_request, response) => json(response, map('a')))
    const credentials = vi.fn(() => ({ ca: cert }))
    const client = clientOf({ server: server.url, credentials })
    for (let round = 0; round < 3; round++) await client.get(configMaps, at('a'))
    expect(credentials).toHaveBeenCalledTimes(1)
    for (const session of server.sessions) session.destroy()
    await client.get(configMaps, at('a'))
    expect(credentials).toHaveBeenCalledTimes(2)
  })

  test.each([
    ['nobody listens', async () => ({ server: 'https://127.0.0.1:1' }), 'refused', 'connection refused'],
    ['the certificate is not to be trusted', async () => ({ server: (await serve(() => {})).url, ca: (await selfSigned()).cert }), 'certificate', 'TLS handshake failed'],
    ['no answer comes', async () => ({ server: (await serve(() => {})).url, timeoutMs: 50 }), 'timeout', 'no answer to GET'],
  ] as const)('says so when %s', async (_name, options, reason, words) => {
    const error = await failure(clientOf(await options()).get(configMaps, at('a')))
    expect([error.transport, error.message]).toEqual([reason, expect.stringContaining(words)])
  })

  test('a connection that has gone dead without a word is found by its pings', async () => {
    const clock = createManualClock()
    const server = await serve((_request, response) => { response.write('\n') })
    const tunnel = await blackhole(server.port)
    const client = clientOf({ server: `https://127.0.0.1:${tunnel.port}`, clock, timeoutMs: 1e9 })
    const ended = (async () => { for await (const _event of client.watch(configMaps)); })().then(() => 'quietly', () => 'error')
    await vi.waitFor(() => expect(server.sessions.size).toBe(1))
    await vi.waitFor(() => expect(clock.next).toBeDefined())
    await clock.advance('31s')
    tunnel.swallow()
    await clock.advance('2m')
    expect(await Promise.race([ended, systemClock.sleep(5_000).then(() => 'still there')])).toBe('error')
  })
})

describe('loadKubeconfig', () => {
  const write = async (text: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'ca.pem'), 'CA')
    await writeFile(join(folder, 'config'), text)
    return join(folder, 'config')
  }
  const config = (user: string) => `
apiVersion: v1
kind: Config
current-context: main
contexts: [{ name: main, context: { cluster: c, user: u, namespace: team } }]
clusters: [{ name: c, cluster: { server: "https://10.0.0.1:6443", certificate-authority: ca.pem } }]
users: [{ name: u, user: ${user} }]
`
  test('reads data and files of the current context', async () => {
    const options = await loadKubeconfig(await write(config('{ client-certificate-data: Q0VSVA==, client-key-data: S0VZ, token: t }')))
    expect([options.server, options.namespace, String(options.ca), String(options.cert), String(options.key), options.token]).toEqual(['https://10.0.0.1:6443', 'team', 'CA', 'CERT', 'KEY', 't'])
  })
  test.each([
    ['a way of login it does not have', config('{ exec: { command: aws } }'), 'authenticates by exec'],
    ['a context that is not there', config('{}').replace('current-context: main', 'current-context: other'), 'no context named "other"'],
    ['no YAML object', 'just text', 'not a YAML object'],
  ])('refuses %s', async (_name, text, words) => { await expect(loadKubeconfig(await write(text))).rejects.toThrow(words) })
})

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' }, notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  return { cert: certificate.toString('pem'), key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') }
}

/** A tunnel that can stop passing bytes on without closing, as a cut cable does. */
async function blackhole(port: number) {
  let open = true
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.push(near, far)
    for (const [from, to] of [[near, far], [far, near]] as const) from.on('data', (bytes) => { if (open) to.write(bytes) }).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => { for (const socket of sockets) socket.destroy(); server.close() })
  return { port: (server.address() as AddressInfo).port, swallow() { open = false } }
}
