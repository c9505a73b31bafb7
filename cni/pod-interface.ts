import { createHash } from 'node:crypto'
import type { Links } from '../host/links.ts'
import { familyOf, gatewayOf, macOf } from './addresses.ts'
import { hasCode } from './bridge.ts'
import type { NetworkConfig } from './config.ts'
import type { Attachment } from './ipam.ts'
import type { Networks } from './networks.ts'
import { CniError, code } from './spec.ts'

/** The pair of links, the pod's end made inside the pod, with addresses and default routes. */
export const setUpPodInterface = async ({ links, host }: Networks, config: NetworkConfig, attachment: Attachment): Promise<void> => {
  const mac = attachment.addresses.map(macOf).find(mac => mac !== undefined)
  const inside = host.openLinks(attachment.netns)
  try {
    await makePair(links, config, attachment, mac)
    if (config.hairpin) await links.set(attachment.veth, { hairpin: true })
    await fillPod(inside, config, attachment)
  } finally {
    inside.close()
  }
}

/** Our end's address follows from its name, so that nobody has to ask for it. Locally administered. */
export const vethMac = (veth: string): string => `02:${createHash('sha256').update(veth).digest('hex').slice(0, 10).replace(/(..)(?=.)/g, '$1:')}`

const makePair = async (links: Links, { bridge, mtu }: NetworkConfig, { veth, netns, ifname, containerID }: Attachment, mac: string | undefined): Promise<void> => {
  try {
    await links.addVeth({ name: veth, mac: vethMac(veth), up: true, master: bridge, ...(mtu !== undefined && { mtu }), peer: { name: ifname, netns, ...(mac !== undefined && { mac }) } })
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new CniError(code.alreadyAttached, `container ${containerID} already has a link ${ifname}`)
    throw error
  }
}

const fillPod = async (inside: Links, { subnets }: NetworkConfig, { ifname, addresses }: Attachment): Promise<void> => {
  // What does not need one another is asked for in one go.
  await Promise.all([
    inside.set('lo', { up: true }), inside.set(ifname, { up: true }),
    ...subnets.map((subnet, n) => inside.addAddress(ifname, `${addresses[n]}/${subnet.prefix}`)),
  ])
  await Promise.all(subnets.map(gatewayOf).map(via => inside.setRoute({ to: 'default', via, ...(familyOf(via) === 'IPv6' && { dev: ifname }) })))
}
