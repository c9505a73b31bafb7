/** What the conflist says of our network. */
export interface ConflistOptions {
  readonly name: string
  readonly bridge: string
  readonly subnets: readonly string[]
  readonly clusterCIDRs: readonly string[]
  readonly mtu: number | undefined
  readonly dataDir: string
  readonly rules: 'nftables' | 'iptables'
  /** Name of the executable. */
  readonly type: string
}

/**
 * The network as the runtime reads it. `cniVersion` is one that every runtime in use knows; newer ones take the best of
 * `cniVersions`, and with 1.1.0 call GC and STATUS.
 */
export const renderConflist = ({ name, type, bridge, subnets, clusterCIDRs, mtu, dataDir, rules }: ConflistOptions): string => `${JSON.stringify({
  cniVersion: '1.0.0',
  cniVersions: ['0.4.0', '1.0.0', '1.1.0'],
  name,
  plugins: [{
    type, bridge, subnets, clusterCIDRs, ...(mtu !== undefined && { mtu }), ipMasq: true, hairpin: true, dataDir, rules,
    capabilities: { portMappings: true },
  }],
}, undefined, 2)}\n`
