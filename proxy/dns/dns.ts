import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Informer } from '../../api/client/informer.ts'
import type { Namespace } from '../../api/types/core-v1/namespace.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import type { Service } from '../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { Clock } from '../../host/clock.ts'
import { Membership } from './access.ts'
import { addressBytes, network } from './addresses.ts'
import { ClusterIndex } from './cluster/cluster-index.ts'
import { createExchange, type Exchange } from './forward/exchange.ts'
import { createForwarder } from './forward/forwarder.ts'
import { ReplyCache } from './forward/reply-cache.ts'
import { createMetrics } from './metrics.ts'
import { createResolver } from './resolver.ts'
import { serveTcp } from './serve-tcp.ts'
import { serveUdp, type Served } from './serve-udp.ts'

export interface DnsOptions {
  readonly services: Informer<Service>
  readonly endpointSlices: Informer<EndpointSlice>
  readonly namespaces: Informer<Namespace>
  readonly nodes: Informer<Node>
  /** `cluster.local` */
  readonly domain: string
  /** Networks of pods: whoever has an address in them may ask. */
  readonly clusterCIDRs: readonly string[]
  readonly serviceCIDRs: readonly string[]
  /** The addresses of the Service `kube-dns`. */
  readonly clusterDNS: readonly string[]
  /** Addresses of this node to listen at, loopback apart, which is always among them. */
  readonly addresses: readonly string[]
  /** UDP and TCP. 0: any that is free, a different one for each. */
  readonly port: number
  /** The text of the node's resolv.conf as it is now. */
  readonly resolvConf: () => Promise<string>
  /** Default: over the network, port 53. */
  readonly exchange?: Exchange
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
}

export interface Dns {
  /** Resolves when it answers and knows all objects of the cluster. */
  readonly ready: Promise<void>
  /** The ports at an address, once it listens there. */
  ports(address: string): { readonly udp: number; readonly tcp: number } | undefined
  stop(): Promise<void>
}

/**
 * Seconds that answers about the cluster may be kept. CoreDNS alone says 5; 30 is what kubeadm sets, and so what clusters have. Whoever cannot wait so
 * long for a change should watch, not ask.
 */
const ttl = 30
/** How long until an address is tried again that could not be listened at. */
const againMs = 5_000

/** The cluster DNS of this node: informers → index → resolver → sockets. */
export function startDns(options: DnsOptions): Dns {
  const { services, endpointSlices, namespaces, nodes, clock, log } = options
  const index = new ClusterIndex({ domain: options.domain, ttl })
  const members = new Membership(options.clusterCIDRs)
  const cache = new ReplyCache()
  const metrics = createMetrics(options.metrics, `dns://:${options.port}`, () => cache.size)
  const forwarder = createForwarder({
    exchange: options.exchange ?? createExchange({ clock }), resolvConf: options.resolvConf, except: options.clusterDNS, cache, clock, log, observe: metrics.forwarder,
  })
  const zones = {
    networks: [...options.clusterCIDRs, ...options.serviceCIDRs].map(network),
    servers: options.clusterDNS.flatMap((text) => addressBytes(text) ?? []),
    mayBePod: (address: string) => members.has(address),
  }
  const resolve = createResolver({ cluster: index, zones, forwarder, clock, log, observe: metrics.resolver })
  const detach = [
    services.on({ add: (service) => index.setService(service), update: (service) => index.setService(service), delete: (service) => index.deleteService(service) }),
    endpointSlices.on({ add: (slice) => index.setSlice(slice), update: (slice, old) => index.setSlice(slice, old), delete: (slice) => index.deleteSlice(slice) }),
    namespaces.on({ add: ({ metadata }) => index.setNamespace(metadata.name), delete: ({ metadata }) => index.deleteNamespace(metadata.name) }),
    nodes.on({ add: tellNode, update: tellNode, delete: ({ metadata }) => members.setNode(metadata.name, []) }),
  ]
  function tellNode({ metadata, status }: Node): void {
    members.setNode(metadata.name, (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP').map(({ address }) => address))
  }
  // This machine's own pods ask also before it is known as a node.
  members.setNode('', options.addresses)

  const sockets = new Map<string, { udp: Served; tcp: Served }>()
  const ending = new AbortController()
  const serving = { resolve, mayAsk: (address: string) => members.hasPeer(address), log, clock }
  const serve = async (address: string): Promise<void> => {
    while (!ending.signal.aborted) {
      const udp = await serveUdp(address, options.port, serving).catch((error: unknown) => tellFailure(address, error))
      const tcp = udp && await serveTcp(address, options.port, serving).catch((error: unknown) => tellFailure(address, error))
      if (udp && tcp) {
        sockets.set(address, { udp, tcp })
        log.info({ address, port: udp.port }, 'Answering DNS')
        return
      }
      await udp?.close()
      await clock.sleep(againMs, ending.signal).catch(() => undefined)
    }
  }
  const tellFailure = (address: string, error: unknown): undefined => {
    log.error({ err: error, address, port: options.port }, 'Cannot answer DNS at this address; will try again')
  }
  const listening = Promise.all([...new Set(['127.0.0.1', ...options.addresses])].map(serve))
  const complete = Promise.all([services.synced, endpointSlices.synced, namespaces.synced]).then(() => { index.complete = true })

  return {
    ready: Promise.all([listening, complete]).then(() => undefined),
    ports(address) {
      const found = sockets.get(address)
      return found && { udp: found.udp.port, tcp: found.tcp.port }
    },
    async stop() {
      ending.abort()
      for (const off of detach) off()
      await listening
      await Promise.all([...sockets.values()].flatMap(({ udp, tcp }) => [udp.close(), tcp.close()]))
    },
  }
}
