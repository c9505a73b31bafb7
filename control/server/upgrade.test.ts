import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pod } from './testing/test-server.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

/** A node's agent that says what it was asked, and echoes what it is sent after an upgrade. */
let agent: Server
let server: TlsTestServer
const asked: { method: string; url: string; headers: Record<string, unknown>; user: string }[] = []

beforeAll(async () => {
  server = await startTlsServer()
  const { serving } = server.pki.nodes.get('n1')!
  agent = createServer({ key: serving.key, cert: serving.certificate, ca: server.pki.ca.certificate, requestCert: true, rejectUnauthorized: true })
  const note = (request: import('node:http').IncomingMessage) => {
    const cert = (request.socket as import('node:tls').TLSSocket).getPeerCertificate()
    asked.push({ method: request.method!, url: request.url!, headers: { ...request.headers, raw: request.rawHeaders }, user: String(cert.subject.CN) })
  }
  agent.on('request', (request, response) => {
    note(request)
    if (request.url!.includes('/broken/')) return void response.writeHead(500).end('the disk is gone')
    if (request.url!.includes('/missing/')) return void response.writeHead(404).end('no such container')
    if (request.url!.startsWith('/redirect')) return void response.writeHead(302, { location: 'https://example.com/' }).end()
    if (request.url!.includes('follow=true')) {
      response.write('first\n')
      return void request.socket.once('close', () => asked.push({ method: 'CLOSED', url: request.url!, headers: {}, user: '' }))
    }
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`log of ${request.url}\n`)
  })
  agent.on('upgrade', (request, socket) => {
    note(request)
    if (request.url!.includes('refuse')) return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nnot me')
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\nhello ')
    socket.pipe(socket)
    socket.on('error', () => {})
  })
  agent.listen(0, '127.0.0.1')
  await once(agent, 'listening')
  await server.call('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  const status = { addresses: [{ type: 'Hostname', address: 'n1' }, { type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: (agent.address() as AddressInfo).port } } }
  await server.call('PATCH', '/api/v1/nodes/n1/status', { status }, { headers: { 'content-type': 'application/merge-patch+json' } })
  const two = { containers: [{ name: 'a', image: 'x:1' }, { name: 'b', image: 'x:1' }], initContainers: [{ name: 'i', image: 'x:1' }] }
  for (const [name, spec] of [['one', { nodeName: 'n1' }], ['two', { nodeName: 'n1', ...two }], ['broken', { nodeName: 'n1' }], ['missing', { nodeName: 'n1' }], ['refuse', { nodeName: 'n1' }], ['free', {}], ['lost', { nodeName: 'n9' }]] as const) {
    await server.call('POST', '/api/v1/namespaces/default/pods', pod(name, { spec }))
  }
})
afterAll(async () => {
  await server.close()
  agent.closeAllConnections()
  await new Promise((resolve) => agent.close(resolve))
})

const pods = '/api/v1/namespaces/default/pods'
const get = async (path: string) => {
  const { status, body } = await server.fetch('GET', path)
  return { status, text: body.toString() }
}

describe('logs', () => {
  test('come from the agent, asked in its own words and with our certificate', async () => {
    const { text } = await get(`${pods}/one/log?tailLines=5&timestamps=true&previous=false&container=c&junk=1`)
    expect(text).toBe('log of /containerLogs/default/one/c?timestamps=true&tailLines=5\n')
    expect(asked.at(-1)).toMatchObject({ method: 'GET', user: 'kube-apiserver-kubelet-client' })
  })

  test('are followed until the client leaves, and the agent is told', async () => {
    const leaving = new AbortController()
    const { body } = await server.raw('GET', `${pods}/one/log?follow=true`, undefined, { signal: leaving.signal })
    if (body.kind !== 'chunks') throw new Error('no stream')
    const chunks = body.chunks[Symbol.asyncIterator]()
    expect(Buffer.from((await chunks.next()).value).toString()).toBe('first\n')
    leaving.abort()
    await chunks.next().catch(() => {})
    await expect.poll(() => asked.some(({ method }) => method === 'CLOSED')).toBe(true)
  })

  test.each([
    [`${pods}/two/log`, 400, 'a container name must be specified for pod two, choose one of: [i a b]'],
    [`${pods}/two/log?container=z`, 400, 'container z is not valid for pod two'],
    [`${pods}/none/log`, 404, 'pods "none" not found'],
    [`${pods}/one/log?tailLines=-1`, 422, 'PodLogOptions "one" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
    [`${pods}/one/log?limitBytes=0`, 422, /limitBytes: Invalid value: 0: must be greater than 0/],
    [`${pods}/broken/log`, 500, 'Internal error occurred: the disk is gone'],
    [`${pods}/missing/log`, 404, 'the server could not find the requested resource ( pods/log missing)'],
    [`${pods}/lost/log`, 404, 'nodes "n9" not found'],
  ])('%s is refused', async (path, code, message) => {
    expect(JSON.parse((await get(path)).text)).toMatchObject({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) })
  })

  test('of a pod without a node are empty', async () => {
    expect(await get(`${pods}/free/log`)).toEqual({ status: 200, text: '' })
  })
})

