import { Option, type Command } from 'commander'
import { podNetworkDefaults, podNetworks } from './pod-network-config.ts'

export const withPodNetwork = (command: Command): Command => command
  .addOption(new Option('--pod-network <mode>', 'between nodes: directly on one network and by vxlan else (auto, the default), or always one of them; none: by another CNI plugin').choices(podNetworks))
  .option('--vxlan-port <port>', `UDP, open between all nodes; default ${podNetworkDefaults.vxlanPort}`, Number)
  .option('--vxlan-vni <number>', `default ${podNetworkDefaults.vxlanVNI}`, Number)
  .option('--cni-conf-dir <directory>', `of the other plugin, with none; default ${podNetworkDefaults.cniConfDir}`)
  .option('--cni-bin-dir <directory>', `likewise; default ${podNetworkDefaults.cniBinDir}`)

export const askedPodNetwork = (options: Record<string, unknown>): Record<string, unknown> =>
  ({ podNetwork: options.podNetwork, vxlanPort: options.vxlanPort, vxlanVNI: options.vxlanVni, cniConfDir: options.cniConfDir, cniBinDir: options.cniBinDir })
