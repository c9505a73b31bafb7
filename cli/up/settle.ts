import { hostname } from 'node:os'
import { openNetlinkLinks } from '../../host/netlink/netlink-links.ts'
import { chooseNodeAddress, type NetworkView } from '../../host/node-address.ts'
import { isIPv6, listed, nodeIPs } from '../addresses.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from '../config.ts'
import type { Layout } from '../layout.ts'

/** What a person asked for on the command line; wins over what an earlier `up` wrote. */
export type Asked = Partial<Omit<Config, keyof Layout>>

/** The configuration of this member: what is asked, else what was, else what fits the machine. Refuses what would break a running cluster. */
export async function settle(layout: Layout, asked: Asked): Promise<Config> {
  const before = await loadConfig(layout)
  const { nodeIP: _, ...settings } = { ...configDefaults, ...before, ...asked }
  const address = addressOfThisMachine(await networkView(), { asked: asked.nodeIP, before: before?.nodeIP, serviceCIDR: settings.serviceCIDR })
  const config: Config = { nodeName: hostname().toLowerCase(), ...settings, ...layout, nodeIP: address.nodeIP }
  const problems = address.problem ? [address.problem] : problemsOf(config)
  for (const fixed of ['clusterCIDR', 'serviceCIDR', 'nodeName'] as const) {
    if (before && before[fixed] !== config[fixed]) problems.push(`${fixed} is ${before[fixed]} since the cluster was made; run k8ts down --purge first to change it`)
  }
  if (problems.length) throw new Error(`Cannot set up this machine: ${problems.join('; ')}`)
  await saveConfig(config)
  return config
}

async function networkView(): Promise<NetworkView> {
  const links = openNetlinkLinks()
  try {
    return { links: await links.list(), addresses: await links.addresses(), routes: await links.routes() }
  } finally {
    links.close()
  }
}

interface Wanted { readonly asked: string | undefined; readonly before: string | undefined; readonly serviceCIDR: string }

/**
 * The addresses asked for, or those from before as long as the machine has them, or those that others reach: one of each
 * family that the cluster's Services have. A machine without an address of the second family does with one.
 */
export function addressOfThisMachine(view: NetworkView, { asked, before, serviceCIDR }: Wanted): { nodeIP: string; problem?: string } {
  const has = (ip: string) => view.addresses.some(({ address }) => address === ip)
  if (asked !== undefined) {
    const foreign = listed(asked).find((ip) => !has(ip))
    return { nodeIP: asked, ...(foreign !== undefined && { problem: `${foreign} is not an address of this machine` }) }
  }
  const kept = before === undefined ? [] : nodeIPs({ nodeIP: before }).filter(has)
  if (before !== undefined && kept.length === nodeIPs({ nodeIP: before }).length) return { nodeIP: before }
  const families = [...new Set((typeof serviceCIDR === 'string' ? listed(serviceCIDR) : ['']).map(familyOf))]
  const found = families.map((family) => kept.find((ip) => familyOf(ip) === family) ?? chooseNodeAddress(view, { family })?.address)
  if (!found[0]) return { nodeIP: '', problem: `this machine has no ${families[0]} address that others could reach; name one with --node-ip` }
  return { nodeIP: found.filter((ip) => ip !== undefined).join(',') }
}

const familyOf = (addressOrNetwork: string): 'IPv4' | 'IPv6' => (isIPv6(addressOrNetwork) ? 'IPv6' : 'IPv4')
