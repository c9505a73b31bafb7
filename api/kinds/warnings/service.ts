import type { Service } from '../../types/core-v1/service.ts'
import { topologyHints } from '../validation/service.ts'
import { cidrWarnings, ipWarnings } from './address.ts'

/** What a Service says in vain, or in a way that will go. */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const { type, clusterIP, clusterIPs = [], externalIPs = [], loadBalancerIP, loadBalancerSourceRanges = [], externalName, trafficDistribution } = spec
  const headless = type === 'ClusterIP' && clusterIP === 'None'
  return [
    ...(metadata.annotations?.[topologyHints] === undefined ? [] : [`annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`]),
    ...(clusterIP && clusterIP !== 'None' ? clusterIPs.flatMap((ip, i) => ipWarnings(ip, `spec.clusterIPs[${i}]`)) : []),
    ...(headless ? headlessWarnings(spec) : []),
    ...externalIPs.flatMap((ip, i) => ipWarnings(ip, `spec.externalIPs[${i}]`)),
    ...(externalIPs.length > 0 && !headless && type !== 'ExternalName' ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
    ...(loadBalancerIP ? ipWarnings(loadBalancerIP, 'spec.loadBalancerIP') : []),
    ...loadBalancerSourceRanges.flatMap((range, i) => cidrWarnings(range.trim(), `spec.loadBalancerSourceRanges[${i}]`)),
    ...(type === 'ExternalName' && externalIPs.length > 0 ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(type !== 'ExternalName' && externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
    ...(trafficDistribution === 'PreferClose' ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'] : []),
  ]
}

const headlessWarnings = ({ loadBalancerIP, externalIPs, sessionAffinity }: Service['spec']): string[] => [
  ...(loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []),
  ...(externalIPs?.length ? ['spec.externalIPs is ignored for headless services'] : []),
  ...(sessionAffinity === 'None' ? [] : ['spec.SessionAffinity is ignored for headless services']),
]
