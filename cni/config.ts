import { parseAddress, parseSubnet, type Subnet } from './addresses.ts'
import { CniError, code, supportedVersions, type CniVersion } from './spec.ts'

/** The network configuration as this plugin reads it: checked, with defaults. */
export interface NetworkConfig {
  readonly version: CniVersion
  readonly name: string
  readonly bridge: string
  /** One of each family at most; empty while the node has no pod CIDR. */
  readonly subnets: readonly Subnet[]
  readonly mtu: number | undefined
  readonly ipMasq: boolean
  /** Traffic to these keeps the pod's address. */
  readonly clusterCIDRs: readonly Subnet[]
  readonly hairpin: boolean
  readonly dataDir: string
  /** Which tool writes the rules; without it nftables where it works. */
  readonly rules: 'nftables' | 'iptables' | undefined
  readonly portMappings: readonly PortMapping[]
  /** The result of the plugin before us in the list, or of our own ADD. As it came. */
  readonly prevResult: unknown
  /** `cni.dev/valid-attachments` of GC. */
  readonly validAttachments: readonly { readonly containerID: string; readonly ifname: string }[] | undefined
}

export interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Only at this address of the node; absent: at all. */
  readonly hostIP?: string
}

export const defaults = { bridge: 'k8ts0', dataDir: '/var/lib/k8ts/cni' } as const

/** Keys of the specification and ours. Another one is refused, unless its dot or slash says that it is somebody's own. */
const known = new Set([
  'cniVersion', 'name', 'type', 'args', 'capabilities', 'runtimeConfig', 'prevResult', 'dns', 'disableCheck',
  'bridge', 'subnet', 'subnets', 'mtu', 'ipMasq', 'clusterCIDRs', 'hairpin', 'dataDir', 'rules',
])

