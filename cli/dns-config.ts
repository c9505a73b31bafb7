import { parseName } from '../proxy/dns/names.ts'

/** The cluster's DNS; the same on all nodes but for `dnsPort`, which each may choose. */
export interface DnsConfig {
  /** Every node answers DNS. False: none does, and pods ask whom their node asks. */
  readonly clusterDNS: boolean
  /** `cluster.local` */
  readonly clusterDomain: string
  /** Where the agent answers, UDP and TCP; pods ask port 53 of the Service `kube-dns`. */
  readonly dnsPort: number
}

export const dnsDefaults: DnsConfig = { clusterDNS: true, clusterDomain: 'cluster.local', dnsPort: 10053 }

/** Longer domains leave no room for the names of endpoints: three labels of 63 letters, and `svc`. */
const longestDomain = 48

/** What is wrong, in words for the person who gave it, the port apart. The values may be of any type. */
export function dnsProblems({ clusterDNS, clusterDomain }: Pick<DnsConfig, 'clusterDNS' | 'clusterDomain'>): string[] {
  const isDomain = typeof clusterDomain === 'string' && clusterDomain === clusterDomain.toLowerCase() && !/[._]$|_/.test(clusterDomain) && parseName(clusterDomain) !== undefined
  return [
    ...(typeof clusterDNS === 'boolean' ? [] : [`clusterDNS ${JSON.stringify(clusterDNS)} is not true or false`]),
    ...(isDomain && clusterDomain.length <= longestDomain ? [] : [`cluster domain ${JSON.stringify(clusterDomain)} is not a lower-case DNS name of at most ${longestDomain} letters`]),
  ]
}
