import type { Logger } from 'pino'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Informer } from '../api/client/informer.ts'
import type { Node } from '../api/types/core-v1/node.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { Service } from '../api/types/core-v1/service.ts'
import type { Clock } from '../host/clock.ts'
import type { Conntrack } from '../host/conntrack.ts'
import type { Backend } from './backend.ts'
import { forgetFlows, staleFlows } from './conntrack.ts'
import { SyncHealth, type ProxyHealth } from './health/sync-health.ts'
import { NodeViewTracker } from './node-view.ts'
import { changesBetween, type ForwardingTable, type HealthCheck, type NodeView } from './table.ts'
import { Tracker } from './tracker.ts'

export interface ProxyOptions {
  readonly services: Informer<Service>
  readonly endpointSlices: Informer<EndpointSlice>
  readonly backend: Backend
  readonly conntrack: Pick<Conntrack, 'deleteUdp' | 'listUdp'>
  readonly node: NodeView
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  /** How long changes are gathered before one transaction writes them, in milliseconds. */
  readonly gatherMs?: number
  /** How often the kernel is asked whether it still holds what was written, in milliseconds; default 30 s. */
  readonly syncPeriodMs?: number
  /** Addresses of nodes and this node's zone, as they become known and change. */
  readonly nodes?: Informer<Node>
  /** Told what to answer at health check node ports, after each change. */
  readonly health?: (checks: readonly HealthCheck[]) => void
  /** The first wait after a failed transaction; doubles up to 30 s. */
  readonly retryMs?: number
}

export interface Proxy {
  /** Resolves when the first table is in the kernel. */
  readonly ready: Promise<void>
  /** Whether the kernel has what it should, save for changes of the last two sync periods. */
  health(): ProxyHealth
  /** Ends watching and leaves the rules where they are: traffic goes on. */
  stop(): Promise<void>
}

/** Follows Services and EndpointSlices and keeps the kernel equal to them. One transaction at a time, changes in between are gathered. */
export function startProxy(options: ProxyOptions): Proxy {
  const { services, endpointSlices, backend, conntrack, clock, log, gatherMs = 5, retryMs = 500, syncPeriodMs = 30_000, nodes } = options
  const tracker = new Tracker(options.node)
  const metrics = proxyMetrics(options.metrics)
  const first = Promise.withResolvers<void>()
  let applied: ForwardingTable = { routes: [], healthChecks: [] }
  /** The backend took the table that the tracker gave last, so that it can be told what has changed since. */
  let follows = false
  let running: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let stopped = false
  let failures = 0
  const health = new SyncHealth()
  let behind = true
  let forgetting: Promise<void> = Promise.resolve()

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
    const { table, changes } = tracker.update()
    health.begun()
    behind = true
    try {
      await backend.apply(table, follows ? changes : undefined)
    } catch (error) {
      follows = false
      failures += 1
      health.failed(clock.now())
      metrics.failures.inc()
      log.error({ err: error, backend: backend.name }, 'Cannot write the service rules; will try again')
      return
    }
    failures = 0
    behind = false
    health.written(clock.now())
    const stale = backend.forgetsFlows ? [] : staleFlows(follows ? changes : changesBetween(applied, table))
    applied = table
    follows = true
    metrics.duration.observe((clock.now() - begun) / 1000)
    metrics.last.set(clock.now() / 1000)
    options.health?.(table.healthChecks)
    first.resolve()
    // The next change need not wait for it.
    forgetting = forgetting.then(() => forgetFlows(stale, conntrack)).catch((error: unknown) => log.warn({ err: error, flows: stale.length }, 'Cannot forget the UDP flows of endpoints that are gone'))
  }

  const changed = <A extends unknown[]>(apply: (...args: A) => void) => (...args: A): void => {
    apply(...args)
    if (tracker.changed) health.queued(clock.now())
    if (services.hasSynced && endpointSlices.hasSynced && (nodes?.hasSynced ?? true)) wake()
  }
  /** Rules that others deleted or altered are written anew within one period. */
  async function inspect(): Promise<void> {
    if (behind) return
    if (await backend.intact()) return
    log.warn({ backend: backend.name }, 'Writing the service rules anew: somebody deleted or altered some of them')
    metrics.healed.inc()
    behind = true
  }
  let cancelInspection: () => void
  const inspectLater = () => {
    cancelInspection = clock.after(syncPeriodMs, () => {
      inspectLater()
      if (running || behind) return // it is being written, or soon will be
      running = inspect().catch((error: unknown) => log.error({ err: error, backend: backend.name }, 'Cannot look at the service rules')).finally(() => {
        running = undefined
        if (tracker.changed || behind) wake()
      })
    }, { unref: true })
  }
  inspectLater()
  const view = nodes && new NodeViewTracker(options.node)
  const detach = [
    services.on({
      add: changed((service) => tracker.setService(service)),
      update: changed((service) => tracker.setService(service)),
      delete: changed((service) => tracker.deleteService(service)),
    }),
    ...(nodes && view ? [nodes.on({
      add: changed((node) => tracker.setNode(view.set(node))),
      update: changed((node) => tracker.setNode(view.set(node))),
      delete: changed((node) => tracker.setNode(view.delete(node))),
    })] : []),
    endpointSlices.on({
      add: changed((slice) => tracker.setSlice(slice)),
      update: changed((slice, old) => tracker.setSlice(slice, old)),
      delete: changed((slice) => tracker.deleteSlice(slice)),
    }),
  ]
  // Nothing is written before both are complete: half a table would refuse connections that should work.
  void Promise.all([services.synced, endpointSlices.synced, nodes?.synced]).then(() => wake(0))

  return {
    ready: first.promise,
    health: () => health.at(clock.now(), 2 * syncPeriodMs),
    async stop() {
      stopped = true
      cancelTimer?.()
      cancelInspection()
      for (const off of detach) off()
      await running
      await forgetting
      await backend.stop?.()
    },
  }
}

function proxyMetrics(registry: Registry) {
  const registers = [registry]
  return {
    duration: new Histogram({ name: 'kubeproxy_sync_proxy_rules_duration_seconds', help: 'Time to write one change of the service rules', buckets: [0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096], registers }),
    last: new Gauge({ name: 'kubeproxy_sync_proxy_rules_last_timestamp_seconds', help: 'When the rules were last written', registers }),
    healed: new Counter({ name: 'k8ts_proxy_rules_healed_total', help: 'Times the rules were written anew because others had altered them', registers }),
    failures: new Counter({ name: 'kubeproxy_sync_proxy_rules_failures_total', help: 'Transactions the kernel refused', registers }),
  }
}
