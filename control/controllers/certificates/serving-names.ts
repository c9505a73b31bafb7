import { canonicalIP, nonSpecialIP } from '../../../api/kinds/validation/ip.ts'
import type { CertificateRequest } from '../../../api/kinds/certificates-v1/request.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'

/** What is known of the cluster when a node asks for a certificate to serve with. */
export interface ServingWorld {
  readonly nodes: readonly Node[]
  /** Addresses at which clients expect the API server and would believe whoever has a certificate for them. */
  readonly apiServers: readonly string[]
}

/** `wait`: the node has not said of itself what it asks for; it may yet, or a person may approve it. */
export type Verdict = { readonly verdict: 'approve' } | { readonly verdict: 'refuse' | 'wait'; readonly why: string }

const prefix = 'system:node:'

/**
 * Whether a kubelet may serve under these names: its node's name, and the addresses its Node object says it is reached at, as far as no other
 * node and no API server is reached there. A Node object is written by its node, which could say anything: with a certificate for somebody
 * else's address, or for `kubernetes.default.svc`, it could pass for him.
 */
export function judgeServingNames(requester: string, request: CertificateRequest, { nodes, apiServers }: ServingWorld): Verdict {
  const refuse = (why: string): Verdict => ({ verdict: 'refuse', why })
  const own = requester.slice(prefix.length)
  if (!requester.startsWith(prefix) || requester !== request.commonName) return refuse(`${requester} may not have a certificate of ${request.commonName}`)
  const foreign = request.dnsNames.find((name) => name !== own)
  if (foreign !== undefined) return { verdict: 'wait', why: `${foreign} is not the node's name` }
  const ips = request.ipAddresses.map(textOf)
  for (const ip of ips) {
    if (nonSpecialIP(ip, '').length > 0) return refuse(`${ip} is no address of one node`)
    if (apiServers.some((address) => canonicalIP(address) === ip)) return { verdict: 'wait', why: `the API server is at ${ip}` }
    const holder = nodes.find((node) => node.metadata.name !== own && addressesOf(node).includes(ip))
    if (holder) return refuse(`${ip} is the address of node ${holder.metadata.name}`)
  }
  const said = addressesOf(nodes.find(({ metadata }) => metadata.name === own))
  const unknown = ips.filter((ip) => !said.includes(ip))
  return unknown.length === 0 ? { verdict: 'approve' } : { verdict: 'wait', why: `node ${own} does not say that it is reached at ${unknown.join(', ')}` }
}

const addressesOf = (node: Node | undefined): string[] =>
  (node?.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP').map(({ address }) => canonicalIP(address))

/** Four or sixteen bytes; anything else is no address and reads as one that nobody may have. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return '0.0.0.0'
  return canonicalIP(Array.from({ length: 8 }, (_, group) => ((bytes[group * 2]! << 8) | bytes[group * 2 + 1]!).toString(16)).join(':'))
}
