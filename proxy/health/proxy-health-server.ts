import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Clock } from '../../host/clock.ts'
import { proxyHealth, type Answer } from './answers.ts'
import { send } from './health-servers.ts'
import { keepListening, type ListenAt } from './keep-listening.ts'
import { isEligible } from './node-eligibility.ts'
import type { ProxyHealth } from './sync-health.ts'

export interface ProxyHealthServerOptions {
  readonly at: ListenAt
  readonly health: () => ProxyHealth
  /** This node, as the cluster knows it. */
  readonly node: () => Node | undefined
  /** Families of the cluster. */
  readonly families: readonly ('IPv4' | 'IPv6')[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
}

/**
 * The proxy's own `/healthz` and `/livez`, as kube-proxy has them on port 10256: load balancers of clouds ask the first whether a node shall
 * get traffic. Without the port (another cluster on this machine may have it) it goes on, and tries again. Returns the function that closes it.
 */
export function serveProxyHealth({ at, health, node, families, clock, log, metrics }: ProxyHealthServerOptions): () => Promise<void> {
  const counted = (path: string) => new Counter({ name: `kubeproxy_proxy_${path}_total`, help: `Answers of the proxy at /${path}, by status`, labelNames: ['code'], registers: [metrics] })
  const [healthz, livez] = [counted('healthz'), counted('livez')]
  const answers: Readonly<Record<string, () => Answer>> = {
    '/healthz': () => tell(healthz, proxyHealth(health(), { now: clock.now(), families, nodeEligible: isEligible(node()) })),
    '/livez': () => tell(livez, proxyHealth(health(), { now: clock.now(), families })),
  }
  const tell = (counter: Counter<'code'>, answer: Answer): Answer => {
    counter.inc({ code: String(answer.status) })
    return answer
  }
  return keepListening(at, {
    clock,
    answer(request, response) {
      request.resume()
      const found = answers[request.url?.split('?')[0] ?? '']
      if (found) send(response, found())
      else response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
    },
    failed: (error) => log.warn({ err: error, ...at }, "Cannot answer at the proxy's own health port; will try again"),
  })
}
