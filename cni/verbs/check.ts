import type { Links } from '../../host/links.ts'
import type { NetworkConfig } from '../config.ts'
import { findAttachment, type Attachment } from '../ipam.ts'
import type { Networks } from '../networks.ts'
import { decodeResult } from '../result.ts'
import { attachmentPorts } from '../rules/desired-rules.ts'
import { CniError, code, type Result } from '../spec.ts'
import type { Attach } from './add.ts'

/** Everything ADD made must still be there: record, links, addresses, route, host ports. Throws `CniError` 103 with what is not. */
export const check = async (networks: Networks, config: NetworkConfig, attach: Attach): Promise<void> => {
  const expected = decodeResult(config.prevResult)
  if (!expected) throw new CniError(code.invalidConfig, 'CHECK needs prevResult')
  const known = findAttachment(await (await networks.state(config)).read(), attach)
  if (!known || known.pending) throw new CniError(code.unknownContainer, `container ${attach.containerID} is not attached with ${attach.ifname}`)
  await checkNode(networks, config, known)
  await checkPod(networks, expected, known, attach)
  await checkPorts(networks, config, known)
}

const fail = (message: string): never => { throw new CniError(code.checkFailed, message) }

const checkNode = async ({ links }: Networks, { bridge }: NetworkConfig, { veth }: Attachment): Promise<void> => {
  const master = await links.get(bridge)
  if (!master?.up) fail(`bridge ${bridge} is ${master ? 'down' : 'missing'}`)
  const port = await links.get(veth)
  if (!port?.up) fail(`link ${veth} is ${port ? 'down' : 'missing'}`)
  if (port!.master !== master!.index) fail(`link ${veth} is not on bridge ${bridge}`)
}

const checkPod = async ({ host }: Networks, expected: Result, { veth, addresses }: Attachment, { netns, ifname }: Attach): Promise<void> => {
  if (await host.inspectNetns(netns) !== 'foreign') fail(`network namespace ${netns} is missing`)
  const inside = host.openLinks(netns)
  try {
    const link = await inside.get(ifname)
    if (!link?.up) fail(`link ${ifname} is ${link ? 'down' : 'missing'} in the pod`)
    const index = expected.interfaces.findIndex(known => known.name === ifname && known.sandbox === netns)
    const mac = expected.interfaces[index]?.mac
    if (mac !== undefined && link!.mac !== mac) fail(`link ${ifname} has MAC ${link!.mac}, not ${mac}`)
    const ours = expected.ips.filter(ip => ip.interface === index).map(ip => ip.address)
    if (!addresses.every(address => ours.some(cidr => cidr.startsWith(`${address}/`)))) fail(`prevResult is not that of ${veth}: it lacks ${addresses.join(', ')}`)
    await checkAddresses(inside, ifname, ours, expected)
  } finally {
    inside.close()
  }
}

const checkAddresses = async (inside: Links, ifname: string, wanted: readonly string[], expected: Result): Promise<void> => {
  const present = (await inside.addresses(ifname)).map(({ address, prefix }) => `${address}/${prefix}`)
  for (const address of wanted) if (!present.includes(address)) fail(`address ${address} is missing on ${ifname}`)
  const routes = await inside.routes()
  for (const { dst, gw } of expected.routes) {
    const to = dst === '0.0.0.0/0' || dst === '::/0' ? 'default' : dst
    if (!routes.some(route => route.to === to && (gw === undefined || route.via === gw))) fail(`route to ${dst} is missing in the pod`)
  }
}

const checkPorts = async (networks: Networks, config: NetworkConfig, known: Attachment): Promise<void> => {
  const ports = attachmentPorts(known)
  if (ports.length === 0) return
  const writer = await networks.writer(config)
  const text = await writer.text(config.name)
  for (const port of ports) if (!writer.shows(port, text)) fail(`host port ${port.protocol} ${port.hostPort} does not lead to ${port.address}`)
}
