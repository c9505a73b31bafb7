import { overlayModes, type OverlayMode } from '../cni/overlay/paths.ts'
import { vxlanDefaults } from '../cni/overlay/vxlan-link.ts'

/** How pods of different nodes reach each other; the same on all nodes but for `podNetwork`, which each may choose. */
export interface PodNetworkConfig {
  readonly podNetwork: OverlayMode
  readonly vxlanPort: number
  readonly vxlanVNI: number
}

export const podNetworkDefaults: PodNetworkConfig = { podNetwork: 'auto', vxlanPort: vxlanDefaults.port, vxlanVNI: vxlanDefaults.vni }

/** What is wrong, in words for the person who gave it. The values may be of any type. */
export function podNetworkProblems({ podNetwork, vxlanPort, vxlanVNI }: PodNetworkConfig): string[] {
  const within = (value: unknown, last: number) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= last
  return [
    ...(overlayModes.includes(podNetwork) ? [] : [`podNetwork ${JSON.stringify(podNetwork)} is not one of ${overlayModes.join(', ')}`]),
    ...(within(vxlanPort, 65_535) ? [] : ['vxlanPort must be between 1 and 65535']),
    ...(within(vxlanVNI, 0xffffff) ? [] : ['vxlanVNI must be between 1 and 16777215']),
  ]
}
