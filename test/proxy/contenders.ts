import { createIptables, type IptablesVariant } from '../../host/iptables.ts'
import { nftGeneration } from '../../host/netlink/nft-generation.ts'
import { createNft } from '../../host/nft.ts'
import { createIptablesBackend } from '../../proxy/iptables/backend.ts'
import { createNftablesBackend } from '../../proxy/nftables/backend.ts'
import type { Contender } from './flow-cluster.ts'

/** The backends of the kernel's own rules, to be put to the test wherever a lab stands. */
export const nftables: Contender = {
  name: 'nftables',
  create: ({ exec, netns }, options) => createNftablesBackend({ nft: createNft({ exec, resident: true, generation: () => nftGeneration(netns) }), ...options }),
  // Dynamic elements carry the seconds they have left.
  ruleset: async ({ exec }) => (await createNft({ exec }).text()).replaceAll(/ expires \w+/g, ''),
  traits: { refusesUnknownPorts: true, keepsTurns: true, showsPodSources: true, showsOutsideSources: true },
  damage: [
    { what: 'the table deleted', script: 'nft delete table ip k8ts-proxy' },
    { what: 'all rules of the machine flushed', script: 'nft flush ruleset' },
    { what: 'a chain flushed', script: 'nft flush chain ip k8ts-proxy services' },
    { what: 'a map emptied', script: 'nft flush map ip6 k8ts-proxy service-ips' },
    { what: 'an element deleted', script: 'nft delete element ip k8ts-proxy cluster-ips { $(nft list set ip k8ts-proxy cluster-ips | grep -o "10[.]96[.]0[.][0-9]*" | head -1) }' },
    { what: 'a rule added', script: 'nft insert rule ip k8ts-proxy services ip daddr 192.0.2.99 return' },
    { what: 'a rule replaced', script: 'nft replace rule ip k8ts-proxy mark-for-masquerade handle $(nft -a list chain ip k8ts-proxy mark-for-masquerade | sed -n "s/.*meta mark.*handle //p") meta mark set 0x1' },
    { what: 'an element added', script: 'nft add element ip k8ts-proxy cluster-ips { 192.0.2.99 }' },
  ],
}

export const iptables = (variant: IptablesVariant): Contender => {
  const tool = (name: string) => name.replace('tables', `tables-${variant}`)
  return {
    name: `iptables-${variant}`,
    create: ({ exec }, options) => createIptablesBackend({ iptables: createIptables({ exec, variant }), ...options }),
    ruleset: async ({ exec }) => {
      const saved = await Promise.all((['IPv4', 'IPv6'] as const).map((family) => createIptables({ exec, variant }).save(family)))
      // Comments carry times and counters; tables that exist but hold nothing are the kernel's, once anyone has looked.
      return saved.join('\n').split('\n').filter((line) => /^(-A|:K8TS)/.test(line)).join('\n')
    },
    // The legacy kernel interface replaces a whole table at every change, and with it all counters.
    traits: { refusesUnknownPorts: false, keepsTurns: variant === 'nft', showsPodSources: true, showsOutsideSources: true },
    damage: [
      { what: 'the nat table flushed', script: `${tool('iptables')} -t nat -F` },
      { what: 'a jump deleted', script: `${tool('ip6tables')} -t nat -D PREROUTING -m comment --comment "k8ts service portals" -j K8TS-SERVICES` },
      { what: 'a chain flushed', script: `${tool('iptables')} -t nat -F K8TS-SERVICES` },
      { what: 'a rule put first', script: `${tool('iptables')} -t nat -I K8TS-SERVICES -d 192.0.2.99 -j RETURN` },
      { what: 'a rule deleted', script: `${tool('iptables')} -t nat -D K8TS-SERVICES 1` },
      { what: 'refusals flushed', script: `${tool('ip6tables')} -F K8TS-REFUSE` },
    ],
  }
}
