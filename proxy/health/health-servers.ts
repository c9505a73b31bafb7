import { createServer, type Server } from 'node:http'
import type { Logger } from 'pino'
import type { HealthCheck } from '../table.ts'
import { serviceHealth } from './answers.ts'

export interface HealthServers {
  /** From now on these are answered, and no others. */
  set(checks: readonly HealthCheck[]): void
  close(): Promise<void>
}

/** One HTTP server for each health check node port. A port that is taken is a warning; it is tried again at the next change. */
export function createHealthServers({ log, isHealthy, host = '::' }: { log: Logger; isHealthy: () => boolean; host?: string }): HealthServers {
  const servers = new Map<number, Server>()
  let current = new Map<number, HealthCheck>()

  function open(port: number): void {
    const server = createServer((request, response) => {
      const check = current.get(port)
      request.resume()
      if (!check) return void response.writeHead(404).end()
      const { status, headers, body } = serviceHealth(check, isHealthy())
      response.writeHead(status, headers).end(body)
    })
    server.on('error', (error) => {
      log.warn({ err: error, port, service: current.get(port)?.service }, 'Cannot answer the health checks of a Service')
      servers.delete(port)
    })
    servers.set(port, server.listen({ host, port }))
  }

  const shut = (server: Server) => new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

  return {
    set(checks) {
      current = new Map(checks.map((check) => [check.port, check]))
      for (const [port, server] of servers) {
        if (current.has(port)) continue
        servers.delete(port)
        void shut(server)
      }
      for (const port of current.keys()) if (!servers.has(port)) open(port)
    },
    async close() {
      await Promise.all([...servers.values()].map(shut))
      servers.clear()
    },
  }
}
