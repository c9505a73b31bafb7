import type { Links } from '../host/links.ts'
import type { Sysctl } from '../host/sysctl.ts'
import { gatewayOf, inSubnet, macOf, parseSubnet, type Subnet } from './addresses.ts'
import type { NetworkConfig } from './config.ts'

export interface BridgeOptions {
  readonly links: Links
  readonly sysctl: Sysctl
  readonly config: Pick<NetworkConfig, 'bridge' | 'mtu' | 'subnets'>
  /** Addresses pods have now: the gateway of a subnet given up is kept as long as one of them needs it. */
  readonly inUse: readonly string[]
}

/** The bridge as it shall be: there, up, with the gateways' addresses and no others, and the node forwarding. */
export const ensureBridge = async ({ links, sysctl, config, inUse }: BridgeOptions): Promise<void> => {
  const { bridge, mtu, subnets } = config
  const mac = subnets.map(gatewayOf).map(macOf).find(mac => mac !== undefined)
  const found = await links.get(bridge)
  if (!found) {
    await links.addBridge({ name: bridge, up: true, ...(mac !== undefined && { mac }) }).catch(tolerate('EEXIST'))
    // Set, not given at birth: only so it does not follow that of its ports.
    if (mtu !== undefined) await links.set(bridge, { mtu })
  } else if (found.kind !== 'bridge') {
    throw new Error(`${bridge} is there but is no bridge`)
  } else if (!found.up || (mtu !== undefined && found.mtu !== mtu)) {
    await links.set(bridge, { up: true, ...(mtu !== undefined && { mtu }) })
  }
  await ensureGateways(links, bridge, subnets, inUse)
  await ensureForwarding(links, sysctl, subnets)
}

const ensureGateways = async (links: Links, bridge: string, subnets: readonly Subnet[], inUse: readonly string[]): Promise<void> => {
  const wanted = subnets.map(subnet => ({ address: gatewayOf(subnet), prefix: subnet.prefix }))
  const present = (await links.addresses(bridge)).filter(address => address.scope === 'global')
  for (const { address, prefix } of wanted) {
    if (!present.some(other => other.address === address && other.prefix === prefix)) {
      await links.addAddress(bridge, `${address}/${prefix}`).catch(tolerate('EEXIST'))
    }
  }
  for (const { address, prefix } of present) {
    if (wanted.some(other => other.address === address && other.prefix === prefix)) continue
    const subnet = parseSubnet(`${address}/${prefix}`)
    if (subnet && !inUse.some(used => inSubnet(subnet, used))) await links.deleteAddress(bridge, `${address}/${prefix}`)
  }
}

/** What a router needs. `route_localnet` stays off: 127.0.0.1 of the node is nobody else's business. */
const ensureForwarding = async (links: Links, sysctl: Sysctl, subnets: readonly Subnet[]): Promise<void> => {
  for (const { family } of subnets) {
    if (family === 'IPv6') await keepAdvertisedRoutes(links, sysctl)
    await sysctl.set(family === 'IPv4' ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding', 1)
    // Pod to Service to pod on one bridge: without this the answer takes the short way and nobody translates it back.
    const bridged = `net/bridge/bridge-nf-call-${family === 'IPv4' ? 'iptables' : 'ip6tables'}`
    if (await sysctl.get(bridged) !== undefined) await sysctl.set(bridged, 1)
  }
}

const RTPROT_RA = 9

/** A kernel that begins to forward IPv6 drops the default route it learned from a router's advertisement, and learns no other, unless told to. */
const keepAdvertisedRoutes = async (links: Links, sysctl: Sysctl): Promise<void> => {
  if (await sysctl.get('net/ipv6/conf/all/forwarding') !== '0') return
  const learned = new Set((await links.routes()).filter(({ protocol }) => protocol === RTPROT_RA).flatMap(({ dev }) => dev ?? []))
  for (const dev of learned) {
    const name = `net/ipv6/conf/${dev}/accept_ra`
    if (await sysctl.get(name) === '1') await sysctl.set(name, 2)
  }
}

/** Errors of `host` are told apart by their code: this room knows that one by its types only. */
export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && codes.includes(String((error as { code?: unknown }).code))

export const tolerate = (...codes: string[]) => (error: unknown): void => {
  if (!hasCode(error, ...codes)) throw error
}