export const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** The JSON of standard input. Throws `CniError` 6 when it is none. */
export const decodeInput = (input: string): Record<string, unknown> => {
  let value: unknown
  try {
    value = JSON.parse(input)
  } catch (error) {
    throw new CniError(code.decodingFailure, 'the network configuration is not JSON', (error as Error).message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CniError(code.decodingFailure, 'the network configuration is not a JSON object')
  }
  return value as Record<string, unknown>
}

/** The version asked for. The first of all questions, since it shapes even the error. */
export const decodeVersion = (raw: Record<string, unknown>): CniVersion => {
  const asked = raw['cniVersion']
  const version = supportedVersions.find(version => version === asked)
  if (!version) throw new CniError(code.incompatibleVersion, 'incompatible CNI versions', `config is ${JSON.stringify(asked ?? '')}, plugin supports ${JSON.stringify(supportedVersions)}`)
  return version
}

/** Throws `CniError` 2 for a field we do not know and 7 for one that is wrong. */
export const parseConfig = (raw: Record<string, unknown>): NetworkConfig => {
  const version = decodeVersion(raw)
  for (const [key, value] of Object.entries(raw)) {
    if (!known.has(key) && !/[./]/.test(key)) throw new CniError(code.unsupportedField, `unsupported field ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  }
  return {
    version,
    name: parseName(raw['name']),
    bridge: optional(raw, 'bridge', isLinkName, 'the name of a link') ?? defaults.bridge,
    subnets: parseSubnets(raw),
    mtu: optional(raw, 'mtu', (value): value is number => Number.isInteger(value) && (value as number) >= 68 && (value as number) <= 65_535, 'a number from 68 to 65535'),
    ipMasq: optional(raw, 'ipMasq', isBoolean, 'true or false') ?? true,
    clusterCIDRs: cidrs('clusterCIDRs', raw['clusterCIDRs'] ?? []),
    hairpin: optional(raw, 'hairpin', isBoolean, 'true or false') ?? true,
    dataDir: optional(raw, 'dataDir', isAbsolutePath, 'an absolute path') ?? defaults.dataDir,
    rules: optional(raw, 'rules', (value): value is 'nftables' | 'iptables' => value === 'nftables' || value === 'iptables', 'nftables or iptables'),
    portMappings: parsePortMappings(raw['runtimeConfig']),
    prevResult: raw['prevResult'],
    validAttachments: parseAttachments(raw['cni.dev/valid-attachments'] ?? raw['cni.dev/attachments']),
  }
}

const invalid = (field: string, value: unknown, want: string): CniError =>
  new CniError(code.invalidConfig, `invalid ${field} ${JSON.stringify(value)}: must be ${want}`)

const optional = <T>(raw: Record<string, unknown>, key: string, is: (value: unknown) => value is T, want: string): T | undefined => {
  const value = raw[key]
  if (value === undefined || value === null) return undefined
  if (!is(value)) throw invalid(key, value, want)
  return value
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isAbsolutePath = (value: unknown): value is string => typeof value === 'string' && value.startsWith('/') && !value.split('/').includes('..')
/** What Linux takes as the name of a link, and CNI with it. */
export const isLinkName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) < 16 && value !== '.' && value !== '..' && !/[/:\s\0]/.test(value)

const parseName = (value: unknown): string => {
  if (typeof value !== 'string' || value.length > 64 || !namePattern.test(value)) throw invalid('name', value, 'letters, digits, _ . -, at most 64')
  return value
}

const parseSubnets = (raw: Record<string, unknown>): Subnet[] => {
  const subnets = cidrs('subnets', raw['subnets'] ?? (raw['subnet'] === undefined ? [] : [raw['subnet']]))
  if (new Set(subnets.map(subnet => subnet.family)).size !== subnets.length) throw invalid('subnets', raw['subnets'], 'one of each family at most')
  return subnets
}

const cidrs = (field: string, value: unknown): Subnet[] => {
  if (!Array.isArray(value)) throw invalid(field, value, 'a list of CIDRs')
  return value.map(text => (typeof text === 'string' ? parseSubnet(text) : undefined) ?? (() => { throw invalid(field, text, 'a CIDR') })())
}

const isPort = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536

/** containerd writes `HostPort`, the specification's examples `hostPort`; Go's decoder takes either, and so must we. */
const lowerKeys = (mapping: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(mapping ?? {}).map(([key, value]) => [key.toLowerCase(), value]))

const parsePortMappings = (runtimeConfig: unknown): PortMapping[] => {
  const mappings = (runtimeConfig as { portMappings?: unknown } | null | undefined)?.portMappings ?? []
  if (!Array.isArray(mappings)) throw invalid('portMappings', mappings, 'a list')
  return mappings.map(lowerKeys).filter(mapping => mapping['hostport'] !== 0).map(mapping => {
    const protocol = String(mapping['protocol'] ?? 'tcp').toLowerCase()
    const hostIP = mapping['hostip'] ?? ''
    const { hostport: hostPort, containerport: containerPort } = mapping
    if (!isPort(hostPort) || !isPort(containerPort)) throw invalid('portMappings', mapping, 'ports from 1 to 65535')
    if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw invalid('portMappings', mapping, 'tcp, udp or sctp')
    if (typeof hostIP !== 'string' || (hostIP !== '' && parseAddress(hostIP) === undefined)) throw invalid('portMappings', mapping, 'at an IP address')
    if (hostIP === '::1' || String(hostIP).startsWith('127.')) throw invalid('portMappings', mapping, 'at an address of the node: host ports do not answer on loopback')
    const everywhere = hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::'
    return { hostPort, containerPort, protocol, ...(!everywhere && { hostIP }) }
  })
}

const parseAttachments = (value: unknown): NetworkConfig['validAttachments'] => {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw invalid('cni.dev/valid-attachments', value, 'a list')
  return value.map((entry: { containerID?: unknown; ifname?: unknown } | null) => {
    if (typeof entry?.containerID !== 'string' || typeof entry.ifname !== 'string') throw invalid('cni.dev/valid-attachments', entry, '{containerID, ifname}')
    return { containerID: entry.containerID, ifname: entry.ifname }
  })
}
