import { hostname } from 'node:os'
import { openNetlinkLinks } from '../../host/netlink/netlink-links.ts'
import { chooseNodeAddress } from '../../host/node-address.ts'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from '../config.ts'
import type { Layout } from '../layout.ts'

/** What a person asked for on the command line; wins over what an earlier `up` wrote. */
export type Asked = Partial<Omit<Config, keyof Layout>>

/** The configuration of this member: what is asked, else what was, else what fits the machine. Refuses what would break a running cluster. */
export async function settle(layout: Layout, asked: Asked): Promise<Config> {
  const before = await loadConfig(layout)
  const address = await addressOfThisMachine(asked.nodeIP, before?.nodeIP)
  const config: Config = { ...configDefaults, nodeName: hostname().toLowerCase(), ...before, ...asked, ...layout, nodeIP: address.nodeIP }
  const problems = [...problemsOf(config), ...(address.problem ? [address.problem] : [])]
  for (const fixed of ['clusterCIDR', 'serviceCIDR', 'nodeName'] as const) {
    if (before && before[fixed] !== config[fixed]) problems.push(`${fixed} is ${before[fixed]} since the cluster was made; run k8ts down --purge first to change it`)
  }
  if (problems.length) throw new Error(`Cannot set up this machine: ${problems.join('; ')}`)
  await saveConfig(config)
  return config
}

/** The address asked for, or the one from before as long as the machine has it, or the one that others reach. */
async function addressOfThisMachine(asked: string | undefined, before: string | undefined): Promise<{ nodeIP: string; problem?: string }> {
  const links = openNetlinkLinks()
  try {
    const view = { links: await links.list(), addresses: await links.addresses(), routes: await links.routes() }
    const has = (ip: string) => view.addresses.some(({ address }) => address === ip)
    if (asked !== undefined) return { nodeIP: asked, ...(!has(asked) && { problem: `${asked} is not an address of this machine` }) }
    if (before !== undefined && has(before)) return { nodeIP: before }
    const found = chooseNodeAddress(view)
    return found ? { nodeIP: found.address } : { nodeIP: '', problem: 'this machine has no address that others could reach; name one with --node-ip' }
  } finally {
    links.close()
  }
}
