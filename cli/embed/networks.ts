export type Family = 'IPv4' | 'IPv6'

/** The networks of an embedded cluster and the addresses in them; nothing of it is on any wire. */
export interface EmbeddedNetworks {
  readonly serviceCIDRs: readonly string[]
  readonly clusterCIDRs: readonly string[]
  /** The addresses of the node with this number, counted from 1. */
  nodeIPs(node: number): string[]
  podIPs(node: number, pod: number): string[]
}

const networks = {
  IPv4: { services: '10.96.0.0/16', pods: '10.244.0.0/16', node: (n: number) => `192.168.64.${n}`, pod: (n: number, m: number) => `10.244.${n}.${m + 1}` },
  IPv6: { services: 'fd00:96::/112', pods: 'fd00:244::/48', node: (n: number) => `fd00:64::${n.toString(16)}`, pod: (n: number, m: number) => `fd00:244:0:${n.toString(16)}::${(m + 1).toString(16)}` },
} as const

/** One or two families, the primary first. */
export function embeddedNetworks(families: readonly Family[]): EmbeddedNetworks {
  if (families.length === 0 || new Set(families).size < families.length) throw new Error(`Cannot start a cluster with the address families ${JSON.stringify(families)}: it has IPv4, IPv6, or both in either order`)
  const chosen = families.map((family) => networks[family])
  return {
    serviceCIDRs: chosen.map(({ services }) => services), clusterCIDRs: chosen.map(({ pods }) => pods),
    nodeIPs: (n) => chosen.map(({ node }) => node(n)), podIPs: (n, m) => chosen.map(({ pod }) => pod(n, m)),
  }
}
