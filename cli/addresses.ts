import { formatIP, parseCidr } from '../api/cidr.ts'

/** The parts of a configuration that name networks and addresses. */
export interface Networks {
  readonly nodeIP: string
  readonly clusterCIDR: string
  readonly serviceCIDR: string
}

/** Prefix lengths of a node's share of the pod network, unless the configuration says otherwise. A network smaller than that is one share. */
export const nodeMaskSizes = { IPv4: 24, IPv6: 64 } as const

/** The items of a comma-separated setting, the primary one first. */
export const listed = (text: string): string[] => text.split(',').map((item) => item.trim())

/** The networks of pods: one, or one of each family, the primary first. */
export const clusterCIDRs = ({ clusterCIDR }: Pick<Networks, 'clusterCIDR'>): string[] => listed(clusterCIDR)

/** The networks of Services: one, or one of each family, the primary first. */
export const serviceCIDRs = ({ serviceCIDR }: Pick<Networks, 'serviceCIDR'>): string[] => listed(serviceCIDR)

/** The addresses by which others reach this machine: one, or one of each family, the primary first. */
export const nodeIPs = ({ nodeIP }: Pick<Networks, 'nodeIP'>): string[] => listed(nodeIP)

/** The one that is named where there is room for one only: certificates, kubeconfigs, where the agent listens. */
export const primaryIP = (config: Pick<Networks, 'nodeIP'>): string => nodeIPs(config)[0]!

/** The addresses of the Service `kube-dns`: one of each family of the cluster's Services, the primary first. */
export const dnsIPs = (config: Pick<Networks, 'serviceCIDR'>): string[] => serviceCIDRs(config).map((cidr) => firstAddresses(cidr).dns)

/** The addresses of the Service `kubernetes`, likewise. */
export const apiserverIPs = (config: Pick<Networks, 'serviceCIDR'>): string[] => serviceCIDRs(config).map((cidr) => firstAddresses(cidr).apiserver)

/** Where the API server listens. Without IPv6 addresses on the machine the kernel may not know the family at all. */
export const everyAddress = (config: Pick<Networks, 'nodeIP'>): string => (nodeIPs(config).some(isIPv6) ? '::' : '0.0.0.0')

export const isIPv6 = (addressOrNetwork: string): boolean => addressOrNetwork.includes(':')

/** An address as it stands in a URL. */
export const hostInURL = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/** The addresses of one service network that have a meaning by their place: the first is the API server's, the tenth the cluster DNS's. */
export function firstAddresses(serviceCIDR: string): { readonly apiserver: string; readonly dns: string } {
  const { address, bits } = parseCidr(serviceCIDR)
  return { apiserver: formatIP(address + 1n, bits), dns: formatIP(address + 10n, bits) }
}
