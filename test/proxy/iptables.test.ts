import { createIptables, type IptablesVariant } from '../../host/iptables.ts'
import { createIptablesBackend } from '../../proxy/iptables/backend.ts'
import { clusterCIDR } from './flow-lab.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

for (const variant of ['nft', 'legacy'] as const satisfies IptablesVariant[]) {
  packetFlowSuite({
    name: `iptables-${variant}`,
    refusesUnknownPorts: false,
    // The legacy kernel interface replaces a whole table at every change, and with it all counters.
    keepsTurns: variant === 'nft',
    create: (exec) => createIptablesBackend({ iptables: createIptables({ exec, variant }), clusterCIDRs: [clusterCIDR], nodePortAddresses: [] }),
    // Comments carry times and counters; tables that exist but hold nothing are the kernel's, once anyone has looked.
    ruleset: async (exec) => {
      const saved = await createIptables({ exec, variant }).save('IPv4')
      return saved.split('\n').filter((line) => /^(-A|:K8TS)/.test(line)).join('\n')
    },
  })
}
