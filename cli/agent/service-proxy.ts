import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import type { Informers } from '../../api/client/informers.ts'
import { createRecorder } from '../../api/client/recorder.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import type { Exec } from '../../host/exec.ts'
import { ownAddresses } from '../../host/own-addresses.ts'
import { chosenAddresses } from '../../proxy/chosen-addresses.ts'
import { createHealthServers } from '../../proxy/health/health-servers.ts'
import { serveProxyHealth } from '../../proxy/health/proxy-health-server.ts'
import { startProxy, type Proxy } from '../../proxy/proxy.ts'
import { clusterCIDRs, isIPv6, serviceCIDRs } from '../addresses.ts'
import type { Config } from '../config.ts'
import { listenAt, nodePortNetworks } from '../proxy-config.ts'
import { chooseBackend } from './backends.ts'

export interface ServiceProxyOptions {
  readonly client: Client
  readonly informers: Informers
  readonly exec: Exec
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** Ends the writing of Events; the proxy ends by `stop`. */
  readonly signal: AbortSignal
}

/** The service proxy of this node, with its answers at health check node ports and at its own. */
export async function startServiceProxy(config: Config, { client, informers, exec, clock, log, metrics, signal }: ServiceProxyOptions): Promise<Proxy> {
  const networks = nodePortNetworks(config)
  const recorder = createRecorder({ client, clock, log, signal, component: 'kube-proxy', host: config.nodeName })
  const health = createHealthServers({
    isHealthy: () => proxy.health().healthy, addresses: () => chosenAddresses(networks, ownAddresses()), clock, log,
    failed(key, message) {
      const [namespace, name] = key.split('/') as [string, string]
      const service = informers.of(services).get({ namespace, name })
      if (service) recorder.event(service, 'Warning', 'FailedToStartServiceHealthcheck', `node ${config.nodeName} cannot answer the health checks: ${message}`)
    },
  })
  const { backend, removeOthers } = await chooseBackend(config.proxyMode, {
    exec, log, ipvs: { scheduler: config.ipvsScheduler, strictARP: config.ipvsStrictARP }, clusterCIDRs: clusterCIDRs(config), nodePortAddresses: networks,
  })
  const ofNodes = informers.of(nodes)
  const proxy = startProxy({
    services: informers.of(services), endpointSlices: informers.of(endpointSlices), nodes: ofNodes,
    backend,
    conntrack: createConntrack({ exec }),
    node: { name: config.nodeName, clusterCIDRs: clusterCIDRs(config) },
    health: (checks) => health.set(checks),
    syncPeriodMs: config.proxySyncPeriod * 1000,
    clock, log, metrics,
  })
  const at = listenAt(config.proxyHealthzBindAddress)
  const closeOwn = at && serveProxyHealth({
    at, health: proxy.health, node: () => ofNodes.get({ name: config.nodeName }),
    families: serviceCIDRs(config).map((cidr) => (isIPv6(cidr) ? 'IPv6' : 'IPv4')), clock, log, metrics,
  })
  const ready = proxy.ready.then(removeOthers)
  return { ...proxy, ready, stop: async () => void await Promise.all([proxy.stop(), health.close(), closeOwn?.()]) }
}