/** Sends an upgrade and gives back what comes, until `wanted` is among it or the connection ends. */
async function upgrade(path: string, wanted: RegExp, options: { stranger?: boolean; send?: string; method?: string } = {}): Promise<string> {
  const { pki, port } = server
  const identity = options.stranger ? {} : { key: pki.admin.key, cert: pki.admin.certificate }
  const socket = connect({ host: '127.0.0.1', port, ca: pki.ca.certificate, ...identity })
  await once(socket, 'secureConnect')
  socket.write(`${options.method ?? 'POST'} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nX-Stream-Protocol-Version: v1.channel.k8s.io\r\n\r\n`)
  let text = ''
  let sent = false
  for await (const part of socket) {
    text += part
    if (!sent && options.send && text.includes('hello')) { sent = true; socket.write(options.send) }
    if (wanted.test(text)) break
  }
  socket.destroy()
  return text
}

describe('upgrades', () => {
  test('bytes run both ways, and the agent gets the request in its own words', async () => {
    const text = await upgrade(`${pods}/one/exec?command=sh&command=-c&command=echo%20hi&stdin=true&stdout=true&stderr=false&tty=true`, /ping/, { send: 'ping' })
    expect(text).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n[^]*Upgrade: SPDY\/3.1\r\n[^]*hello ping$/)
    const { method, url, headers } = asked.at(-1)!
    expect([method, url]).toEqual(['POST', '/exec/default/one/c?input=1&output=1&tty=1&command=sh&command=-c&command=echo+hi'])
    expect(headers['authorization']).toBeUndefined()
    expect((headers['raw'] as string[]).filter((text) => /^v\d\.channel/.test(text))).toEqual(['v4.channel.k8s.io', 'v1.channel.k8s.io'])
  })

  test('attach and port-forward', async () => {
    await upgrade(`${pods}/two/attach?container=b&stdout=1`, /hello/)
    expect(asked.at(-1)!.url).toBe('/attach/default/two/b?output=1')
    await upgrade(`${pods}/one/portforward?ports=80`, /hello/, { method: 'GET' })
    expect(asked.at(-1)).toMatchObject({ method: 'GET', url: '/portForward/default/one?port=80' })
    await upgrade('/api/v1/nodes/n1/proxy/exec/x', /hello/)
    expect(asked.at(-1)!.url).toBe('/exec/x')
  })

  test('an agent that refuses is heard, and the connection ends', async () => {
    expect(await upgrade(`${pods}/refuse/exec?command=sh`, /$^/)).toMatch(/^HTTP\/1.1 403 Forbidden\r\n[^]*not me$/)
  })

  test.each([
    [`${pods}/two/exec?command=sh`, /400 Bad Request[^]*a container name must be specified for pod two, choose one of: \[i a b\]/],
    [`${pods}/one/exec`, /400 Bad Request[^]*you must specify at least one command for the container/],
    [`${pods}/none/exec?command=sh`, /404 Not Found[^]*pods \\"none\\" not found/],
    [`${pods}/free/exec?command=sh`, /400 Bad Request[^]*pod free does not have a host assigned/],
    ['/api/v1/namespaces/default/services/x/log', /404 Not Found/],
  ])('%s is refused', async (path, expected) => {
    expect(await upgrade(path, /$^/)).toMatch(expected)
  })

  test('strangers get no further than anywhere else', async () => {
    expect(await upgrade(`${pods}/one/exec?command=sh`, /$^/, { stranger: true })).toMatch(/^HTTP\/1.1 401 Unauthorized/)
  })

  test('without an upgrade there is nothing to be had', async () => {
    expect(JSON.parse((await server.fetch('POST', `${pods}/one/exec?command=sh`)).body.toString())).toMatchObject({ code: 400, message: 'Upgrade request required' })
  })
})

describe('proxying', () => {
  test('to a node reaches its agent, and redirects are passed back', async () => {
    expect(await get('/api/v1/nodes/n1/proxy/metrics/cadvisor?a=b')).toEqual({ status: 200, text: 'log of /metrics/cadvisor?a=b\n' })
    expect((await server.fetch('GET', '/api/v1/nodes/n1/proxy/redirect')).headers['location']).toBe('https://example.com/')
  })
})
