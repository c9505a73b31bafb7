import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../host/clock.ts'
import type { Target } from '../table.ts'
import { isNodePort, type Listener, type ListenerOptions } from './listener.ts'

/** How long each endpoint in turn is given to take the connection, in milliseconds; then the caller is told that nobody did. kube-proxy's numbers. */
const dialTimeouts = [250, 500, 1000, 2000] as const

/** A connection whose other end has vanished without a word is found out in the end; without this its sockets would stay for ever. */
const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const

/** Callers that the kernel has accepted for us and we have not yet. */
const backlog = 1024

/** A TCP server that joins each caller to an endpoint of its own. */
export async function openTcpListener({ ip, balancer, clock, shared: { connections, maxConnections } }: ListenerOptions): Promise<Listener> {
  let failed = false
  const keep = (socket: Socket) => {
    connections.add(socket)
    socket.unref().once('close', () => connections.delete(socket))
  }

  async function serve(client: Socket): Promise<void> {
    // Until there is somebody at the other end, an error has nobody to be told to.
    const ignore = () => {}
    client.on('error', ignore)
    if (connections.size >= 2 * maxConnections) return reset(client)
    keep(client)
    const server = await dial(client.remoteAddress ?? '')
    if (!server) return reset(client)
    if (client.destroyed) return reset(server)
    keep(server)
    client.off('error', ignore)
    join(client, server)
  }

  async function dial(caller: string): Promise<Socket | undefined> {
    let target = balancer.choose(caller)
    for (const timeoutMs of dialTimeouts) {
      if (!target) return undefined
      const socket = await dialOne(target, timeoutMs, clock)
      if (socket) return socket
      target = balancer.next(caller)
    }
    return undefined
  }

  const server = await listen(ip, (client) => void serve(client))
  server.on('error', () => { failed = true })
  server.unref()
  return {
    port: portOf(server),
    get alive() { return !failed && server.listening },
    endpointsChanged() {}, // A connection that stands, stands: as in the modes of the kernel.
    close: () => void server.close(),
  }
}

async function listen(host: string, serve: (client: Socket) => void): Promise<Server> {
  const server = createServer({ ...options, pauseOnConnect: true }, serve)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen({ host, port: 0, backlog }, resolve)
  await promise
  server.off('error', reject)
  if (!isNodePort(portOf(server))) return server
  const better = await listen(host, serve)
  server.close()
  return better
}

const portOf = (server: Server): number => (server.address() as { port: number }).port

/** Undefined when the endpoint refuses, cannot be reached, or says nothing in time. */
function dialOne({ ip, port }: Target, timeoutMs: number, clock: Clock): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, host: ip, port })
    const done = (result: Socket | undefined) => {
      cancel()
      if (!result) socket.destroy()
      resolve(result)
    }
    const cancel = clock.after(timeoutMs, () => done(undefined))
    const failed = () => done(undefined)
    socket.on('error', failed).once('connect', () => {
      socket.off('error', failed)
      done(socket)
    })
  })
}

/** Each way flows by itself, as fast as its reader reads, to its own end; an error at one end is an error at the other. */
function join(client: Socket, server: Socket): void {
  for (const [from, to] of [[client, server], [server, client]] as const) {
    from.on('error', () => reset(to))
    from.pipe(to)
  }
}

function reset(socket: Socket): void {
  if (!socket.destroyed) socket.resetAndDestroy()
}
