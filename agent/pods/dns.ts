import type { Pod, PodDNSConfig } from '../../api/types/core-v1/pod.ts'
import type { DNSConfig } from '../runtime/runtime.ts'

export interface DnsFacts {
  readonly clusterDNS: readonly string[]
  readonly clusterDomain: string
  /** The text of the machine's own resolv.conf. */
  readonly resolvConf: string
}

const maxNameservers = 3
const maxSearches = 32
const maxSearchLength = 2048

/**
 * What goes into the pod's resolv.conf. Cluster-first policies fall back to the machine's servers where the cluster has
 * no DNS; `ClusterFirst` on the host's network means `Default`, as the original has it.
 */
export function dnsConfig(pod: Pod, facts: DnsFacts): DNSConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  const wantsCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork)
  const host = parseResolvConf(facts.resolvConf)
  const base = policy === 'None' ? { servers: [], searches: [], options: [] }
    : wantsCluster && facts.clusterDNS.length > 0 ? clusterConfig(pod, facts, host) : host
  const merged = merge(base, pod.spec.dnsConfig)
  return {
    servers: [...new Set(merged.servers)].slice(0, maxNameservers),
    searches: fittingSearches([...new Set(merged.searches)]),
    options: merged.options,
  }
}

function clusterConfig(pod: Pod, { clusterDNS, clusterDomain }: DnsFacts, host: DNSConfig): DNSConfig {
  const namespace = pod.metadata.namespace ?? 'default'
  const own = clusterDomain ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : []
  return { servers: [...clusterDNS], searches: [...own, ...host.searches], options: ['ndots:5'] }
}

export function parseResolvConf(text: string): DNSConfig {
  const config: DNSConfig = { servers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [word, ...values] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
    if (word === 'nameserver' && values[0]) config.servers.push(values[0])
    else if (word === 'search') config.searches = values.filter((value) => value !== '.').map((value) => value.replace(/\.$/, ''))
    else if (word === 'options') config.options = values
  }
  return config
}

function merge(base: DNSConfig, extra: PodDNSConfig | undefined): DNSConfig {
  const options = new Map(base.options.map((option) => [option.split(':')[0]!, option]))
  for (const { name, value } of extra?.options ?? []) if (name) options.set(name, value === undefined ? name : `${name}:${value}`)
  return {
    servers: [...base.servers, ...(extra?.nameservers ?? [])],
    searches: [...base.searches, ...(extra?.searches ?? [])],
    options: [...options.values()],
  }
}

function fittingSearches(searches: string[]): string[] {
  const kept = searches.slice(0, maxSearches)
  while (kept.join(' ').length > maxSearchLength) kept.pop()
  return kept
}
