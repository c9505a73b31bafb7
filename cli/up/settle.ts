import { hostname } from 'node:os'
import { configDefaults, loadConfig, problemsOf, saveConfig, type Config } from '../config.ts'
import type { Layout } from '../layout.ts'
import { addressesOf, addressOfThisMachine, networkView } from '../own-address.ts'

/** What a person asked for on the command line; wins over what an earlier `up` wrote. */
export type Asked = Partial<Omit<Config, keyof Layout>>

/** The configuration of this member: what is asked, else what was, else what fits the machine. Refuses what would break a running cluster. */
export async function settle(layout: Layout, asked: Asked): Promise<Config> {
  const before = await loadConfig(layout)
  const { nodeIP: _, ...settings } = { ...configDefaults, ...before, ...asked }
  const server = before?.role === 'worker' ? await addressesOf(before.serverURL).catch(() => []) : []
  const address = addressOfThisMachine(await networkView(), { asked: asked.nodeIP, before: before?.nodeIP, serviceCIDR: settings.serviceCIDR, server })
  const config: Config = { nodeName: hostname().toLowerCase(), ...settings, ...layout, nodeIP: address.nodeIP, ...(before?.role === 'worker' && asked.nodeIP !== undefined && { fixedNodeIP: true }) }
  const problems = address.problem ? [address.problem] : problemsOf(config)
  for (const fixed of ['clusterCIDR', 'serviceCIDR', 'nodeName'] as const) {
    if (before && before[fixed] !== config[fixed]) problems.push(`${fixed} is ${before[fixed]} since the cluster was made; run k8ts down --purge first to change it`)
  }
  if (problems.length) throw new Error(`Cannot set up this machine: ${problems.join('; ')}`)
  await saveConfig(config)
  return config
}
