import { holds, parseCidr, parseIP } from '../api/cidr.ts'

/** Those of a machine's addresses that lie in the networks of `--nodeport-addresses`; undefined when every address is meant. */
export function chosenAddresses(networks: readonly string[], addresses: readonly string[]): string[] | undefined {
  if (networks.length === 0) return undefined
  const cidrs = networks.map(parseCidr)
  const lies = (address: string) => cidrs.some((cidr) => cidr.bits === (address.includes(':') ? 128 : 32) && holds(cidr, parseIP(address)!))
  return [...new Set(addresses)].filter((address) => parseIP(address) !== undefined && lies(address))
}
