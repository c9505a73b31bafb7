import { isAbsolute } from 'node:path'
import { overlayModes, type OverlayMode } from '../cni/overlay/paths.ts'
import { vxlanDefaults } from '../cni/overlay/vxlan-link.ts'

/** How pods of different nodes reach each other; the same on all nodes but for `podNetwork`, which each may choose. */
export interface PodNetworkConfig {
  /** `none`: the network is somebody else's, whose CNI plugin the runtime finds in the two directories below. */
  readonly podNetwork: OverlayMode | 'none'
  readonly vxlanPort: number
  readonly vxlanVNI: number
  /** Where other plugins put their configuration and executables; read with `podNetwork` none only. */
  readonly cniConfDir: string
  readonly cniBinDir: string
}

export const podNetworkDefaults: PodNetworkConfig = { podNetwork: 'auto', vxlanPort: vxlanDefaults.port, vxlanVNI: vxlanDefaults.vni, cniConfDir: '/etc/cni/net.d', cniBinDir: '/opt/cni/bin' }
export const podNetworks = [...overlayModes, 'none'] as const

/** What is wrong, in words for the person who gave it. The values may be of any type. */
export function podNetworkProblems({ podNetwork, vxlanPort, vxlanVNI, ...directories }: Pick<PodNetworkConfig, keyof PodNetworkConfig>): string[] {
  const within = (value: unknown, last: number) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= last
  return [
    ...(podNetworks.includes(podNetwork) ? [] : [`podNetwork ${JSON.stringify(podNetwork)} is not one of ${podNetworks.join(', ')}`]),
    ...(within(vxlanPort, 65_535) ? [] : ['vxlanPort must be between 1 and 65535']),
    ...(within(vxlanVNI, 0xffffff) ? [] : ['vxlanVNI must be between 1 and 16777215']),
    ...(['cniConfDir', 'cniBinDir'] as const).flatMap(name => typeof directories[name] === 'string' && isAbsolute(directories[name]) ? [] : [`${name} ${JSON.stringify(directories[name])} is not an absolute path`]),
  ]
}
