import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { badRequest } from '../../../api/errors.ts'

/** Behind these addresses nothing of the cluster can be: this machine, its links, nobody in particular, everybody. */
const refused = new BlockList()
for (const [net, prefix, family] of [
  ['0.0.0.0', 8, 'ipv4'], ['127.0.0.0', 8, 'ipv4'], ['169.254.0.0', 16, 'ipv4'], ['224.0.0.0', 4, 'ipv4'], ['255.255.255.255', 32, 'ipv4'],
  ['::', 128, 'ipv6'], ['::1', 128, 'ipv6'], ['fe80::', 10, 'ipv6'], ['ff00::', 8, 'ipv6'],
] as const) refused.addSubnet(net, prefix, family)

/** Whether a proxied request may go to an address. An IPv4 address written as IPv6 is looked at as what it is. */
export function isProxyable(address: string): boolean {
  const family = isIP(address)
  return family > 0 && !refused.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * The address behind a host, where all it has may be proxied to; 400 otherwise, for a proxied request must not reach into this machine. The
 * caller goes to the address and not to the name, which might mean something else a moment later.
 */
export async function proxyableAddress(host: string): Promise<string> {
  const addresses = isIP(host) > 0 ? [host] : (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address)
  if (addresses.length === 0 || !addresses.every(isProxyable)) throw badRequest('address not allowed')
  return addresses[0]!
}
