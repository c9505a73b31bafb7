import type { HealthCheck } from '../table.ts'
import type { ProxyHealth } from './sync-health.ts'

/** What kube-proxy's health servers say, so that load balancers of every cloud understand it. */
export interface Answer {
  readonly status: 200 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const answer = (well: boolean, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: well ? 200 : 503, headers: { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff', ...headers }, body: JSON.stringify(body),
})

/** At a Service's health check node port: whether this node has ready endpoints of it, and how many. */
export function serviceHealth({ service, localEndpoints }: HealthCheck, proxyHealthy: boolean): Answer {
  const [namespace, name] = service.split('/')
  return answer(localEndpoints > 0 && proxyHealthy, { service: { namespace, name }, localEndpoints, serviceProxyHealthy: proxyHealthy }, { 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) })
}

/**
 * At `/livez`, without `nodeEligible`: whether the proxy keeps up. At `/healthz`: also whether its node shall get traffic at all.
 * While all is well `lastUpdated` is now, as it always was for those who look whether it is recent; before the first time it is the zero time of Go.
 */
export function proxyHealth({ healthy, lastUpdated }: ProxyHealth, { now, families, nodeEligible }: { now: number; families: readonly ('IPv4' | 'IPv6')[]; nodeEligible?: boolean }): Answer {
  const time = (ms: number | undefined) => (ms === undefined ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString())
  const well = healthy && nodeEligible !== false
  // The rules of both families are written in one transaction.
  const status = lastUpdated === undefined ? {} : { status: Object.fromEntries(families.map((family) => [family, { lastUpdated: time(lastUpdated), healthy }])) }
  return answer(well, { lastUpdated: time(well ? now : lastUpdated), currentTime: time(now), ...(nodeEligible !== undefined && { nodeEligible }), healthy, ...status })
}
