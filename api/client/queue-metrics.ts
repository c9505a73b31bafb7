import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Clock } from '../../host/clock.ts'

/** What a queue tells of itself. */
export interface QueueMetrics {
  depth(length: number): void
  added(key: string): void
  taken(key: string): void
  finished(key: string): void
  retried(): void
}

const seconds = [1e-8, 1e-7, 1e-6, 9.999999999999999e-6, 9.999999999999999e-5, 0.001, 0.01, 0.1, 1, 10, 100, 1000]

/** The `workqueue_*` families of client-go, one series a queue; queues of one registry share the families. */
export function createQueueMetrics(registry: Registry, name: string, clock: Pick<Clock, 'now'>): QueueMetrics {
  const { depth, adds, retries, waited, worked, unfinished, longest } = families(registry)
  const addedAt = new Map<string, number>()
  const takenAt = new Map<string, number>()
  const age = (since: number) => Math.max(0, clock.now() - since) / 1000

  unfinished.sources.set(name, () => takenAt.values().reduce((sum, since) => sum + age(since), 0))
  longest.sources.set(name, () => takenAt.values().reduce((most, since) => Math.max(most, age(since)), 0))
  depth.set({ name }, 0)

  return {
    depth: (length) => depth.set({ name }, length),
    added(key) {
      adds.inc({ name })
      if (!addedAt.has(key)) addedAt.set(key, clock.now())
    },
    taken(key) {
      const since = addedAt.get(key)
      if (since !== undefined) waited.observe({ name }, age(since))
      addedAt.delete(key)
      takenAt.set(key, clock.now())
    },
    finished(key) {
      const since = takenAt.get(key)
      if (since !== undefined) worked.observe({ name }, age(since))
      takenAt.delete(key)
    },
    retried: () => retries.inc({ name }),
  }
}

type Sampled = Gauge<'name'> & { sources: Map<string, () => number> }

function families(registry: Registry) {
  const labelNames = ['name'] as const
  const registers = [registry]
  const once = <M>(name: string, make: () => M): M => (registry.getSingleMetric(name) as M | undefined) ?? make()
  return {
    depth: once('workqueue_depth', () => new Gauge({ name: 'workqueue_depth', help: 'Current depth of workqueue', labelNames, registers })),
    adds: once('workqueue_adds_total', () => new Counter({ name: 'workqueue_adds_total', help: 'Total number of adds handled by workqueue', labelNames, registers })),
    retries: once('workqueue_retries_total', () => new Counter({ name: 'workqueue_retries_total', help: 'Total number of retries handled by workqueue', labelNames, registers })),
    waited: once('workqueue_queue_duration_seconds', () => new Histogram({ name: 'workqueue_queue_duration_seconds', help: 'How long in seconds an item stays in workqueue before being requested', labelNames, registers, buckets: seconds })),
    worked: once('workqueue_work_duration_seconds', () => new Histogram({ name: 'workqueue_work_duration_seconds', help: 'How long in seconds processing an item from workqueue takes', labelNames, registers, buckets: seconds })),
    unfinished: once('workqueue_unfinished_work_seconds', () => sampled('workqueue_unfinished_work_seconds', 'Seconds of work in progress that no work_duration has counted yet', registry)),
    longest: once('workqueue_longest_running_processor_seconds', () => sampled('workqueue_longest_running_processor_seconds', 'Seconds the longest running processor of the workqueue has been at work', registry)),
  }
}

/** A gauge that is computed when it is scraped. */
function sampled(name: string, help: string, registry: Registry): Sampled {
  const sources = new Map<string, () => number>()
  const gauge = new Gauge({ name, help, labelNames: ['name'] as const, registers: [registry], collect() { for (const [queue, read] of sources) this.set({ name: queue }, read()) } })
  return Object.assign(gauge, { sources })
}
