import { once } from 'node:events'
import { connect as connectH2 } from 'node:http2'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startStockKubelet } from './testing/stock-kubelet.ts'
import type { StockKubelet } from './testing/stock-kubelet.ts'
import { pod } from './testing/test-server.ts'
import { startTlsServer } from './testing/tls-server.ts'
import type { TlsTestServer } from './testing/tls-server.ts'

let server: TlsTestServer
let kubelet: StockKubelet
/** Its certificate does not name the address at which it is met. */
let impostor: StockKubelet
beforeAll(async () => {
  server = await startTlsServer()
  kubelet = await startStockKubelet(server.pki)
  impostor = await startStockKubelet(server.pki, '127.0.0.2')
  for (const [node, address, port, name] of [['n1', '127.0.0.1', kubelet.port, 'one'], ['n2', '127.0.0.2', impostor.port, 'unnamed'], ['n3', '127.0.0.1', 1, 'away']] as const) {
    await server.call('POST', '/api/v1/nodes', { metadata: { name: node } })
    const status = { addresses: [{ type: 'InternalIP', address }], daemonEndpoints: { kubeletEndpoint: { Port: port } } }
    await server.call('PATCH', `/api/v1/nodes/${node}/status`, { status }, { headers: { 'content-type': 'application/merge-patch+json' } })
    await server.call('POST', '/api/v1/namespaces/default/pods', pod(name, { spec: { nodeName: node } }))
  }
})
afterAll(async () => {
  await server.close()
  await kubelet.close()
  await impostor.close()
})

const pods = '/api/v1/namespaces/default/pods'
const tls = () => ({ host: '127.0.0.1', port: server.port, ca: server.pki.ca.certificate, key: server.pki.admin.key, cert: server.pki.admin.certificate })
/** After every test nothing may be left open at the far side. */
const nothingLeft = () => expect.poll(() => kubelet.open.size, { timeout: 5_000 }).toBe(0)

interface Client { readonly socket: WebSocket; readonly text: (channel: number) => string; readonly closed: Promise<number>; send(channel: number, data: string | Uint8Array): void }

/** A client of exec, as `kubectl` is one: messages by channel. */
async function exec(query: string, protocol = 'v5.channel.k8s.io'): Promise<Client> {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/one/${query}`, protocol, tls())
  const heard = new Map<number, string>()
  socket.on('message', (message: Buffer) => heard.set(message[0]!, (heard.get(message[0]!) ?? '') + message.subarray(1).toString()))
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  return { socket, closed, text: (channel) => heard.get(channel) ?? '', send: (channel, data) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)])) }
}
const refused = async (query: string, protocol = 'v5.channel.k8s.io') => {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/one/${query}`, protocol, tls())
  const [, response] = await once(socket, 'unexpected-response')
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode as number, text }
}

