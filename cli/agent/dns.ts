import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import type { Informer } from '../../api/client/informer.ts'
import type { Informers } from '../../api/client/informers.ts'
import { namespaces } from '../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import { dnsPortAnnotation } from '../../control/controllers/node-dns/plan-node-dns.ts'
import type { Clock } from '../../host/clock.ts'
import { startDns } from '../../proxy/dns/dns.ts'
import { clusterCIDRs, dnsIPs, nodeIPs, serviceCIDRs } from '../addresses.ts'
import type { Config } from '../config.ts'

export interface NodeDnsOptions {
  readonly client: Client
  readonly informers: Informers
  /** The text of this node's resolv.conf. */
  readonly resolvConf: () => Promise<string>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** Ends it together with `stop`. */
  readonly signal: AbortSignal
}

/** What an agent must know to write the resolv.conf of pods. */
export const podDns = (config: Config): { clusterDNS: string[]; clusterDomain: string } => ({ clusterDNS: config.clusterDNS ? dnsIPs(config) : [], clusterDomain: config.clusterDomain })

/**
 * Answers DNS on this node, with the same informers as the proxy, and says so on its Node object, by which the control
 * plane makes it an endpoint of `kube-dns`. Where the cluster has no DNS of ours it only takes back what it said before.
 */
export function startNodeDns(config: Config, { client, informers, resolvConf, clock, log, metrics, signal }: NodeDnsOptions): { stop(): Promise<void> } {
  const ofNodes = informers.of(nodes)
  const saying = (value: string | null) => keepAnnotation({ nodes: ofNodes, nodeName: config.nodeName, client, clock, log, signal, value })
  if (!config.clusterDNS) {
    const over = saying(null)
    return { stop: async () => over() }
  }
  const dns = startDns({
    services: informers.of(services), endpointSlices: informers.of(endpointSlices), namespaces: informers.of(namespaces), nodes: ofNodes,
    domain: config.clusterDomain, clusterCIDRs: clusterCIDRs(config), serviceCIDRs: serviceCIDRs(config), clusterDNS: dnsIPs(config),
    addresses: nodeIPs(config), port: config.dnsPort, resolvConf, clock, log, metrics,
  })
  let over = () => undefined as void
  void dns.ready.then(() => { if (!signal.aborted) over = saying(String(config.dnsPort)) })
  return {
    async stop() {
      over()
      await dns.stop()
    },
  }
}

/** Sets one annotation of this node, or takes it away (null), whenever it is otherwise: also when the Node was made anew. */
function keepAnnotation({ nodes: informer, nodeName, client, clock, log, signal, value }: {
  nodes: Informer<Node>; nodeName: string; client: Client; clock: Clock; log: Logger; signal: AbortSignal; value: string | null
}): () => void {
  let busy = false
  const look = async (): Promise<void> => {
    const node = informer.get({ name: nodeName })
    if (busy || signal.aborted || !node || (node.metadata.annotations?.[dnsPortAnnotation] ?? null) === value) return
    busy = true
    try {
      await client.patch(nodes, { name: nodeName }, { type: 'merge', patch: { metadata: { annotations: { [dnsPortAnnotation]: value } } } })
    } catch (error) {
      log.warn({ err: error }, 'Cannot say on the Node object that DNS is answered here; will try again')
      await clock.sleep(1000, signal).catch(() => undefined)
      busy = false
      return look()
    }
    busy = false
  }
  const told = ({ metadata }: Node) => { if (metadata.name === nodeName) void look() }
  return informer.on({ add: told, update: told })
}
