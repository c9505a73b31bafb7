import { createNft } from '../../host/nft.ts'
import { createNftablesBackend } from '../../proxy/nftables/backend.ts'
import { clusterCIDR } from './flow-lab.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

packetFlowSuite({
  name: 'nftables',
  refusesUnknownPorts: true,
  keepsTurns: true,
  create: (exec) => createNftablesBackend({ nft: createNft({ exec }), clusterCIDRs: [clusterCIDR], nodePortAddresses: [] }),
  ruleset: (exec) => createNft({ exec }).text(),
})
