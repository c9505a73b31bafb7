import type { NetworkConfig } from '../config.ts'
import { findAttachment, withoutAttachment } from '../ipam.ts'
import type { Networks } from '../networks.ts'
import type { CniRequest } from '../spec.ts'
import { vethName } from './add.ts'

/**
 * Takes a pod off the network. Absence is success at every step: of the namespace, the link, the record. The link goes
 * first; only then is the address free for another.
 */
export const del = async (networks: Networks, config: NetworkConfig, attach: Pick<CniRequest, 'containerID' | 'ifname'>): Promise<void> => {
  const store = await networks.state(config)
  const known = findAttachment(await store.read(), attach)
  await networks.links.delete(known?.veth ?? vethName(config.name, attach))
  if (!known) return
  await store.update(async state => {
    const next = withoutAttachment(state, attach)
    if (known.ports.length > 0) await networks.applyRules(config, next)
    return { state: next, value: undefined }
  })
  await networks.forgetFlows(known)
}
