import type { HealthCheck } from '../table.ts'

/** What kube-proxy's health servers say, so that load balancers of every cloud understand it. */
export interface Answer {
  readonly status: 200 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const json = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }

/** At a Service's health check node port: whether this node has ready endpoints of it, and how many. */
export function serviceHealth({ service, localEndpoints }: HealthCheck, proxyHealthy: boolean): Answer {
  const [namespace, name] = service.split('/')
  return {
    status: localEndpoints > 0 && proxyHealthy ? 200 : 503,
    headers: { ...json, 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) },
    body: JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: proxyHealthy }),
  }
}
