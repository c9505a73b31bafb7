import type { NetworkConfig } from '../config.ts'
import type { Networks } from '../networks.ts'
import { CniError, code } from '../spec.ts'
import { del } from './del.ts'

/** Removes every attachment the runtime does not name. Goes on past a failure, and tells it in the end. */
export const gc = async (networks: Networks, config: NetworkConfig): Promise<void> => {
  const valid = config.validAttachments
  if (!valid) throw new CniError(code.invalidConfig, 'GC needs cni.dev/valid-attachments')
  const keep = new Set(valid.map(({ containerID, ifname }) => `${containerID}/${ifname}`))
  const state = await (await networks.state(config)).read()
  const failures: string[] = []
  for (const attachment of state.attachments) {
    if (keep.has(`${attachment.containerID}/${attachment.ifname}`)) continue
    await del(networks, config, attachment).catch(error => failures.push(`${attachment.containerID}: ${(error as Error).message}`))
  }
  if (failures.length > 0) throw new CniError(code.internal, `failed to remove ${failures.length} attachments`, failures.join('; '))
}