describe('exec and attach over WebSocket v5, before a kubelet that knows only SPDY', () => {
  test('standard input, its end, output and status', async () => {
    const client = await exec('exec?command=cat&stdin=true&stdout=true')
    client.send(0, 'through and back')
    client.send(255, Uint8Array.of(0))
    expect(await client.closed).toBe(1000)
    expect([client.text(1), JSON.parse(client.text(3))]).toEqual(['through and back', { metadata: {}, status: 'Success' }])
    expect(kubelet.asked.at(-1)).toMatchObject({ method: 'POST', url: '/exec/default/one/c?input=1&output=1&command=cat', headers: { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' } })
    expect(Object.keys(kubelet.asked.at(-1)!.headers).filter((name) => name.startsWith('sec-websocket'))).toEqual([])
    await nothingLeft()
  })

  test('the exit code', async () => {
    const client = await exec('exec?command=exit&stdout=true&stderr=true')
    await client.closed
    expect(JSON.parse(client.text(3))).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } })
    await nothingLeft()
  })

  test('a terminal has its sizes and one output', async () => {
    kubelet.heard.clear()
    const client = await exec('attach?stdin=true&stdout=true&stderr=true&tty=true')
    client.send(4, '{"Width":80,"Height":24}')
    await expect.poll(() => kubelet.heard.get('resize')).toBe('{"Width":80,"Height":24}')
    expect(kubelet.asked.at(-1)!.url).toBe('/attach/default/one/c?input=1&output=1&error=1&tty=1')
    client.socket.close()
    await client.closed
    await nothingLeft()
  })

  test('a client that goes away ends the far side', async () => {
    const client = await exec('exec?command=wait&stdout=true')
    await expect.poll(() => kubelet.open.size).toBe(1)
    client.socket.terminate()
    await nothingLeft()
  })

  test('a far side that is lost is told as a failure, not as an end', async () => {
    const client = await exec('exec?command=wait&stdout=true')
    await expect.poll(() => kubelet.open.size).toBe(1)
    kubelet.drop()
    await client.closed
    expect(JSON.parse(client.text(3))).toMatchObject({ status: 'Failure', code: 500, message: expect.stringContaining('error reading from error stream') })
  })

  test('a slow reader slows the container down', async () => {
    const client = await exec('exec?command=flood&stdout=true')
    client.socket.pause()
    let last = ''
    await expect.poll(() => {
      const before = last
      last = kubelet.heard.get('flooded') ?? ''
      return last !== '' && last === before
    }, { interval: 200, timeout: 10_000 }).toBe(true)
    expect(Number(last)).toBeLessThan(400)
    client.socket.resume()
    expect(await client.closed).toBe(1000)
    expect(client.text(1).length).toBe(400 * 60_000)
    await nothingLeft()
  })

  test('refusals are passed on, redirects are not followed', async () => {
    expect(await refused('exec?command=refused&stdout=true')).toEqual({ status: 403, text: 'not me' })
    const redirected = await refused('exec?command=redirected&stdout=true')
    expect([redirected.status, JSON.parse(redirected.text).message]).toEqual([500, 'Internal error occurred: invalid upgrade response: status code 302'])
    const failed = await refused('exec?command=fails&stdout=true')
    expect([failed.status, JSON.parse(failed.text).message]).toEqual([500, 'error dialing backend: EOF'])
    await nothingLeft()
  })

  test('older WebSocket protocols are the kubelet\'s own affair', async () => {
    expect(await refused('exec?command=cat&stdout=true', 'v4.channel.k8s.io')).toEqual({ status: 400, text: 'no websocket' })
    await nothingLeft()
  })

  test('a bad handshake is refused and leaves nothing', async () => {
    const text = await raw(`GET ${pods}/one/exec?command=wait&stdout=true HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\nSec-WebSocket-Version: 1\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request/)
    await nothingLeft()
  })
})

test('port-forward: the SPDY inside a WebSocket goes on bare', async () => {
  const key = Buffer.from('0123456789abcdef').toString('base64')
  const frame = Buffer.concat([Buffer.from([0x82, 0x80 | 5, 0, 0, 0, 0]), Buffer.from('bytes')])
  const head = `GET ${pods}/one/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n\r\n`
  const text = await raw(Buffer.concat([Buffer.from(head), frame]), /greeting;[^]*bytes/)
  expect(text).toMatch(/^HTTP\/1.1 101 [^]*Sec-WebSocket-Protocol: SPDY\/3.1\+portforward.k8s.io\r\n/)
  expect(kubelet.asked.at(-1)).toMatchObject({ method: 'POST', url: '/portForward/default/one', headers: { 'x-stream-protocol-version': 'portforward.k8s.io', upgrade: 'SPDY/3.1' } })
  await nothingLeft()
})

/** Sends bytes and gives back all that comes until the connection ends, or `wanted` is among it. */
async function raw(head: string | Buffer, wanted = /$^/, then?: (socket: TLSSocket) => void): Promise<string> {
  const socket = connect(tls())
  await once(socket, 'secureConnect')
  socket.write(head)
  let text = ''
  for await (const part of socket) {
    text += part
    if (wanted.test(text)) break
  }
  then?.(socket)
  socket.destroy()
  return text
}

const spdy = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n'

describe('tunnels', () => {
  test('what was sent before the answer came is not lost', async () => {
    expect(await raw(`POST ${pods}/one/portforward HTTP/1.1\r\n${spdy}Content-Length: 0\r\n\r\nearly bytes`, /early bytes/)).toMatch(/greeting;early bytes$/)
    await nothingLeft()
  })

  test('a client that has said all it will is answered no more', async () => {
    await raw(`POST ${pods}/one/portforward HTTP/1.1\r\n${spdy}\r\nlast words`, /last words/, (socket) => { socket.end() })
    await nothingLeft()
  })

  test('the far side\'s end is the client\'s', async () => {
    const waiting = raw(`POST ${pods}/one/portforward HTTP/1.1\r\n${spdy}\r\n`)
    await expect.poll(() => kubelet.open.size).toBe(1)
    kubelet.drop()
    expect(await waiting).toMatch(/greeting;$/)
  })

  test.each(['Content-Length: 4\r\n\r\nbody', 'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'])('an upgrade with a body is refused: %j', async (rest) => {
    expect(await raw(`POST ${pods}/one/portforward HTTP/1.1\r\n${spdy}${rest}`)).toMatch(/^HTTP\/1.1 400 Bad Request[^]*a request for an upgrade may not have a body/)
    await nothingLeft()
  })

  test.each([['PUT', 405], ['DELETE', 405]])('%s opens no stream', async (method, status) => {
    expect(await raw(`${method} ${pods}/one/portforward HTTP/1.1\r\n${spdy}\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  test('ports that are none, a node that is not there', async () => {
    expect(await raw(`POST ${pods}/one/portforward?ports=x HTTP/1.1\r\n${spdy}\r\n`)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(`POST ${pods}/nobody/portforward HTTP/1.1\r\n${spdy}\r\n`)).toMatch(/^HTTP\/1.1 404[^]*pods \\"nobody\\" not found/)
  })
})

test('a server that closes ends its tunnels on both sides', async () => {
  const short = await server.server.listen({ host: '127.0.0.1', port: 0, tls: { key: server.pki.apiserver.key, cert: server.pki.apiserver.certificate, ca: server.pki.ca.certificate } })
  const socket = connect({ ...tls(), port: short.port })
  await once(socket, 'secureConnect')
  socket.write(`POST ${pods}/one/portforward HTTP/1.1\r\n${spdy}\r\n`)
  await once(socket, 'data')
  socket.on('error', () => {}).resume()
  const closed = once(socket, 'close')
  await short.close()
  await closed
  await nothingLeft()
})

describe('upgrades of what knows none', () => {
  test.each([
    ['/api/v1/namespaces/default', /^HTTP\/1.1 200 OK[^]*"kind":"Namespace"/],
    ['/healthz', /^HTTP\/1.1 200 OK[^]*ok$/],
    ['/api/v1/%zz', /^HTTP\/1.1 400 Bad Request[^]*invalid URL escape/],
    ['/nowhere', /^HTTP\/1.1 404 Not Found/],
    ['/apis/nobody.example.com/v1/things', /^HTTP\/1.1 404 Not Found/],
  ])('%s is answered as if none had been asked for', async (path, expected) => {
    expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`)).toMatch(expected)
  })

  test('over h2 a stream is told what it lacks, and CONNECT gets an answer', async () => {
    const session = connectH2(server.url, tls())
    const ask = async (headers: Record<string, string>) => {
      const stream = session.request(headers, { endStream: headers[':method'] !== 'CONNECT' })
      const [answer] = await once(stream, 'response')
      let text = ''
      if (headers[':method'] !== 'CONNECT') for await (const part of stream) text += part
      else stream.close()
      return { status: answer[':status'], text }
    }
    try {
      const { status, text } = await ask({ ':method': 'POST', ':path': `${pods}/one/exec?command=cat&stdin=true` })
      expect([status, JSON.parse(text).message]).toEqual([400, 'Upgrade request required'])
      expect((await ask({ ':method': 'CONNECT', ':authority': 'x:443' })).status).toBeGreaterThanOrEqual(400)
    } finally {
      session.destroy()
    }
  })
})

describe('watches and logs over WebSocket', () => {
  test('a watch is a message an event', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}/api/v1/namespaces/default/configmaps?watch=true`, tls())
    const events: any[] = []
    socket.on('message', (message: Buffer, binary) => events.push([binary, JSON.parse(message.toString())]))
    await once(socket, 'open')
    await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'seen' } })
    await expect.poll(() => events).toContainEqual([false, { type: 'ADDED', object: expect.objectContaining({ metadata: expect.objectContaining({ name: 'seen' }) }) }])
    socket.close()
    await once(socket, 'close')
  })

  test.each([[undefined, 'a line of the log\n', true], ['binary.k8s.io', 'a line of the log\n', true], ['base64.binary.k8s.io', Buffer.from('a line of the log\n').toString('base64'), false]])('a log under %s', async (protocol, expected, binary) => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/one/log?follow=true`, protocol === undefined ? [] : [protocol], tls())
    const heard: unknown[] = []
    socket.on('message', (message: Buffer, isBinary) => heard.push([message.toString(), isBinary]))
    expect((await once(socket, 'close'))[0]).toBe(1000)
    expect(heard).toEqual([[expected, binary]])
    await nothingLeft()
  })

  test('a log that nobody reads any more ends at the kubelet', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/one/log?follow=true&timestamps=true`, tls())
    await once(socket, 'message')
    socket.terminate()
    await nothingLeft()
  })

  test('under a protocol that nobody knows there is none', async () => {
    expect((await refused('log?follow=true', 'nobody.k8s.io')).status).toBe(400)
    await nothingLeft()
  })
})

