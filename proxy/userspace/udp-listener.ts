import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Target } from '../table.ts'
import type { Flow } from './flow-table.ts'
import { isNodePort, type Listener, type ListenerOptions } from './listener.ts'

/** Bytes that may wait to be sent on one socket; what comes on top is dropped, as a full queue in the kernel would. */
const maxQueued = 1024 * 1024
/** Datagrams that may wait for the socket of their flow to be ready. */
const maxWaiting = 64

/** A UDP socket that gives each caller (address and port) a socket of its own to an endpoint, for as long as it talks. */
export async function openUdpListener({ ip, family, balancer, shared: { flows } }: ListenerOptions): Promise<Listener> {
  const callers = new Map<string, CallerFlow>()
  let failed = false
  const socket = await bind(ip, family === 'ipv6' ? 'udp6' : 'udp4')
  let closed = false

  socket.on('message', (datagram, caller) => {
    const key = `${caller.address} ${caller.port}`
    let flow = callers.get(key)
    if (!flow) {
      const target = balancer.choose(caller.address)
      if (!target) return
      flow = new CallerFlow(target, family, {
        answer: (answer) => send(socket, answer, caller),
        use: () => flows.touch(flow!),
        ended: () => {
          flows.remove(flow!)
          if (callers.get(key) === flow) callers.delete(key)
        },
      })
      callers.set(key, flow)
    }
    flows.touch(flow)
    flow.send(datagram)
  })
  socket.on('error', () => { failed = true })

  return {
    port: socket.address().port,
    get alive() { return !failed && !closed },
    endpointsChanged() {
      for (const flow of [...callers.values()]) if (!balancer.has(flow.target)) flow.end()
    },
    close() {
      if (closed) return
      closed = true
      for (const flow of [...callers.values()]) flow.end()
      socket.close()
    },
  }
}

interface FlowEvents {
  answer(datagram: Uint8Array): void
  /** The endpoint has said something. */
  use(): void
  ended(): void
}

/** From one caller to one endpoint and back. */
class CallerFlow implements Flow {
  readonly target: Target
  readonly #socket: Socket
  readonly #events: FlowEvents
  /** Until the socket is connected. */
  #waiting: Uint8Array[] | undefined = []
  #over = false

  constructor(target: Target, family: ListenerOptions['family'], events: FlowEvents) {
    this.target = target
    this.#events = events
    this.#socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4').unref()
    // Refused, unreachable, out of sockets: the caller's next datagram tries another endpoint.
    this.#socket.on('error', () => this.end())
    this.#socket.on('message', (answer) => {
      events.use()
      events.answer(answer)
    })
    this.#socket.connect(target.port, target.ip, () => {
      const waiting = this.#waiting ?? []
      this.#waiting = undefined
      for (const datagram of waiting) this.send(datagram)
    })
  }

  send(datagram: Uint8Array): void {
    if (this.#over) return
    if (!this.#waiting) send(this.#socket, datagram, undefined, (error) => { if (error.code === 'ECONNREFUSED') this.end() })
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(datagram)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#socket.close()
    this.#events.ended()
  }
}

/** A datagram that cannot be sent is lost, as datagrams are. */
function send(socket: Socket, datagram: Uint8Array, to?: RemoteInfo, failed?: (error: NodeJS.ErrnoException) => void): void {
  if (socket.getSendQueueSize() > maxQueued) return
  const done = (error: Error | null) => { if (error) failed?.(error) }
  if (to) socket.send(datagram, to.port, to.address, done)
  else socket.send(datagram, done)
}

async function bind(address: string, type: 'udp4' | 'udp6'): Promise<Socket> {
  const socket = createSocket(type)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('error', reject).bind({ address, port: 0 }, resolve)
  await promise.catch((error: unknown) => {
    socket.close()
    throw error
  })
  socket.off('error', reject).unref()
  if (!isNodePort(socket.address().port)) return socket
  const better = await bind(address, type)
  socket.close()
  return better
}
