import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { installCni } from '../cni/install.ts'
import { createPodNetwork, type PodNetwork } from '../cni/pod-network.ts'
import { createConntrack } from '../host/conntrack.ts'
import type { Exec } from '../host/exec.ts'
import * as files from '../host/files.ts'
import { createIptables } from '../host/iptables.ts'
import { inspectNetns } from '../host/netns.ts'
import { createNft } from '../host/nft.ts'
import { createOpenLinks } from '../host/open-links.ts'
import { createSysctl } from '../host/sysctl.ts'
import { clusterCIDRs } from './addresses.ts'
import type { Config } from './config.ts'
import { paths } from './layout.ts'

/** The executable of the CNI plugin as it shall be; true when it was not. */
export const ensurePlugin = async (config: Config, home: string): Promise<boolean> =>
  config.podNetwork !== 'none' && installCni(files.files, { ...paths(config).cni, ...programs(home) })

/** Where the runtime looks for plugins and networks: ours are apart from those of whatever else runs on the machine. */
export const cniDirectories = (config: Config): { confDir: string; binDir: string } =>
  config.podNetwork === 'none' ? { confDir: config.cniConfDir, binDir: config.cniBinDir } : paths(config).cni

/** False when what the runtime reads of the network is damaged; when it is not there yet, nothing is wrong. */
export async function isNetworkReadable(config: Config): Promise<boolean> {
  // Another's files are not ours to judge.
  if (config.podNetwork === 'none') return true
  const { confDir } = paths(config).cni
  for (const name of await readdir(confDir).catch(() => [])) {
    try {
      JSON.parse(await readFile(join(confDir, name), 'utf8'))
    } catch {
      return false
    }
  }
  return true
}

const programs = (home: string) => ({ nodePath: process.execPath, mainPath: join(home, 'cni', 'main.ts') })

/** The pod network of this member with the real machine behind it. */
export function podNetworkOf(config: Config, { exec, home, log = pino({ level: 'silent' }) }: { exec: Exec; home: string; log?: Logger }): PodNetwork {
  const { binDir, confDir, dataDir, socket } = paths(config).cni
  return createPodNetwork({
    binDir, confDir, dataDir, socket,
    ...programs(home),
    clusterCIDRs: clusterCIDRs(config), mode: config.podNetwork === 'none' ? 'auto' : config.podNetwork, vxlan: { port: config.vxlanPort, vni: config.vxlanVNI },
    host: {
      openLinks: createOpenLinks({ exec }), inspectNetns, files, logger: log,
      nft: createNft({ exec }), iptables: createIptables({ exec }), conntrack: createConntrack({ exec }), sysctl: createSysctl(),
    },
    ...(config.proxyMode === 'iptables' && { rules: 'iptables' as const }),
  })
}