describe('logs', () => {
  const log = async (path: string) => { const { status, body } = await server.fetch('GET', `${pods}/${path}`); return [status, status === 200 ? body.toString() : JSON.parse(body.toString()).message] }

  test('of a node that is not who it says it is come only to who does not mind', async () => {
    expect(await log('unnamed/log')).toEqual([500, expect.stringMatching(/^Get "https:\/\/127\.0\.0\.2:\d+\/containerLogs\/default\/unnamed\/c": tls: failed to verify certificate: x509: /)])
    expect(await log('unnamed/log?insecureSkipTLSVerifyBackend=true')).toEqual([200, 'a line of the log\n'])
  })

  test('of a node that does not answer', async () => {
    expect(await log('away/log')).toEqual([500, 'Get "https://127.0.0.1:1/containerLogs/default/away/c": dial tcp 127.0.0.1:1: connect: connection refused'])
  })

  test.each([
    ['stream=Stdin', 'PodLogOptions "one" is invalid: stream: Unsupported value: "Stdin": supported values: "All", "Stderr", "Stdout"'],
    ['stream=Stdout&tailLines=1', 'PodLogOptions "one" is invalid: : Forbidden: `tailLines` and specific `stream` are mutually exclusive for now'],
    ['sinceSeconds=1&sinceTime=2026-11-21T00:00:00Z', 'PodLogOptions "one" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'],
    ['sinceSeconds=0', 'PodLogOptions "one" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
  ])('%s is refused', async (query, message) => expect(await log(`one/log?${query}`)).toEqual([422, message]))

  test('one stream alone is asked of the node', async () => {
    expect((await log('one/log?stream=Stderr'))[0]).toBe(200)
    expect(kubelet.asked.at(-1)!.url).toBe('/containerLogs/default/one/c?stream=Stderr')
  })
})
