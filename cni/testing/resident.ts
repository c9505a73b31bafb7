import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { createConntrack } from '../../host/conntrack.ts'
import { createExec } from '../../host/exec.ts'
import { files } from '../../host/files.ts'
import { createIptables } from '../../host/iptables.ts'
import { inspectNetns } from '../../host/netns.ts'
import { createNft } from '../../host/nft.ts'
import { createOpenLinks } from '../../host/open-links.ts'
import { createSysctl } from '../../host/sysctl.ts'
import type { Peer } from '../overlay/paths.ts'
import { createPodNetwork, type PodNetworkOptions } from '../pod-network.ts'

/**
 * An agent that is nothing but its pod network, for tests: to be run inside the network namespace of a node, with
 * `{podCIDRs, peers, …options}` as its argument. Says `ready`; then every line of its standard input is an order: new
 * peers as JSON, `sync`, or `cleanup`, each answered by `done` or what went wrong. Ends with its standard input.
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
const answer = (line: string): unknown => process.stdout.write(`${line}\n`)
await network.start()
answer(String(network.ready()))
await network.setPeers(peers)
await network.setPodCIDRs(podCIDRs)
answer(network.ready() ?? 'ready')
for await (const order of createInterface({ input: process.stdin })) {
  const work = order === 'cleanup' ? network.stop().then(() => network.cleanup()) : order === 'sync' ? network.sync() : network.setPeers(JSON.parse(order) as Peer[])
  await work.then(() => answer('done'), error => answer(String(error)))
  if (order === 'cleanup') process.exit(0)
}
await network.stop()
