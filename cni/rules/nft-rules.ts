import type { Nft } from '../../host/nft.ts'
import { hairpinMark, type FamilyRules, type HostPort, type PodRules, type RulesWriter } from './rules.ts'

/** One table for each family; `apply` replaces it whole in one transaction. */
export const createNftRules = (nft: Pick<Nft, 'apply' | 'deleteTable' | 'text'>): RulesWriter => ({
  kind: 'nftables',
  apply: rules => nft.apply(renderNft(rules)),
  async cleanup(name) {
    for (const family of ['ip', 'ip6'] as const) await nft.deleteTable(family, tableName(name))
  },
  async text(name) {
    const texts = await Promise.all(['ip', 'ip6'].map(family => nft.text(`table ${family} ${tableName(name)}`)))
    return texts.join('')
  },
  shows: (port, text) => text.includes(element(port)),
})

export const tableName = (network: string): string => `k8ts-cni-${network}`

/** Pure: the whole transaction. A family without subnet loses its table. */
export const renderNft = (rules: PodRules): string =>
  (['IPv4', 'IPv6'] as const).map(family => {
    const wanted = rules.families.find(rules => rules.family === family)
    const table = `table ${family === 'IPv4' ? 'ip' : 'ip6'} ${tableName(rules.name)}`
    return `${table}\ndelete ${table}\n${wanted ? `${table} {\n${body(wanted)}}\n` : ''}`
  }).join('')

const body = (rules: FamilyRules): string => {
  const ip = rules.family === 'IPv4' ? 'ip' : 'ip6'
  const masquerade = rules.masquerade ? `    ${ip} saddr ${rules.subnet} ${ip} daddr != { ${rules.direct.join(', ')} } masquerade fully-random\n` : ''
  const hairpin = rules.hostPorts.length > 0 ? `    meta mark & ${hairpinMark} == ${hairpinMark} masquerade fully-random\n` : ''
  return `${rules.hostPorts.length > 0 ? hostPorts(rules, ip) : ''}  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
${hairpin}${masquerade}  }
`
}

/** A little behind those of Services, or the one written last would have a port that both claim; in the original the node port has it. */
const hostPorts = ({ family, subnet, hostPorts }: FamilyRules, ip: string): string => {
  const address = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr'
  const loopback = family === 'IPv4' ? '127.0.0.0/8' : '::1'
  const [here, anywhere] = [hostPorts.filter(port => port.hostIP !== undefined), hostPorts.filter(port => port.hostIP === undefined)]
  const key = 'meta l4proto . th dport'
  return `${collections('at', `${address} . inet_proto . inet_service`, address, here)}${collections('any', 'inet_proto . inet_service', address, anywhere)}  chain hostports {
    ${ip} saddr ${subnet} ${ip} daddr . ${key} @keys-at meta mark set meta mark | ${hairpinMark}
    ${ip} saddr ${subnet} ${key} @keys-any meta mark set meta mark | ${hairpinMark}
    meta l4proto { tcp, udp, sctp } dnat ${ip} to ${ip} daddr . ${key} map @ports-at
    meta l4proto { tcp, udp, sctp } dnat ${ip} to ${key} map @ports-any
  }
  chain prerouting {
    type nat hook prerouting priority dstnat + 5; policy accept;
    ${ip} daddr != ${loopback} fib daddr type local goto hostports
  }
  chain output {
    type nat hook output priority -95; policy accept;
    ${ip} daddr != ${loopback} fib daddr type local goto hostports
  }
`
}

const collections = (suffix: string, keyType: string, address: string, ports: readonly HostPort[]): string => {
  const elements = (write: (port: HostPort) => string): string =>
    ports.length > 0 ? `\n    elements = { ${ports.map(write).join(', ')} }` : ''
  return `  set keys-${suffix} {
    type ${keyType}${elements(keyOf)}
  }
  map ports-${suffix} {
    type ${keyType} : ${address} . inet_service${elements(element)}
  }
`
}

const keyOf = ({ hostIP, protocol, hostPort }: HostPort): string => `${hostIP === undefined ? '' : `${hostIP} . `}${protocol} . ${hostPort}`
const element = (port: HostPort): string => `${keyOf(port)} : ${port.address} . ${port.port}`
