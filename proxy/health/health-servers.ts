import type { RequestListener } from 'node:http'
import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'
import type { HealthCheck } from '../table.ts'
import { serviceHealth, type Answer } from './answers.ts'
import { keepListening } from './keep-listening.ts'

export interface HealthServers {
  /** From now on these are answered, and no others. */
  set(checks: readonly HealthCheck[]): void
  close(): Promise<void>
}

export interface HealthServersOptions {
  readonly isHealthy: () => boolean
  /** The addresses at which node ports are answered, as they are now; undefined: all of the machine. */
  readonly addresses?: () => readonly string[] | undefined
  /** Told of a port that cannot be had; it is tried again. `service`: `default/web`. */
  readonly failed?: (service: string, message: string) => void
  readonly clock: Clock
  readonly log: Logger
}

/** One HTTP server for each health check node port and each address of the node at which node ports are answered. A port that is taken is tried again until it can be had. */
export function createHealthServers({ isHealthy, addresses = () => undefined, failed, clock, log }: HealthServersOptions): HealthServers {
  /** By address and port: what closes it. */
  const servers = new Map<string, () => Promise<void>>()
  let current = new Map<number, HealthCheck>()

  function open(port: number, address: string | undefined): () => Promise<void> {
    return keepListening({ port, ...(address !== undefined && { address }) }, {
      clock,
      answer(request, response) {
        request.resume()
        const check = current.get(port)
        if (check) send(response, serviceHealth(check, isHealthy()))
        else response.writeHead(404).end()
      },
      failed(error) {
        const service = current.get(port)?.service
        log.warn({ err: error, address, port, service }, 'Cannot answer the health checks of a Service; will try again')
        if (service !== undefined) failed?.(service, error.message)
      },
    })
  }

  return {
    set(checks) {
      current = new Map(checks.map((check) => [check.port, check]))
      const listening = checks.length ? addresses() ?? [undefined] : []
      const wanted = new Map([...current.keys()].flatMap((port) => listening.map((address) => [`${address} ${port}` as string, { port, address }] as const)))
      for (const [at, close] of servers) {
        if (wanted.has(at)) continue
        servers.delete(at)
        void close()
      }
      for (const [at, { port, address }] of wanted) if (!servers.has(at)) servers.set(at, open(port, address))
    },
    async close() {
      await Promise.all([...servers.values()].map((close) => close()))
      servers.clear()
    },
  }
}

export const send = (response: Parameters<RequestListener>[1], { status, headers, body }: Answer): void => void response.writeHead(status, headers).end(body)
