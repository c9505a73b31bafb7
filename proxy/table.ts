/**
 * The forwarding table: all that a backend needs to know, as a pure value. It is computed from Services, EndpointSlices
 * and this node (`routes.ts`), and says nothing about how a kernel is told.
 */
export interface ForwardingTable {
  /** In the order of their `id`. A route that did not change is the same object as before: backends compare by identity. */
  readonly routes: readonly Route[]
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
  /** External IPs and the ingress addresses of a load balancer. */
  readonly externalIPs: readonly string[]
  /** Answered on every address of the node but loopback; absent when the Service has none. */
  readonly nodePort: number | undefined
  /** Where connections to the cluster IP go, in turn. Empty: they are refused. */
  readonly internal: readonly Target[]
  /** Where connections to `nodePort` and `externalIPs` go, in turn. Empty: refused, or dropped when `dropExternal`. */
  readonly external: readonly Target[]
  /** `externalTrafficPolicy: Cluster` hides the caller behind the node's address, so that the answer comes back this way. */
  readonly masqueradeExternal: boolean
  /** `externalTrafficPolicy: Local` with endpoints elsewhere only: drop, so that a load balancer tries another node. */
  readonly dropExternal: boolean
}

/** An endpoint's address and port. */
export interface Target {
  readonly ip: string
  readonly port: number
}

/** The node this proxy works for. */
export interface NodeView {
  readonly name: string
  /** Pod networks of the whole cluster: what comes from elsewhere to a cluster IP is masqueraded. */
  readonly clusterCIDRs: readonly string[]
}
