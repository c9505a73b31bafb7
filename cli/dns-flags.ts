import type { Command } from 'commander'
import { dnsDefaults } from './dns-config.ts'

export const withDns = (command: Command): Command => command
  .option('--cluster-dns', 'every node answers DNS for the cluster (the default)')
  .option('--no-cluster-dns', 'none does; pods ask whom their node asks')
  .option('--cluster-domain <domain>', `default ${dnsDefaults.clusterDomain}`)
  .option('--dns-port <port>', `of the agent, UDP and TCP; default ${dnsDefaults.dnsPort}`, Number)

export const askedDns = (options: Record<string, unknown>): Record<string, unknown> =>
  ({ clusterDNS: options.clusterDns, clusterDomain: options.clusterDomain, dnsPort: options.dnsPort })
