import { createServer, type RequestListener } from 'node:http'
import type { Clock } from '../../host/clock.ts'

/** Where to listen. Without an address: at all of the machine, of the families that it has. */
export interface ListenAt {
  readonly address?: string
  readonly port: number
}

export interface KeepListeningOptions {
  readonly clock: Clock
  readonly answer: RequestListener
  /** Told when the port cannot be had, once, until it could. */
  readonly failed: (error: Error) => void
}

const [firstWaitMs, longestWaitMs] = [500, 30_000]

/** An HTTP server that tries again until it has its port, for whoever holds the port now may end. Returns the function that closes it. */
export function keepListening({ address, port }: ListenAt, { clock, answer, failed }: KeepListeningOptions): () => Promise<void> {
  let waitMs = firstWaitMs
  let cancel = (): void => {}
  let closed = false
  const server = createServer(answer)
  const listen = () => void server.listen({ port, ...(address !== undefined && { host: address }) })
  server.on('listening', () => {
    waitMs = firstWaitMs
    if (closed) server.close() // it was just on its way
  })
  server.on('error', (error) => {
    if (closed || server.listening) return
    if (waitMs === firstWaitMs) failed(error)
    cancel = clock.after(waitMs, listen, { unref: true })
    waitMs = Math.min(waitMs * 2, longestWaitMs)
  })
  listen()
  return () => new Promise((resolve) => {
    closed = true
    cancel()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
