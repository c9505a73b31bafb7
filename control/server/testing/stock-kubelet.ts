import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ClusterPki } from '../../pki/cluster-pki.ts'

/** A kubelet that speaks SPDY/3.1 with v4 streams and nothing else, like one of any age. Its "containers" do what their command's first word says. */
export interface StockKubelet {
  readonly port: number
  readonly asked: { method: string; url: string; headers: Record<string, unknown> }[]
  /** Connections that are open now. */
  readonly open: Set<Duplex>
  /** What has arrived on each stream, by its type. */
  readonly heard: Map<string, string>
  /** Closes all connections without a word. */
  drop(): void
  close(): Promise<void>
}

interface Stream { readonly id: number; readonly type: string; ended: boolean }

export async function startStockKubelet(pki: ClusterPki, host = '127.0.0.1'): Promise<StockKubelet> {
  const { serving } = pki.nodes.get('n1')!
  const server: Server = createServer({ key: serving.key, cert: serving.certificate, ca: pki.ca.certificate, requestCert: true, rejectUnauthorized: true })
  const kubelet = { asked: [] as StockKubelet['asked'], open: new Set<Duplex>(), heard: new Map<string, string>() }
  server.on('secureConnection', (socket) => {
    kubelet.open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => kubelet.open.delete(socket))
  })
  const note = ({ method, url, headers }: IncomingMessage) => kubelet.asked.push({ method: method!, url: url!, headers })
  server.on('request', (request, response) => {
    note(request)
    if (request.url!.startsWith('/containerLogs/')) {
      response.write('a line of the log\n')
      // With times it is followed for ever.
      return request.url!.includes('timestamps') ? undefined : void response.end()
    }
    response.writeHead(400).end('unable to upgrade: missing upgrade headers in request')
  })
  server.on('upgrade', (request, socket: Duplex, head) => {
    note(request)
    if (request.headers.upgrade !== 'SPDY/3.1') return void socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 12\r\n\r\nno websocket')
    const url = new URL(request.url!, 'https://node')
    const [command = ''] = url.searchParams.getAll('command')
    if (command === 'refused') return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nnot me')
    if (command === 'redirected') return void socket.end('HTTP/1.1 302 Found\r\nlocation: https://192.0.2.1/\r\ncontent-length: 0\r\n\r\n')
    if (command === 'fails') return void socket.destroy()
    const protocol = url.pathname.startsWith('/portForward') ? 'portforward.k8s.io' : 'v4.channel.k8s.io'
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`)
    if (protocol === 'portforward.k8s.io') {
      socket.write('greeting;')
      socket.write(head)
      return void socket.pipe(socket)
    }
    const expected = 1 + ['input', 'output', 'error'].filter((name) => url.searchParams.get(name) === '1').length + (url.searchParams.get('tty') === '1' ? 1 : 0)
    serveContainer(socket, head, command, expected, kubelet.heard)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    ...kubelet, port: (server.address() as AddressInfo).port,
    drop() { for (const socket of kubelet.open) socket.destroy() },
    async close() {
      for (const socket of kubelet.open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads SPDY frames; header blocks are taken to be stored ones, as ours are. */
function serveContainer(socket: Duplex, head: Buffer, command: string, expected: number, heard: Map<string, string>): void {
  const streams = new Map<number, Stream>()
  const byType = (type: string) => [...streams.values()].find((stream) => stream.type === type)!
  const data = (type: string, bytes: Buffer | string, fin = false): boolean => {
    const payload = Buffer.from(bytes)
    const header = Buffer.alloc(8)
    header.writeUInt32BE(byType(type).id, 0)
    header.writeUInt32BE(payload.length, 4)
    if (fin) header[4] = 1
    return socket.write(Buffer.concat([header, payload]))
  }
  const finish = (status: object) => {
    data('error', JSON.stringify(status), true)
    for (const { type } of streams.values()) if (type === 'stdout' || type === 'stderr') data(type, '', true)
  }
  const begin = async () => {
    if (command === 'exit') finish({ metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message: 'command terminated with non-zero exit code: exit status 7', details: { causes: [{ reason: 'ExitCode', message: '7' }] } })
    if (command === 'flood') {
      // Stops as soon as nobody takes any more, like a container's pipe.
      const block = Buffer.alloc(60_000, 'x')
      for (let sent = 0; sent < 400; sent++) {
        heard.set('flooded', String(sent + 1))
        if (!data('stdout', block)) await once(socket, 'drain')
        if (socket.destroyed) return
      }
      finish({ metadata: {}, status: 'Success' })
    }
  }
  const onData = (stream: Stream, payload: Buffer, fin: boolean) => {
    heard.set(stream.type, (heard.get(stream.type) ?? '') + payload.toString())
    if (command === 'cat' && stream.type === 'stdin') {
      if (payload.length > 0) data('stdout', payload)
      if (fin) finish({ metadata: {}, status: 'Success' })
    }
  }
  let buffered = head
  let first = true
  const read = () => {
    while (buffered.length >= 8) {
      const length = buffered.readUInt32BE(4) & 0xffffff
      if (buffered.length < 8 + length) return
      const [word, flags, payload] = [buffered.readUInt32BE(0), buffered[4]!, buffered.subarray(8, 8 + length)]
      buffered = buffered.subarray(8 + length)
      if (word < 0x80000000) {
        const stream = streams.get(word)!
        onData(stream, payload, (flags & 1) === 1)
      } else if ((word & 0xffff) === 1) {
        const block = payload.subarray(10 + (first ? 6 : 0) + 5)
        first = false
        const id = payload.readUInt32BE(0)
        const nameLength = block.readUInt32BE(4)
        const valueAt = 8 + nameLength
        streams.set(id, { id, ended: false, type: block.subarray(valueAt + 4, valueAt + 4 + block.readUInt32BE(valueAt)).toString() })
        if (streams.size === expected) void begin()
      }
    }
  }
  socket.on('data', (part: Buffer) => {
    buffered = Buffer.concat([buffered, part])
    read()
  })
  read()
}
