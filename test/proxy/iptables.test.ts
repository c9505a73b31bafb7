import { iptables } from './contenders.ts'
import { udpMemoryFlows } from './flows/udp-memory.ts'
import { here, unavailableHere } from './here.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

for (const variant of ['nft', 'legacy'] as const) packetFlowSuite(iptables(variant), here, unavailableHere, { udpMemoryFlows })
