import type { Registry } from 'prom-client'
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Pending } from './pending.ts'
import type { Snapshot } from './snapshot.ts'

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** What the scheduler counts, under the names of kube-scheduler. */
export interface SchedulerMetrics {
  /** One try, with the seconds it took from taking the pod up to the decision, and with binding where there was one. */
  attempt(result: AttemptResult, algorithmSeconds: number, seconds: number): void
  /** A pod has its node: how many tries and seconds it took since it came. */
  placed(attempts: number, seconds: number): void
  incoming(queue: 'active' | 'backoff' | 'unschedulable', event: string): void
}

const powers = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from * 2 ** index)

/** A scheduler that is switched off and on again in one process finds its metrics there. */
function once<T>(registry: Registry, name: string, make: () => T): T {
  return (registry.getSingleMetric(name) as T | undefined) ?? make()
}

export function createMetrics(registry: Registry | undefined, profile: string, pending: Pending, snapshot: Snapshot): SchedulerMetrics {
  if (!registry) return { attempt() {}, placed() {}, incoming() {} }
  const registers = [registry]
  const labelNames = ['result', 'profile'] as const
  const attempts = once(registry, 'scheduler_schedule_attempts_total', () => new Counter({ name: 'scheduler_schedule_attempts_total', help: 'Tries to schedule a pod, by result.', labelNames, registers }))
  const duration = once(registry, 'scheduler_scheduling_attempt_duration_seconds', () => new Histogram({ name: 'scheduler_scheduling_attempt_duration_seconds', help: 'Time of a try, with binding.', labelNames, buckets: powers(0.001, 15), registers }))
  const algorithm = once(registry, 'scheduler_scheduling_algorithm_duration_seconds', () => new Histogram({ name: 'scheduler_scheduling_algorithm_duration_seconds', help: 'Time of the decision alone.', buckets: powers(0.001, 15), registers }))
  const tries = once(registry, 'scheduler_pod_scheduling_attempts', () => new Histogram({ name: 'scheduler_pod_scheduling_attempts', help: 'Tries until a pod had its node.', buckets: [1, 2, 4, 8, 16], registers }))
  const sli = once(registry, 'scheduler_pod_scheduling_sli_duration_seconds', () => new Histogram({ name: 'scheduler_pod_scheduling_sli_duration_seconds', help: 'Time from the pod\'s coming to its binding.', labelNames: ['attempts'], buckets: powers(0.01, 20), registers }))
  const incoming = once(registry, 'scheduler_queue_incoming_pods_total', () => new Counter({ name: 'scheduler_queue_incoming_pods_total', help: 'Pods that came into a queue, and why.', labelNames: ['queue', 'event'], registers }))
  gauges(registry, pending, snapshot)
  return {
    attempt(result, algorithmSeconds, seconds) {
      attempts.inc({ result, profile })
      duration.observe({ result, profile }, seconds)
      algorithm.observe(algorithmSeconds)
    },
    placed(count, seconds) {
      tries.observe(count)
      sli.observe({ attempts: String(count) }, seconds)
    },
    incoming: (queue, event) => incoming.inc({ queue, event }),
  }
}

/** Read when somebody asks; the last scheduler started in the process speaks. */
function gauges(registry: Registry, pending: Pending, snapshot: Snapshot): void {
  for (const name of ['scheduler_pending_pods', 'scheduler_cache_size']) registry.removeSingleMetric(name)
  new Gauge({
    name: 'scheduler_pending_pods', help: 'Pods that wait, by queue.', labelNames: ['queue'], registers: [registry],
    collect() { for (const queue of ['active', 'backoff', 'unschedulable'] as const) this.set({ queue }, pending.counts[queue]) },
  })
  new Gauge({
    name: 'scheduler_cache_size', help: 'Nodes and pods the scheduler knows.', labelNames: ['type'], registers: [registry],
    collect() { this.set({ type: 'nodes' }, snapshot.nodes.length); this.set({ type: 'pods' }, snapshot.podCount) },
  })
}
