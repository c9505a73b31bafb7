import { isAbsolute } from 'node:path'
import { readIfExists, writeIfChanged } from '../host/files.ts'
import { nodeMaskSizes } from './addresses.ts'
import { authenticationDefaults, authenticationProblems, type AuthenticationConfig } from './authentication-config.ts'
import { dnsDefaults, dnsProblems, type DnsConfig } from './dns-config.ts'
import { paths, type Layout } from './layout.ts'
import { podNetworkDefaults, podNetworkProblems, type PodNetworkConfig } from './pod-network-config.ts'
import { nodesProblems } from './nodes/plan.ts'
import { networkProblems } from './network-problems.ts'
import { proxyDefaults, proxyProblems, type ProxyConfig } from './proxy-config.ts'

/** What a member of the cluster was set up with; written by `k8ts up`, read by every part at its start. */
export interface Config extends Layout, AuthenticationConfig, PodNetworkConfig, DnsConfig, ProxyConfig {
  /** `server`: the control plane runs here, and a node beside it. `worker`: a node that joined the cluster of a server elsewhere. */
  readonly role: 'server' | 'worker'
  /** Where a worker reaches the API server: `https://192.0.2.1:6443`. Empty on the server. */
  readonly serverURL: string
  /** How many nodes there are on this machine; those beside the first in network namespaces (`nodes/plan.ts`), of this network. */
  readonly nodes: number
  readonly nodeNetwork: string
  readonly nodeName: string
  /** The address by which others reach this machine; in a dual-stack cluster one of each family with a comma between. Read with `nodeIPs`. */
  readonly nodeIP: string
  /** A person named the address of this worker. Else it is that of the card which reaches the server, whichever that is when the agent looks. */
  readonly fixedNodeIP: boolean
  readonly apiPort: number
  readonly kubeletPort: number
  /** Plain `/healthz` of the agent on loopback. */
  readonly healthPort: number
  /** Networks of pods and of Services: one, or one of each family with a comma between, the first being the primary. Read with `clusterCIDRs`, `serviceCIDRs`. */
  readonly clusterCIDR: string
  readonly serviceCIDR: string
  /** Prefix length of a node's share of the pod network. */
  readonly nodeCIDRMaskSizeIPv4: number
  readonly nodeCIDRMaskSizeIPv6: number
  /** `30000-32767` */
  readonly serviceNodePortRange: string
  /** Parent of the pods' cgroups; `/` as the original has it. */
  readonly cgroupRoot: string
  /** Where container logs are kept, and the directory of links that log collectors read; null: no links. */
  readonly podLogsDir: string
  readonly containerLogsDir: string | null
  /** Admission plugins that run beside the standard ones, and standard ones that do not; by the original's names. */
  readonly enableAdmissionPlugins: readonly string[]
  readonly disableAdmissionPlugins: readonly string[]
}

export const configDefaults = {
  role: 'server', serverURL: '', fixedNodeIP: false, nodes: 1, nodeNetwork: '10.213.0.0/24',
  apiPort: 6443, kubeletPort: 10250, healthPort: 10248, clusterCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16', nodeCIDRMaskSizeIPv4: nodeMaskSizes.IPv4, nodeCIDRMaskSizeIPv6: nodeMaskSizes.IPv6, serviceNodePortRange: '30000-32767', cgroupRoot: '/',
  podLogsDir: '/var/log/pods', containerLogsDir: '/var/log/containers', enableAdmissionPlugins: [], disableAdmissionPlugins: [],
  ...authenticationDefaults, ...podNetworkDefaults, ...dnsDefaults, ...proxyDefaults,
} satisfies Partial<Config> as Omit<Config, keyof Layout | 'nodeName' | 'nodeIP'>

