import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { createPodNetwork, type PodNetwork } from '../cni/pod-network.ts'
import { createConntrack } from '../host/conntrack.ts'
import type { Exec } from '../host/exec.ts'
import * as files from '../host/files.ts'
import { createIptables } from '../host/iptables.ts'
import { inspectNetns } from '../host/netns.ts'
import { createNft } from '../host/nft.ts'
import { createOpenLinks } from '../host/open-links.ts'
import { createSysctl } from '../host/sysctl.ts'
import type { Config } from './config.ts'
import { paths } from './layout.ts'

/** The pod network of this member with the real machine behind it. */
export function podNetworkOf(config: Config, { exec, home, log = pino({ level: 'silent' }) }: { exec: Exec; home: string; log?: Logger }): PodNetwork {
  const { binDir, confDir, dataDir, socket } = paths(config).cni
  return createPodNetwork({
    binDir, confDir, dataDir, socket,
    nodePath: process.execPath,
    mainPath: join(home, 'cni', 'main.ts'),
    clusterCIDRs: [config.clusterCIDR],
    host: {
      openLinks: createOpenLinks({ exec }), inspectNetns, files, logger: log,
      nft: createNft({ exec }), iptables: createIptables({ exec }), conntrack: createConntrack({ exec }), sysctl: createSysctl(),
    },
    ...(config.proxyMode === 'iptables' && { rules: 'iptables' as const }),
  })
}
