import { overlap, parseCidr, parseIP, type Cidr } from '../api/cidr.ts'
import { isIPv6, listed, nodeMaskSizes, type Networks } from './addresses.ts'

interface NetworkSettings extends Networks {
  readonly nodeCIDRMaskSizeIPv4: number
  readonly nodeCIDRMaskSizeIPv6: number
  readonly serviceNodePortRange: string
}

/** What is wrong with the networks and addresses of a configuration, in words for the person who gave it. Its values may be of any type. */
export function networkProblems(config: NetworkSettings): string[] {
  const problems: string[] = []
  const refuse = (wrong: boolean, sentence: string) => void (wrong && problems.push(sentence))
  const quote = (value: unknown) => JSON.stringify(value)
  const nodeIPs = ofAnyFamily(config.nodeIP, (item) => parseIP(item) !== undefined)
  refuse(nodeIPs === 'malformed', `node address ${quote(config.nodeIP)} is not an IP address`)
  refuse(nodeIPs === 'one family', `node address ${quote(config.nodeIP)} must be one address, or one of each family`)
  for (const name of ['clusterCIDR', 'serviceCIDR'] as const) {
    const found = ofAnyFamily(config[name], (item) => cidrOf(item) !== undefined)
    refuse(found === 'malformed', `${name} ${quote(config[name])} is not a network like 10.0.0.0/16`)
    refuse(found === 'one family', `${name} ${quote(config[name])} must be one network, or one of each family`)
  }
  for (const [name, bits] of [['nodeCIDRMaskSizeIPv4', 32], ['nodeCIDRMaskSizeIPv6', 128]] as const) {
    refuse(!Number.isInteger(config[name]) || config[name] < 1 || config[name] > bits, `${name} must be between 1 and ${bits}`)
  }
  refuse(nodePortRange(config.serviceNodePortRange) === undefined, `serviceNodePortRange ${quote(config.serviceNodePortRange)} is not a range of ports like 30000-32767`)
  return problems.length ? problems : discord(config)
}

/** What does not go together, each setting being well by itself. */
function discord(config: NetworkSettings): string[] {
  const [pods, services] = [listed(config.clusterCIDR), listed(config.serviceCIDR)]
  const node = listed(config.nodeIP)[0]!
  const overlapping = pods.some((one) => services.some((other) => overlap(parseCidr(one), parseCidr(other))))
  const tooSmall = services.find((text) => { const { prefix, bits } = parseCidr(text); return bits - prefix < 4 })
  const mask = (text: string) => (isIPv6(text) ? config.nodeCIDRMaskSizeIPv6 : config.nodeCIDRMaskSizeIPv4)
  return [
    ...(overlapping ? ['clusterCIDR and serviceCIDR overlap'] : []),
    // The primary addresses of pods, Services and nodes talk to each other.
    ...(isIPv6(pods[0]!) === isIPv6(services[0]!) ? [] : [`the first networks of clusterCIDR ${config.clusterCIDR} and serviceCIDR ${config.serviceCIDR} must be of one family`]),
    ...(isIPv6(node) === isIPv6(services[0]!) ? [] : [`node address ${node} must be of the family of the first service network, ${services[0]}`]),
    ...(services.some((text) => !pods.some((other) => isIPv6(other) === isIPv6(text))) ? [`serviceCIDR ${config.serviceCIDR} has a family that clusterCIDR ${config.clusterCIDR} has not`] : []),
    // The tenth address is the DNS's.
    ...(tooSmall ? [`serviceCIDR ${tooSmall} is too small: it must have room for 16 addresses`] : []),
    ...pods.filter((text) => mask(text) < parseCidr(text).prefix && mask(text) !== (isIPv6(text) ? nodeMaskSizes.IPv6 : nodeMaskSizes.IPv4)).map((text) => `a node's share of ${text} cannot be a /${mask(text)}`),
  ]
}

/** The first and the last port of a range; undefined for what is none. */
export function nodePortRange(text: unknown): [number, number] | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(typeof text === 'string' ? text : '') ?? []
  const range: [number, number] = [Number(first), Number(last)]
  return range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535 ? range : undefined
}

/** Whether a setting is one item or one of each family. */
function ofAnyFamily(value: unknown, isItem: (item: string) => boolean): 'well' | 'malformed' | 'one family' {
  const items = typeof value === 'string' ? listed(value) : []
  if (items.length === 0 || !items.every(isItem)) return 'malformed'
  return items.length > 2 || (items.length === 2 && isIPv6(items[0]!) === isIPv6(items[1]!)) ? 'one family' : 'well'
}

/** A network; `undefined` for what is none. */
export function cidrOf(text: string): Cidr | undefined {
  try {
    return parseCidr(text)
  } catch {
    return undefined
  }
}
