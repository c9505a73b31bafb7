import { createHash } from 'node:crypto'
import type { Iptables } from '../../host/iptables.ts'
import { hairpinMark, type FamilyRules, type HostPort, type RulesWriter } from './rules.ts'

/** Two chains of ours in the nat table, and three jumps to them. For machines where nftables does not work. */
export const createIptablesRules = (iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>): RulesWriter => {
  const families = async (): Promise<FamilyRules['family'][]> => {
    const unsupported = await Promise.all((['IPv4', 'IPv6'] as const).map(family => iptables.unsupported(family)))
    return (['IPv4', 'IPv6'] as const).filter((_, n) => unsupported[n] === undefined)
  }
  const cleanup = async (family: FamilyRules['family'], name: string): Promise<void> => {
    const script = renderRemoval(name, await iptables.save(family, 'nat'))
    if (script) await iptables.restore(family, script, { noflush: true })
  }
  const text = async (name: string): Promise<string> => {
    const saved = await Promise.all((await families()).map(family => iptables.save(family, 'nat')))
    return saved.join('').split('\n').filter(line => line.includes(chainName(name, ''))).join('\n')
  }
  return {
    kind: 'iptables',
    async apply(rules) {
      for (const family of rules.families) {
        await iptables.restore(family.family, renderIptables(rules.name, family, await iptables.save(family.family, 'nat')), { noflush: true })
      }
      for (const family of await families()) {
        if (!rules.families.some(wanted => wanted.family === family)) await cleanup(family, rules.name)
      }
    },
    async cleanup(name) {
      for (const family of await families()) await cleanup(family, name)
    },
    text,
    shows: (port, text) => text.split('\n').some(line => line.includes(`--dport ${port.hostPort} `) && line.includes(`-p ${port.protocol} `) && line.endsWith(destination(port))),
  }
}

/** Chain names hold 28 characters, network names more: a hash stands for the name. */
export const chainName = (network: string, suffix: string): string =>
  `K8TS-${createHash('sha256').update(network).digest('hex').slice(0, 8).toUpperCase()}-${suffix}`

const jumps = (network: string, rules: Pick<FamilyRules, 'family'>): string[] => {
  const loopback = rules.family === 'IPv4' ? '127.0.0.0/8' : '::1/128'
  return [
    `-A PREROUTING ! -d ${loopback} -m addrtype --dst-type LOCAL -j ${chainName(network, 'DNAT')}`,
    `-A OUTPUT ! -d ${loopback} -m addrtype --dst-type LOCAL -j ${chainName(network, 'DNAT')}`,
    `-A POSTROUTING -j ${chainName(network, 'MASQ')}`,
  ]
}

/** Pure: our chains whole (naming one empties it), and those jumps that `saved` does not show. */
export const renderIptables = (network: string, rules: FamilyRules, saved: string): string => {
  const [dnat, masq] = [chainName(network, 'DNAT'), chainName(network, 'MASQ')]
  const present = new Set(saved.split('\n'))
  return ['*nat', `:${dnat} - [0:0]`, `:${masq} - [0:0]`,
    ...[...rules.hostPorts].sort((a, b) => Number(a.hostIP === undefined) - Number(b.hostIP === undefined)).flatMap(port => hostPort(dnat, rules.subnet, port)),
    ...(rules.hostPorts.length > 0 ? [`-A ${masq} -m mark --mark ${hairpinMark}/${hairpinMark} -j MASQUERADE --random-fully`] : []),
    ...(rules.masquerade ? masquerade(masq, rules) : []),
    ...jumps(network, rules).filter(jump => !present.has(jump)),
    'COMMIT', ''].join('\n')
}

const hostPort = (chain: string, subnet: string, port: HostPort): string[] => {
  const at = port.hostIP === undefined ? '' : ` -d ${port.hostIP}`
  const match = `${at} -p ${port.protocol} -m ${port.protocol} --dport ${port.hostPort}`
  return [
    `-A ${chain} -s ${subnet}${match} -j MARK --set-xmark ${hairpinMark}/${hairpinMark}`,
    `-A ${chain}${match} ${destination(port)}`,
  ]
}

const destination = ({ address, port }: HostPort): string => `-j DNAT --to-destination ${address.includes(':') ? `[${address}]` : address}:${port}`

const masquerade = (chain: string, { subnet, direct }: FamilyRules): string[] => [
  ...direct.map(cidr => `-A ${chain} -s ${subnet} -d ${cidr} -j RETURN`),
  `-A ${chain} -s ${subnet} -j MASQUERADE --random-fully`,
]

/** Pure: takes away what `saved` shows of ours; `''` when that is nothing. */
export const renderRemoval = (network: string, saved: string): string => {
  const chains = ['DNAT', 'MASQ'].map(suffix => chainName(network, suffix))
  const lines = saved.split('\n')
  const present = chains.filter(chain => lines.some(line => line.startsWith(`:${chain} `)))
  if (present.length === 0) return ''
  const jumps = lines.filter(line => chains.some(chain => line.endsWith(`-j ${chain}`)))
  return ['*nat', ...present.map(chain => `:${chain} - [0:0]`), ...jumps.map(jump => jump.replace(/^-A/, '-D')), ...present.map(chain => `-X ${chain}`), 'COMMIT', ''].join('\n')
}
