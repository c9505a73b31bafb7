import { nftables } from './contenders.ts'
import { udpMemoryFlows } from './flows/udp-memory.ts'
import { here, unavailableHere } from './here.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

packetFlowSuite(nftables, here, unavailableHere, { udpMemoryFlows })
