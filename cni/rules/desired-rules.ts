import { familyOf, type Subnet } from '../addresses.ts'
import type { NetworkConfig } from '../config.ts'
import { targetsOf, type Attachment, type NetworkState } from '../ipam.ts'
import type { FamilyRules, HostPort, PodRules } from './rules.ts'

/** The rules that configuration and state ask for. Pure. */
export const desiredRules = (config: Pick<NetworkConfig, 'name' | 'subnets' | 'ipMasq' | 'clusterCIDRs'>, state: NetworkState): PodRules => ({
  name: config.name,
  families: config.subnets.map(subnet => familyRules(config, subnet, state)),
})

const familyRules = ({ ipMasq, clusterCIDRs }: Pick<NetworkConfig, 'ipMasq' | 'clusterCIDRs'>, subnet: Subnet, state: NetworkState): FamilyRules => ({
  family: subnet.family,
  subnet: subnet.cidr,
  masquerade: ipMasq,
  direct: [...new Set([
    subnet.cidr,
    ...clusterCIDRs.filter(cidr => cidr.family === subnet.family).map(cidr => cidr.cidr),
    ...(subnet.family === 'IPv4' ? ['224.0.0.0/4', '255.255.255.255/32'] : ['ff00::/8']),
  ])],
  hostPorts: state.attachments.filter(attachment => !attachment.pending).flatMap(attachmentPorts)
    .filter(port => familyOf(port.address) === subnet.family),
})

/** One entry for each mapping and address of a pod. */
export const attachmentPorts = (attachment: Attachment): HostPort[] =>
  attachment.ports.flatMap(mapping => targetsOf(attachment, mapping).map(address => ({
    protocol: mapping.protocol, hostIP: mapping.hostIP, hostPort: mapping.hostPort, address, port: mapping.containerPort,
  })))
