import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { Target } from '../table.ts'
import { Balancer } from './balancer.ts'
import { FlowTable } from './flow-table.ts'
import { openUdpListener } from './udp-listener.ts'

const host = '127.0.0.1'
const cleanups: (() => unknown)[] = []
afterEach(async () => { for (const cleanup of cleanups.splice(0).reverse()) await cleanup() })

async function open(serve?: (socket: Socket, said: Buffer, port: number) => void): Promise<Target & { readonly socket: Socket }> {
  const socket = createSocket('udp4', (said, { port }) => serve?.(socket, said, port)).bind(0, host)
  await once(socket, 'listening')
  cleanups.push(() => { try { socket.close() } catch { /* the test has closed it */ } })
  return { ip: host, port: socket.address().port, socket }
}
/** Answers with its name, the caller's port as it sees it, and what was said. */
const endpoint = (name: string) => open((socket, said, port) => socket.send(`${name} ${port} ${said}`, port, host))

async function listener(targets: readonly Target[], limit = 10) {
  const clock = createManualClock()
  const balancer = new Balancer()
  balancer.update(targets, undefined)
  const flows = new FlowTable({ clock, idleMs: 30_000, limit })
  const opened = await openUdpListener({ ip: host, family: 'ipv4', balancer, clock, shared: { flows, connections: new Set(), maxConnections: 1 } })
  cleanups.push(() => opened.close())
  return { ...opened, balancer, flows, clock }
}

async function ask(from: Socket, port: number, what = 'x'): Promise<[name: string, seenPort: string, said: string]> {
  const answer = once(from, 'message')
  from.send(what, port, host)
  return String((await answer)[0]).split(' ') as [string, string, string]
}

test('each caller has an endpoint of its own, and keeps it while it talks', async () => {
  const { port, flows } = await listener([await endpoint('a'), await endpoint('b')].sort((x, y) => x.port - y.port))
  const [one, two] = [(await open()).socket, (await open()).socket]
  const [first, second, again] = [await ask(one, port), await ask(two, port), await ask(one, port, 'y')]
  expect(first[0]).not.toBe(second[0])
  expect(again).toEqual([first[0], first[1], 'y'])
  expect(flows.size).toBe(2)
})

test('a burst arrives whole, before the flow is even ready', async () => {
  const said: string[] = []
  const { port } = await listener([await open((_, datagram) => void said.push(String(datagram)))])
  const { socket } = await open()
  for (let at = 0; at < 20; at++) socket.send(String(at), port, host)
  await vi.waitFor(() => expect(said).toHaveLength(20), { timeout: 20_000 })
})

test('a silent flow ends, and its socket with it', async () => {
  const { port, flows, clock } = await listener([await endpoint('a'), await endpoint('b')].sort((x, y) => x.port - y.port))
  const { socket } = await open()
  const before = await ask(socket, port)
  await clock.advance('29s')
  expect(await ask(socket, port)).toEqual(before)
  await clock.advance('30s')
  expect(flows.size).toBe(0)
  expect((await ask(socket, port))[0]).not.toBe(before[0])
})

test('flows to an endpoint that is gone end at once, others go on', async () => {
  const [a, b] = [await endpoint('a'), await endpoint('b')].sort((x, y) => x.port - y.port)
  const { port, balancer, endpointsChanged, flows } = await listener([a!, b!])
  const [one, two] = [(await open()).socket, (await open()).socket]
  const [first, second] = [await ask(one, port), await ask(two, port)]
  balancer.update([b!], undefined)
  endpointsChanged()
  expect(flows.size).toBe(1)
  expect((await ask(one, port))[0]).not.toBe(first[0])
  expect(await ask(two, port)).toEqual(second)
})

test('an endpoint that refuses loses the flow, and the next datagram goes to another', async () => {
  const [a, b] = [await endpoint('a'), await endpoint('b')].sort((x, y) => x.port - y.port)
  const { port, flows } = await listener([a!, b!])
  a!.socket.close()
  const { socket } = await open()
  let answers = 0
  socket.on('message', () => { answers += 1 })
  socket.send('lost', port, host)
  await vi.waitFor(() => {
    socket.send('again', port, host)
    expect(answers).toBeGreaterThan(0)
  }, { timeout: 20_000 })
  expect(flows.size).toBe(1)
})

test('too many flows: the longest silent one makes room', async () => {
  const { port, flows } = await listener([await endpoint('a')], 2)
  const callers = [(await open()).socket, (await open()).socket, (await open()).socket]
  const seen = []
  for (const caller of callers) seen.push((await ask(caller, port))[1])
  expect(flows.size).toBe(2)
  expect((await ask(callers[2]!, port))[1]).toBe(seen[2])
  expect((await ask(callers[0]!, port))[1]).not.toBe(seen[0])
})

test('closing ends all flows, twice is fine', async () => {
  const opened = await listener([await endpoint('a')])
  await ask((await open()).socket, opened.port)
  opened.close()
  opened.close()
  expect(opened.flows.size).toBe(0)
})
