import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../host/clock.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import type { Target } from '../table.ts'
import { Balancer } from './balancer.ts'
import { FlowTable } from './flow-table.ts'
import type { Shared } from './listener.ts'
import { openTcpListener } from './tcp-listener.ts'

const host = '127.0.0.1'
const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

/** An endpoint that does `serve` with every connection. */
async function endpoint(serve: (socket: Socket) => void): Promise<Target & { readonly server: Server; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    serve(socket)
  }).listen(0, host)
  await once(server, 'listening')
  cleanups.push(() => { server.close(); for (const socket of sockets) socket.destroy() })
  return { ip: host, port: (server.address() as { port: number }).port, server, sockets }
}

/** A port at which nobody listens. */
async function nobody(): Promise<Target> {
  const { ip, port, server } = await endpoint(() => {})
  await new Promise((resolve) => server.close(resolve))
  return { ip, port }
}

async function listener(targets: readonly Target[], { maxConnections = 100, clock = systemClock } = {}) {
  const balancer = new Balancer()
  balancer.update(targets, undefined)
  const shared: Shared = { flows: new FlowTable({ clock, idleMs: 1000, limit: 10 }), connections: new Set(), maxConnections }
  const opened = await openTcpListener({ ip: host, family: 'ipv4', balancer, clock, shared })
  cleanups.push(() => { opened.close(); for (const socket of shared.connections) socket.destroy() })
  return { ...opened, balancer, shared }
}

function call(port: number): Socket {
  const socket = connect({ host, port, allowHalfOpen: true }).on('error', () => {})
  cleanups.push(() => socket.destroy())
  return socket
}
const failure = async (socket: Socket): Promise<string> => ((await once(socket, 'error').catch((error: unknown) => [error]))[0] as NodeJS.ErrnoException).code ?? ''
const named = (name: string) => (socket: Socket) => void socket.end(name)

describe('a connection', () => {
  test('goes to the endpoint whose turn it is', async () => {
    const { port } = await listener([await endpoint(named('a')), await endpoint(named('b'))].sort((x, y) => x.port - y.port))
    const answers = []
    for (let turn = 0; turn < 4; turn++) answers.push(await text(call(port)))
    expect(answers[0]).not.toBe(answers[1])
    expect(answers).toEqual([answers[0], answers[1], answers[0], answers[1]])
  })

  test('ends one way and goes on the other', async () => {
    const { port, shared } = await listener([await endpoint((socket) => void text(socket).then((said) => socket.end(`heard ${said}`)))])
    const client = call(port)
    client.write('one ')
    client.end('two')
    expect(await text(client)).toBe('heard one two')
    await vi.waitFor(() => expect(shared.connections.size).toBe(0), { timeout: 20_000 })
  })

  test('the other way round', async () => {
    const said = Promise.withResolvers<string>()
    const { port, shared } = await listener([await endpoint((socket) => { socket.end('done'); void text(socket).then(said.resolve) })])
    const client = call(port)
    expect(await text(client)).toBe('done')
    client.end('still here')
    expect(await said.promise).toBe('still here')
    await vi.waitFor(() => expect(shared.connections.size).toBe(0), { timeout: 20_000 })
  })

  test('carries much without keeping much, and nothing while nobody reads', async () => {
    const total = 64 * 1024 * 1024
    let taken = 0
    const { port } = await listener([await endpoint((socket) => {
      const chunk = Buffer.alloc(64 * 1024)
      const more = () => {
        while (taken < total) {
          taken += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
        socket.end()
      }
      more()
    })])
    const client = call(port)
    await once(client, 'connect')
    let before = -1
    // It has come to rest when the sender could send nothing more between two looks.
    await vi.waitFor(() => {
      const stuck = taken === before && taken > 0
      before = taken
      expect(stuck).toBe(true)
    }, { timeout: 20_000, interval: 200 })
    expect(taken).toBeLessThan(total / 2)
    let received = 0
    for await (const chunk of client) received += (chunk as Buffer).length
    expect(received).toBe(total)
  })

  test('is reset when the endpoint resets it, and the other way', async () => {
    const { port } = await listener([await endpoint((socket) => void socket.once('data', () => socket.resetAndDestroy()))])
    const client = call(port)
    client.write('x')
    expect(await failure(client)).toBe('ECONNRESET')

    const failed = Promise.withResolvers<string>()
    const other = await listener([await endpoint((socket) => { socket.write('x'); void failure(socket).then(failed.resolve) })])
    const caller = call(other.port)
    await once(caller, 'data')
    caller.resetAndDestroy()
    expect(await failed.promise).toBe('ECONNRESET')
    await vi.waitFor(() => expect(other.shared.connections.size).toBe(0), { timeout: 20_000 })
  })

  test('goes on when its endpoint is no longer one, and when the listener is closed', async () => {
    const { port, balancer, endpointsChanged, close } = await listener([await endpoint((socket) => void socket.pipe(socket))])
    const client = call(port)
    client.write('one')
    expect(String(await once(client, 'data'))).toBe('one')
    balancer.update([], undefined)
    endpointsChanged()
    close()
    client.write('two')
    expect(String(await once(client, 'data'))).toBe('two')
    expect(await failure(call(port))).toBe('ECONNREFUSED')
  })
})

describe('an endpoint that does not answer', () => {
  test('is passed over', async () => {
    const { port } = await listener([await nobody(), await nobody(), await endpoint(named('a'))])
    expect([await text(call(port)), await text(call(port))]).toEqual(['a', 'a'])
  })

  test('that is silent too, after a quarter of a second, a half, one and two', async () => {
    const clock = createManualClock()
    // Nobody routes this network (RFC 5737); where it is refused at once instead, no time need pass.
    const silent = { ip: '192.0.2.77', port: 9 }
    const { port, shared } = await listener([silent], { clock })
    const client = call(port)
    const failed = failure(client)
    await vi.waitFor(() => expect(shared.connections.size).toBe(1), { timeout: 20_000 })
    for (const ms of [250, 500, 1000, 2000]) {
      await clock.settle()
      await clock.advance(ms)
    }
    expect(await failed).toBe('ECONNRESET')
    await vi.waitFor(() => expect(shared.connections.size).toBe(0), { timeout: 20_000 })
  })

  test('and no other: the caller is told', async () => {
    const { port, shared } = await listener([await nobody()])
    expect(await failure(call(port))).toBe('ECONNRESET')
    const empty = await listener([])
    expect(await failure(call(empty.port))).toBe('ECONNRESET')
    await vi.waitFor(() => expect(shared.connections.size + empty.shared.connections.size).toBe(0), { timeout: 20_000 })
  })
})

test('more connections than may be are reset, and there is room again when one ends', async () => {
  const { port, shared } = await listener([await endpoint((socket) => void socket.pipe(socket))], { maxConnections: 1 })
  const first = call(port)
  first.write('x')
  await once(first, 'data')
  expect(await failure(call(port))).toBe('ECONNRESET')
  first.end()
  await text(first)
  await vi.waitFor(() => expect(shared.connections.size).toBe(0), { timeout: 20_000 })
  const second = call(port)
  second.write('y')
  expect(String(await once(second, 'data'))).toBe('y')
})
