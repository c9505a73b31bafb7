import { afterAll } from 'vitest'
import { nftables } from './contenders.ts'
import { here, unavailableHere } from './here.ts'
import { packetFlowSuite } from './packet-flow.suite.ts'
import { createUserspaceProcesses } from './userspace-processes.ts'

const processes = createUserspaceProcesses()
afterAll(() => processes.close())

// Over nftables alone: what iptables does differently is in its own run of the suite, and in `userspace-guard.test.ts`.
packetFlowSuite({
  ...nftables,
  name: 'userspace',
  create: ({ exec, netns }, options) => processes.backend({ exec, netns }, 'nftables', options),
  ruleset: async (node) => (await node.exec.run('ip', ['address', 'show', 'dev', 'lo'])).stdout + await nftables.ruleset(node),
  traits: { ...nftables.traits, showsPodSources: false, showsOutsideSources: false, takesFirst: true, protocols: ['TCP', 'UDP'] },
  damage: [
    ...nftables.damage,
    { what: 'the address of the listeners taken away', script: 'ip address delete 169.254.75.56/32 dev lo' },
    { what: 'its guard deleted', script: 'nft delete table ip k8ts-proxy-userspace' },
    { what: 'its guard let down', script: 'nft insert rule ip6 k8ts-proxy-userspace input accept' },
  ],
}, here, unavailableHere)
