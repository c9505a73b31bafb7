import { isIP } from 'node:net'
import { formatCidr, parseCidr } from '../api/cidr.ts'
import type { ListenAt } from '../proxy/health/keep-listening.ts'
import { ipvsSchedulers, type IpvsScheduler } from '../proxy/ipvs/schedulers.ts'
import { isIPv6, nodeIPs, type Networks } from './addresses.ts'
import { cidrOf } from './network-problems.ts'

/** `--proxy-mode`. `auto`: nftables where the kernel and `nft` allow, else iptables. */
export const proxyModes = ['auto', 'nftables', 'iptables', 'ipvs', 'userspace'] as const
export type ProxyModeSetting = typeof proxyModes[number]

/** How Services are carried. */
export interface ProxyConfig {
  readonly proxyMode: ProxyModeSetting
  /** In mode ipvs: how the kernel chooses an endpoint, and whether the node answers ARP for its addresses only where they are. */
  readonly ipvsScheduler: IpvsScheduler
  readonly ipvsStrictARP: boolean
  /** Networks of those of the node's addresses at which node ports answer, or `['primary']`: only at those by which others reach it. Empty: at all but loopback. */
  readonly nodePortAddresses: readonly string[]
  /** How often the proxy looks whether somebody else has altered its rules, in seconds. */
  readonly proxySyncPeriod: number
  /** Where the proxy's own `/healthz` and `/livez` are answered, `0.0.0.0:10256` or `[::1]:10256`, where `0.0.0.0` and `::` are every address. Empty: nowhere. */
  readonly proxyHealthzBindAddress: string
}

export const proxyDefaults: ProxyConfig = { proxyMode: 'auto', ipvsScheduler: 'rr', ipvsStrictARP: false, nodePortAddresses: [], proxySyncPeriod: 30, proxyHealthzBindAddress: '0.0.0.0:10256' }

/** What is wrong, in words for the person who gave it. The values may be of any type. */
export function proxyProblems({ proxyMode, ipvsScheduler, ipvsStrictARP, nodePortAddresses, proxySyncPeriod, proxyHealthzBindAddress }: ProxyConfig): string[] {
  const quote = (value: unknown) => JSON.stringify(value)
  const areNetworks = Array.isArray(nodePortAddresses) && (nodePortAddresses.join() === 'primary' || nodePortAddresses.every((each) => typeof each === 'string' && cidrOf(each) !== undefined))
  return [
    ...(proxyModes.includes(proxyMode) ? [] : [`proxy mode ${quote(proxyMode)} is not one of ${proxyModes.join(', ')}`]),
    ...(ipvsSchedulers.includes(ipvsScheduler) ? [] : [`ipvsScheduler ${quote(ipvsScheduler)} is not one of ${ipvsSchedulers.join(', ')}`]),
    ...(typeof ipvsStrictARP === 'boolean' ? [] : [`ipvsStrictARP ${quote(ipvsStrictARP)} is not true or false`]),
    ...(areNetworks ? [] : [`nodePortAddresses ${quote(nodePortAddresses)} is neither a list of networks like 192.0.2.0/24 nor primary`]),
    ...(Number.isInteger(proxySyncPeriod) && proxySyncPeriod >= 1 && proxySyncPeriod <= 86_400 ? [] : [`proxySyncPeriod ${quote(proxySyncPeriod)} is not a number of seconds from 1 to 86400`]),
    ...(proxyHealthzBindAddress === '' || (typeof proxyHealthzBindAddress === 'string' && listenAt(proxyHealthzBindAddress)) ? [] : [`proxyHealthzBindAddress ${quote(proxyHealthzBindAddress)} is not an address with a port like 0.0.0.0:10256`]),
  ]
}

/** The networks that the backends are told, in the spelling of the kernel; `primary` are the node's own addresses alone. */
export const nodePortNetworks = (config: Pick<ProxyConfig, 'nodePortAddresses'> & Pick<Networks, 'nodeIP'>): string[] =>
  config.nodePortAddresses.join() === 'primary'
    ? nodeIPs(config).map((ip) => `${ip}/${isIPv6(ip) ? 128 : 32}`)
    : config.nodePortAddresses.map((cidr) => formatCidr(parseCidr(cidr)))

/** `192.0.2.1:10256`, `[2001:db8::1]:10256`; undefined for what is neither. Every address is none in particular. */
export function listenAt(text: string): ListenAt | undefined {
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const [address, port] = [v6 ?? v4 ?? '', Number(digits)]
  if (isIP(address) !== (v6 === undefined ? 4 : 6) || !(port >= 1 && port <= 65_535)) return undefined
  return address === '0.0.0.0' || address === '::' ? { port } : { address, port }
}
