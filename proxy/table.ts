/**
 * The forwarding table: all that a backend needs to know, as a pure value. It is computed from Services, EndpointSlices
 * and this node (`routes.ts`), and says nothing about how a kernel is told.
 */
export interface ForwardingTable {
  /** In the order of their `id`. A route that did not change is the same object as before: backends compare by identity. */
  readonly routes: readonly Route[]
  /** Services whose load balancers ask every node whether it has endpoints of its own; answered over HTTP, not by a backend. */
  readonly healthChecks: readonly HealthCheck[]
}

/** How one forwarding table follows another. */
export interface RouteChanges {
  /** Routes that are no more, or no more like this; in the order of their `id`. */
  readonly gone: readonly Route[]
  /** Routes that are new, or newly like this; likewise. One that changed stands in both lists. */
  readonly come: readonly Route[]
}

/** The order of routes. */
export const byId = (a: Route, b: Route): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The same for two tables of which neither is known to follow the other. */
export function changesBetween(before: ForwardingTable, after: ForwardingTable): RouteChanges {
  const [olds, news] = [new Set(before.routes), new Set(after.routes)]
  return { gone: before.routes.filter((route) => !news.has(route)), come: after.routes.filter((route) => !olds.has(route)) }
}

export type Family = 'ipv4' | 'ipv6'
export type Protocol = 'TCP' | 'UDP' | 'SCTP'

/** One port of one Service in one address family. */
export interface Route {
  /** `default/web:http/tcp` for IPv4, with a trailing `/v6` for IPv6. Unique in the table. */
  readonly id: string
  readonly family: Family
  readonly protocol: Protocol
  /** The Service's port: where its addresses listen. */
  readonly port: number
  readonly clusterIP: string
  /** `spec.externalIPs`, without those that are addresses of nodes. */
  readonly externalIPs: readonly string[]
  /** The ingress addresses in the status, save those whose load balancer wants to see the traffic itself (`ipMode: Proxy`). */
  readonly loadBalancerIPs: readonly string[]
  /** Networks of this family from which `loadBalancerIPs` may be called, none within another, a single address without length; others are dropped. Empty: from everywhere. */
  readonly loadBalancerSourceRanges: readonly string[]
  /** Answered on the node's addresses that the backend was made for, never on loopback; absent when the Service has none. */
  readonly nodePort: number | undefined
  /** Where connections to the cluster IP go, in turn. Empty: they are refused, or dropped when `dropInternal`. */
  readonly internal: readonly Target[]
  /** `internalTrafficPolicy: Local` with endpoints elsewhere only: drop. */
  readonly dropInternal: boolean
  /** Where connections to `nodePort`, `externalIPs` and `loadBalancerIPs` go, in turn. Empty: refused, or dropped when `dropExternal`. */
  readonly external: readonly Target[]
  /**
   * The same for callers inside the cluster (pods by their own address, and this node itself), for whom
   * `externalTrafficPolicy: Local` does not hold: they need not be sent to a load balancer to find the endpoints of other
   * nodes. The same list as `external` under policy Cluster.
   */
  readonly insiders: readonly Target[]
  /** UDP: every endpoint that serves, where there are more than `insiders`: those that drain, or that hints keep for others. They keep the flows that they have. */
  readonly serving?: readonly Target[]
  /** `externalTrafficPolicy: Cluster` hides the caller behind the node's address, so that the answer comes back this way. */
  readonly masqueradeExternal: boolean
  /** `externalTrafficPolicy: Local` with endpoints elsewhere only: drop, so that a load balancer tries another node. */
  readonly dropExternal: boolean
  /**
   * Addresses of endpoints that may reach themselves by way of this node: a connection from one of them to itself is
   * masqueraded, so that its answer comes back here.
   */
  readonly hairpins: readonly string[]
  /** `sessionAffinity: ClientIP`: a caller comes back to the same endpoint for so many seconds after its last connection. */
  readonly affinitySeconds: number | undefined
}

/** An endpoint's address and port. */
export interface Target {
  readonly ip: string
  readonly port: number
}

/** `spec.healthCheckNodePort` of a Service, and what to answer there. */
export interface HealthCheck {
  /** `default/web` */
  readonly service: string
  readonly port: number
  /** Ready endpoints on this node. */
  readonly localEndpoints: number
}

/** The node this proxy works for, and what it knows of its cluster. */
export interface NodeView {
  readonly name: string
  /** The node's label `topology.kubernetes.io/zone`. */
  readonly zone?: string | undefined
  /** Pod networks of the whole cluster: what comes from elsewhere to a cluster IP is masqueraded. */
  readonly clusterCIDRs: readonly string[]
  /** Addresses of all nodes of the cluster. No Service may have them as external IPs: it would get the traffic of their kubelets and API servers. */
  readonly nodeAddresses?: ReadonlySet<string>
}
