import { Option, type Command } from 'commander'
import { overlayModes } from '../cni/overlay/paths.ts'
import { vxlanDefaults } from '../cni/overlay/vxlan-link.ts'

export const withPodNetwork = (command: Command): Command => command
  .addOption(new Option('--pod-network <mode>', 'between nodes: directly on one network and by vxlan else (auto, the default), or always one of them').choices(overlayModes))
  .option('--vxlan-port <port>', `UDP, open between all nodes; default ${vxlanDefaults.port}`, Number)
  .option('--vxlan-vni <number>', `default ${vxlanDefaults.vni}`, Number)

export const askedPodNetwork = (options: Record<string, unknown>): Record<string, unknown> =>
  ({ podNetwork: options.podNetwork, vxlanPort: options.vxlanPort, vxlanVNI: options.vxlanVni })
