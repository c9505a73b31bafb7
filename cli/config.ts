import { isIP } from 'node:net'
import { readIfExists, writeIfChanged } from '../host/files.ts'
import { paths, type Layout } from './layout.ts'

/** What a member of the cluster was set up with; written by `k8ts up`, read by every part at its start. */
export interface Config extends Layout {
  readonly nodeName: string
  /** The address by which others reach this machine. */
  readonly nodeIP: string
  readonly apiPort: number
  readonly kubeletPort: number
  /** Plain `/healthz` of the agent on loopback. */
  readonly healthPort: number
  readonly clusterCIDR: string
  readonly serviceCIDR: string
  readonly proxyMode: 'auto' | 'nftables' | 'iptables'
  /** Parent of the pods' cgroups; `/` as the original has it. */
  readonly cgroupRoot: string
  /** Where container logs are kept, and the directory of links that log collectors read; null: no links. */
  readonly podLogsDir: string
  readonly containerLogsDir: string | null
}

export const configDefaults = {
  apiPort: 6443, kubeletPort: 10250, healthPort: 10248, clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16', proxyMode: 'auto', cgroupRoot: '/',
  podLogsDir: '/var/log/pods', containerLogsDir: '/var/log/containers',
} as const satisfies Partial<Config>

/** Reads the configuration of a member; undefined when the machine was never set up. Throws one sentence when it is broken. */
export async function loadConfig(layout: Layout): Promise<Config | undefined> {
  const file = paths(layout).config
  const text = await readIfExists(file)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error(`Cannot read ${file}: it is not JSON; mend it, or delete it and run k8ts up again`)
  }
  const config = { ...configDefaults, ...(value as Partial<Config>), ...layout } as Config
  const wrong = problemsOf(config)
  if (wrong.length) throw new Error(`Cannot use ${file}: ${wrong.join('; ')}`)
  return config
}

export const saveConfig = (config: Config): Promise<boolean> => writeIfChanged(paths(config).config, `${JSON.stringify(config, undefined, 2)}\n`)

/** What is wrong with a configuration, in words for the person who gave it. */
export function problemsOf(config: Config): string[] {
  const problems: string[] = []
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(config.nodeName ?? '')) problems.push(`node name ${JSON.stringify(config.nodeName)} is not a lower-case DNS name`)
  if (!isIP(config.nodeIP ?? '')) problems.push(`node address ${JSON.stringify(config.nodeIP)} is not an IP address`)
  for (const name of ['apiPort', 'kubeletPort', 'healthPort'] as const) if (!Number.isInteger(config[name]) || config[name] < 1 || config[name] > 65_535) problems.push(`${name} must be between 1 and 65535`)
  for (const name of ['clusterCIDR', 'serviceCIDR'] as const) if (!isCIDR(config[name])) problems.push(`${name} ${JSON.stringify(config[name])} is not a network like 10.0.0.0/16`)
  if (!['auto', 'nftables', 'iptables'].includes(config.proxyMode)) problems.push(`proxy mode ${JSON.stringify(config.proxyMode)} is not one of auto, nftables, iptables`)
  return problems
}

function isCIDR(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  const version = isIP(address)
  return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128)
}
