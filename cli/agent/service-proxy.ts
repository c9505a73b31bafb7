import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Informers } from '../../api/client/informers.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../api/kinds/discovery-v1/endpoint-slice.ts'
import type { Clock } from '../../host/clock.ts'
import { createConntrack } from '../../host/conntrack.ts'
import type { Exec } from '../../host/exec.ts'
import { createHealthServers } from '../../proxy/health/health-servers.ts'
import { startProxy, type Proxy } from '../../proxy/proxy.ts'
import { clusterCIDRs } from '../addresses.ts'
import type { Config } from '../config.ts'
import { nodePortNetworks } from '../proxy-config.ts'
import { chooseBackend } from './backends.ts'

/** The service proxy of this node, with its answers at health check node ports. */
export async function startServiceProxy(config: Config, { informers, exec, clock, log, metrics }: { informers: Informers; exec: Exec; clock: Clock; log: Logger; metrics: Registry }): Promise<Proxy> {
  const health = createHealthServers({ log, isHealthy: () => proxy.isHealthy() })
  const { backend, removeOthers } = await chooseBackend(config.proxyMode, {
    exec, log, ipvs: { scheduler: config.ipvsScheduler, strictARP: config.ipvsStrictARP }, clusterCIDRs: clusterCIDRs(config), nodePortAddresses: nodePortNetworks(config),
  })
  const proxy = startProxy({
    services: informers.of(services), endpointSlices: informers.of(endpointSlices), nodes: informers.of(nodes),
    backend,
    conntrack: createConntrack({ exec }),
    node: { name: config.nodeName, clusterCIDRs: clusterCIDRs(config) },
    health: (checks) => health.set(checks),
    syncPeriodMs: config.proxySyncPeriod * 1000,
    clock, log, metrics,
  })
  const ready = proxy.ready.then(removeOthers)
  return { ...proxy, ready, stop: async () => void await Promise.all([proxy.stop(), health.close()]) }
}
