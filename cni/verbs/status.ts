import type { NetworkConfig } from '../config.ts'
import { freeAddresses } from '../ipam.ts'
import type { Networks } from '../networks.ts'
import { CniError, code } from '../spec.ts'

/** Would an ADD succeed? 50 when not; 51 when even the pods that are here are cut off. */
export const status = async (networks: Networks, config: NetworkConfig): Promise<void> => {
  if (config.subnets.length === 0) throw new CniError(code.notAvailable, `network ${config.name} has no subnet yet`, 'the node has no pod CIDR')
  const state = await (await networks.state(config)).read()
  if (state.attachments.length > 0 && !(await networks.links.get(config.bridge))?.up) {
    throw new CniError(code.limitedConnectivity, `bridge ${config.bridge} is missing or down`, `${state.attachments.length} pods are cut off`)
  }
  if (freeAddresses(state, config.subnets) <= 0n) throw new CniError(code.notAvailable, `no free address in ${config.subnets.map(subnet => subnet.cidr).join(', ')}`)
}