/** Reads the configuration of a member; undefined when the machine was never set up. Throws one sentence when it is broken. */
export async function loadConfig(layout: Layout): Promise<Config | undefined> {
  const file = paths(layout).config
  const text = await readIfExists(file)
  if (text === undefined) return undefined
  const config = { ...configDefaults, ...known(parse(text, file)), ...layout } as Config
  const wrong = problemsOf(config)
  if (wrong.length) throw new Error(`Cannot use ${file}: ${wrong.join('; ')}`)
  return config
}

function parse(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Half written, or by hand: the same advice.
  }
  throw new Error(`Cannot read ${file}: it is not a JSON object; mend it, or delete it and run k8ts up again`)
}

const fields: readonly string[] = ['nodeName', 'nodeIP', ...Object.keys(configDefaults)]
const known = (value: object): Partial<Config> => Object.fromEntries(Object.entries(value).filter(([name]) => fields.includes(name)))

/** Always in the same order, so that what did not change is not written. */
export const saveConfig = (config: Config): Promise<boolean> =>
  writeIfChanged(paths(config).config, `${JSON.stringify(Object.fromEntries(Object.entries(config).sort()), undefined, 2)}\n`)

/** What is wrong with a configuration, in words for the person who gave it. Its values may be of any type. */
export function problemsOf(config: Config): string[] {
  const problems: string[] = []
  const refuse = (wrong: boolean, sentence: string) => void (wrong && problems.push(sentence))
  const quote = (value: unknown) => JSON.stringify(value)
  refuse(config.role !== 'server' && config.role !== 'worker', `role ${quote(config.role)} is not one of server, worker`)
  refuse(config.role === 'worker' ? !isServerURL(config.serverURL) : config.serverURL !== '', `serverURL ${quote(config.serverURL)} is not a server's URL like https://192.0.2.1:6443`)
  refuse(typeof config.fixedNodeIP !== 'boolean', `fixedNodeIP ${quote(config.fixedNodeIP)} is not true or false`)
  refuse(!isName(config.nodeName), `node name ${quote(config.nodeName)} is not a lower-case DNS name`)
  for (const name of portNames) refuse(!isPort(config[name]), `${name} must be between 1 and 65535`)
  refuse(new Set(portNames.map((name) => config[name])).size < portNames.length, `${portNames.join(', ')} must differ`)
  problems.push(...networkProblems(config))
  refuse(!isPath(config.cgroupRoot), `cgroupRoot ${quote(config.cgroupRoot)} is not a path like /pods`)
  refuse(!isPath(config.podLogsDir) || config.podLogsDir === '/', `podLogsDir ${quote(config.podLogsDir)} is not an absolute path`)
  refuse(config.containerLogsDir !== null && !isPath(config.containerLogsDir), `containerLogsDir ${quote(config.containerLogsDir)} is not an absolute path`)
  for (const name of ['enableAdmissionPlugins', 'disableAdmissionPlugins'] as const) {
    const given: unknown = config[name]
    refuse(!Array.isArray(given) || !given.every((each) => isText(each) && /^[A-Za-z]+$/.test(each)), `${name} ${quote(given)} is not a list of names of admission plugins`)
  }
  return [...problems, ...nodesProblems(config), ...podNetworkProblems(config), ...dnsProblems(config), ...proxyProblems(config), ...authenticationProblems(config)]
}

const portNames = ['apiPort', 'kubeletPort', 'healthPort', 'dnsPort'] as const
const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
const dnsName = new RegExp(`^${label}(?:\\.${label})*$`)

const isText = (value: unknown): value is string => typeof value === 'string'
const isName = (value: unknown): boolean => isText(value) && value.length <= 253 && dnsName.test(value)
const isServerURL = (value: unknown): boolean => isText(value) && URL.canParse(value) && new URL(value).protocol === 'https:' && new URL(value).origin === value
const isPort = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535
/** Absolute and straight: it is made, mounted below, and removed. */
const isPath = (value: unknown): boolean => isText(value) && isAbsolute(value) && !value.includes('\0') && !value.split('/').some((part) => part === '..' || part === '.')
