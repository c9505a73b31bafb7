import type { Logger } from 'pino'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Informer } from '../api/client/informer.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { Service } from '../api/types/core-v1/service.ts'
import type { Clock } from '../host/clock.ts'
import type { Conntrack } from '../host/conntrack.ts'
import type { Backend } from './backend.ts'
import { staleFlows } from './conntrack.ts'
import type { ForwardingTable, NodeView } from './table.ts'
import { Tracker } from './tracker.ts'

export interface ProxyOptions {
  readonly services: Informer<Service>
  readonly endpointSlices: Informer<EndpointSlice>
  readonly backend: Backend
  readonly conntrack: Pick<Conntrack, 'deleteUdp'>
  readonly node: NodeView
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** How long changes are gathered before one transaction writes them, in milliseconds. */
  readonly gatherMs?: number
  /** The first wait after a failed transaction; doubles up to 30 s. */
  readonly retryMs?: number
}

export interface Proxy {
  /** Resolves when the first table is in the kernel. */
  readonly ready: Promise<void>
  /** Ends watching and leaves the rules where they are: traffic goes on. */
  stop(): Promise<void>
}

/** Follows Services and EndpointSlices and keeps the kernel equal to them. One transaction at a time, changes in between are gathered. */
export function startProxy(options: ProxyOptions): Proxy {
  const { services, endpointSlices, backend, conntrack, clock, log, gatherMs = 5, retryMs = 500 } = options
  const tracker = new Tracker(options.node)
  const metrics = proxyMetrics(options.metrics)
  const first = Promise.withResolvers<void>()
  let applied: ForwardingTable = { routes: [], healthChecks: [] }
  let running: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let stopped = false
  let failures = 0
  let behind = true

  const wake = (ms = gatherMs) => {
    if (stopped || cancelTimer || running) return
    cancelTimer = clock.after(ms, () => {
      cancelTimer = undefined
      running = sync().finally(() => {
        running = undefined
        if (tracker.changed) wake()
        else if (behind) wake(Math.min(retryMs * 2 ** failures, 30_000))
      })
    })
  }

  async function sync(): Promise<void> {
    const begun = clock.now()
    const table = tracker.table()
    behind = true
    try {
      await backend.apply(table)
    } catch (error) {
      failures += 1
      metrics.failures.inc()
      log.error({ err: error, backend: backend.name }, 'Cannot write the service rules; will try again')
      return
    }
    failures = 0
    behind = false
    const stale = staleFlows(applied, table)
    applied = table
    metrics.duration.observe((clock.now() - begun) / 1000)
    metrics.last.set(clock.now() / 1000)
    first.resolve()
    for (const flow of stale) {
      await conntrack.deleteUdp(flow).catch((error: unknown) => log.warn({ err: error, flow }, 'Cannot forget the flows of an endpoint that is gone'))
    }
  }

  const changed = <A extends unknown[]>(apply: (...args: A) => void) => (...args: A): void => {
    apply(...args)
    if (services.hasSynced && endpointSlices.hasSynced) wake()
  }
  const setService = (service: Service) => {
    warnOfUnsupported(service, log)
    tracker.setService(service)
  }
  const detach = [
    services.on({
      add: changed(setService),
      update: changed(setService),
      delete: changed((service) => tracker.deleteService(service)),
    }),
    endpointSlices.on({
      add: changed((slice) => tracker.setSlice(slice)),
      update: changed((slice, old) => tracker.setSlice(slice, old)),
      delete: changed((slice) => tracker.deleteSlice(slice)),
    }),
  ]
  // Nothing is written before both are complete: half a table would refuse connections that should work.
  void Promise.all([services.synced, endpointSlices.synced]).then(() => wake(0))

  return {
    ready: first.promise,
    async stop() {
      stopped = true
      cancelTimer?.()
      for (const off of detach) off()
      await running
      await backend.stop?.()
    },
  }
}

function warnOfUnsupported(service: Service, log: Logger): void {
  if (service.spec.sessionAffinity === 'ClientIP') {
    log.warn({ service: `${service.metadata.namespace}/${service.metadata.name}` }, 'Ignoring sessionAffinity ClientIP: this proxy sends every connection round robin')
  }
}

function proxyMetrics(registry: Registry) {
  const registers = [registry]
  return {
    duration: new Histogram({ name: 'kubeproxy_sync_proxy_rules_duration_seconds', help: 'Time to write one change of the service rules', buckets: [0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096], registers }),
    last: new Gauge({ name: 'kubeproxy_sync_proxy_rules_last_timestamp_seconds', help: 'When the rules were last written', registers }),
    failures: new Counter({ name: 'kubeproxy_sync_proxy_rules_failures_total', help: 'Transactions the kernel refused', registers }),
  }
}
