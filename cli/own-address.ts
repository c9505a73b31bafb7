import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { openNetlinkLinks } from '../host/netlink/netlink-links.ts'
import { chooseNodeAddress, type NetworkView } from '../host/node-address.ts'
import { isIPv6, listed, nodeIPs } from './addresses.ts'

/** The links, addresses and routes of this machine as they are now. */
export async function networkView(): Promise<NetworkView> {
  const links = openNetlinkLinks()
  try {
    return { links: await links.list(), addresses: await links.addresses(), routes: await links.routes() }
  } finally {
    links.close()
  }
}

export interface WantedAddress {
  readonly asked: string | undefined
  readonly before: string | undefined
  readonly serviceCIDR: string
  /** Of whom joins: the addresses of the server, for the card that reaches it is the one. */
  readonly server?: readonly string[]
}

/**
 * The addresses asked for, or those from before as long as the machine has them, or those that others reach: one of each
 * family that the cluster's Services have. A machine without an address of the second family does with one.
 */
export function addressOfThisMachine(view: NetworkView, { asked, before, serviceCIDR, server = [] }: WantedAddress): { nodeIP: string; problem?: string } {
  const has = (ip: string) => view.addresses.some(({ address }) => address === ip)
  if (asked !== undefined) {
    const foreign = listed(asked).find((ip) => !has(ip))
    return { nodeIP: asked, ...(foreign !== undefined && { problem: `${foreign} is not an address of this machine` }) }
  }
  const kept = before === undefined ? [] : nodeIPs({ nodeIP: before }).filter(has)
  if (before !== undefined && kept.length === nodeIPs({ nodeIP: before }).length) return { nodeIP: before }
  const families = [...new Set((typeof serviceCIDR === 'string' ? listed(serviceCIDR) : ['']).map(familyOf))]
  const towards = (family: string) => server.find((ip) => familyOf(ip) === family)
  const found = families.map((family) => kept.find((ip) => familyOf(ip) === family) ?? chooseNodeAddress(view, { family, ...(towards(family) && { server: towards(family)! }) })?.address)
  if (!found[0]) return { nodeIP: '', problem: `this machine has no ${families[0]} address that others could reach; name one with --node-ip` }
  return { nodeIP: found.filter((ip) => ip !== undefined).join(',') }
}

/** The addresses behind the host of a URL. */
export async function addressesOf(url: string): Promise<string[]> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address)
}

const familyOf = (addressOrNetwork: string): 'IPv4' | 'IPv6' => (isIPv6(addressOrNetwork) ? 'IPv6' : 'IPv4')
