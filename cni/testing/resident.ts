import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { createConntrack } from '../../host/conntrack.ts'
import { createExec } from '../../host/exec.ts'
import { files } from '../../host/files.ts'
import { createIptables } from '../../host/iptables.ts'
import { inspectNetns } from '../../host/netns.ts'
import { createNft } from '../../host/nft.ts'
import { createOpenLinks } from '../../host/open-links.ts'
import { createSysctl } from '../../host/sysctl.ts'
import type { Peer } from '../peer-routes.ts'
import { createPodNetwork, type PodNetworkOptions } from '../pod-network.ts'

/**
 * An agent that is nothing but its pod network, for tests: to be run inside the network namespace of a node, with
 * `{podCIDRs, peers, …options}` as its argument. Says `ready`; ends with its standard input, after a clean-up if that says so.
 */
const { podCIDRs, peers = [], ...options } = JSON.parse(process.argv[2]!) as Omit<PodNetworkOptions, 'host'> & { podCIDRs: string[]; peers?: Peer[] }
const exec = createExec()
const network = createPodNetwork({
  ...options,
  host: {
    openLinks: createOpenLinks({ exec }), inspectNetns, nft: createNft({ exec }), iptables: createIptables({ exec }),
    conntrack: createConntrack({ exec }), sysctl: createSysctl(), files, logger: pino({ level: 'warn' }, pino.destination(2)),
  },
})
await network.start()
process.stdout.write(`${network.ready()}\n`)
await network.setPodCIDRs(podCIDRs)
await network.setPeers(peers)
process.stdout.write(`${network.ready() ?? 'ready'}\n`)
const order = await text(process.stdin)
await network.stop()
if (order.trim() === 'cleanup') await network.cleanup()
