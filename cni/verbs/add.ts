import { createHash } from 'node:crypto'
import { familyOf, gatewayOf, macOf } from '../addresses.ts'
import type { Link } from '../../host/links.ts'
import type { NetworkConfig } from '../config.ts'
import { findAttachment, hostPortHolder, reserve, withAttachment, withoutAttachment, type Attachment, type NetworkState } from '../ipam.ts'
import type { Networks } from '../networks.ts'
import { setUpPodInterface, vethMac } from '../pod-interface.ts'
import { appendResult, decodeResult, encodeResult } from '../result.ts'
import { CniError, code, type CniRequest, type Result } from '../spec.ts'
import { createUndo } from '../undo.ts'

/** What the runtime says about one attachment, checked. */
export interface Attach extends Pick<CniRequest, 'containerID' | 'netns' | 'ifname'> {
  readonly pod: string | undefined
}

/**
 * Joins a pod to the network. The address is on record, as pending, before the kernel hears of it: whoever is killed on
 * the way leaves a trace that the next ADD, DEL or GC of the container takes back.
 */
export const add = async (networks: Networks, config: NetworkConfig, attach: Attach): Promise<string> => {
  const before = decodeResult(config.prevResult)
  if (config.subnets.length === 0) throw new CniError(code.tryAgainLater, `network ${config.name} has no subnet yet`, 'the node has no pod CIDR')
  await checkNetns(networks, attach.netns)
  const store = await networks.state(config)
  const undo = createUndo(error => networks.host.logger.error({ err: error, ...attach }, 'Failed to take back a step of ADD'))
  try {
    const attachment = await store.update(async state => {
      await takeBackPending(networks, state, attach)
      const next = record(config, state, attach)
      return { state: next.state, value: next.attachment }
    })
    undo.push(() => store.update(async state => {
      const without = withoutAttachment(state, attach)
      if (attachment.ports.length > 0) await networks.applyRules(config, without).catch(error => networks.host.logger.error({ err: error, ...attach }, 'Failed to take back host ports'))
      return { state: without, value: undefined }
    }))
    const bridge = await networks.ensure(config)
    undo.push(() => networks.links.delete(attachment.veth))
    await setUpPodInterface(networks, config, attachment)
    const { pending: _, ...done } = attachment
    await store.update(async state => {
      const next = withAttachment(state, done)
      if (done.ports.length > 0) await networks.applyRules(config, next)
      return { state: next, value: undefined }
    })
    await networks.forgetFlows(done)
    return encodeResult(appendResult(before, toResult(config, done, bridge)), config.version)
  } catch (error) {
    await undo.run()
    throw error
  }
}

const checkNetns = async (networks: Networks, path: string): Promise<void> => {
  const kind = await networks.host.inspectNetns(path)
  if (kind === 'absent') throw new CniError(code.unknownContainer, `network namespace ${path} does not exist`)
  if (kind === 'none') throw new CniError(code.invalidNetns, `${path} is no network namespace`)
  if (kind === 'own') throw new CniError(code.invalidNetns, `${path} is the network namespace of the node itself`)
}

const takeBackPending = async (networks: Networks, state: NetworkState, attach: Attach): Promise<void> => {
  const known = findAttachment(state, attach)
  if (!known) return
  if (!known.pending) throw new CniError(code.alreadyAttached, `container ${attach.containerID} is already attached with ${attach.ifname}`, `it has ${known.addresses.join(', ')}`)
  await networks.links.delete(known.veth)
}

/** Decides: the address, our end's name, the host ports. Pure. */
const record = (config: NetworkConfig, state: NetworkState, attach: Attach): { state: NetworkState; attachment: Attachment } => {
  const taken = hostPortHolder(state, attach, config.portMappings)
  if (taken) {
    const { port, holder } = taken
    throw new CniError(code.hostPortTaken, `host port ${port.protocol} ${port.hostPort} is taken`, `by ${holder.pod ?? `container ${holder.containerID}`}`)
  }
  const reserved = reserve(withoutAttachment(state, attach), config.subnets)
  if (!reserved) throw new CniError(code.exhausted, `no free address in ${config.subnets.map(subnet => subnet.cidr).join(', ')}`, `${state.attachments.length} pods have one`)
  const attachment: Attachment = {
    containerID: attach.containerID, ifname: attach.ifname, netns: attach.netns, veth: vethName(config.name, attach),
    addresses: reserved.addresses, ports: config.portMappings, pending: true, ...(attach.pod !== undefined && { pod: attach.pod }),
  }
  return { state: withAttachment(state, attachment, reserved.last), attachment }
}

/** The same for the same attachment, so that leftovers are found again without any record. */
export const vethName = (network: string, { containerID, ifname }: Pick<Attach, 'containerID' | 'ifname'>): string =>
  `veth${createHash('sha256').update(`${network}/${containerID}/${ifname}`).digest('hex').slice(0, 11)}`

const toResult = (config: NetworkConfig, attachment: Attachment, bridge: Link): Result => {
  const podMac = attachment.addresses.map(macOf).find(mac => mac !== undefined)
  const mtu = config.mtu ?? 1500
  return {
    interfaces: [
      { name: bridge.name, ...(bridge.mac !== undefined && { mac: bridge.mac }), mtu: bridge.mtu },
      { name: attachment.veth, mac: vethMac(attachment.veth), mtu },
      { name: attachment.ifname, ...(podMac !== undefined && { mac: podMac }), mtu, sandbox: attachment.netns },
    ],
    ips: config.subnets.map((subnet, n) => ({ interface: 2, address: `${attachment.addresses[n]}/${subnet.prefix}`, gateway: gatewayOf(subnet) })),
    routes: config.subnets.map(subnet => ({ dst: familyOf(subnet.cidr) === 'IPv4' ? '0.0.0.0/0' : '::/0', gw: gatewayOf(subnet) })),
    dns: {},
  }
}
