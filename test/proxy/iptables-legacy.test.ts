import { iptables } from './contenders.ts'
import { here, unavailableHere } from './here.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'

packetFlowSuite(iptables('legacy'), here, unavailableHere)
