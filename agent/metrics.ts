import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Pod } from '../api/types/core-v1/pod.ts'
import type { PodWorker } from './pods/worker.ts'
import type { ProbeType } from './probes/results.ts'

export interface AgentMetrics {
  probe(type: ProbeType, result: string, pod: Pod, container: string): void
  observe(what: Observed, seconds: number): void
}

/** One look at a pod; from a pod's being seen to its running; one listing of everything the runtime has. */
export type Observed = 'sync' | 'start' | 'relist'

const probeTitles: Readonly<Record<ProbeType, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }
const results: Readonly<Record<string, string>> = { success: 'successful', failure: 'failed', unknown: 'unknown' }

/** The agent's metrics, under the kubelet's names. */
export function createAgentMetrics(registry: Registry, { nodeName, pods }: { nodeName: string; pods: () => PodWorker[] }): AgentMetrics {
  const registers = [registry]
  const probes = new Counter({ registers, name: 'prober_probe_total', help: 'Probes by result.', labelNames: ['probe_type', 'result', 'container', 'pod', 'namespace', 'pod_uid'] })
  const sync = new Histogram({ registers, name: 'kubelet_pod_worker_duration_seconds', help: 'How long one look at a pod takes.', labelNames: ['operation_type'], buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5] })
  const start = new Histogram({ registers, name: 'kubelet_pod_start_duration_seconds', help: 'From a pod being seen by this node to its running.', buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300] })
  const relist = new Histogram({ registers, name: 'kubelet_pleg_relist_duration_seconds', help: 'How long one listing of all containers takes.', buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5] })
  new Gauge({
    registers, name: 'kubelet_running_pods', help: 'Pods with a running sandbox.',
    collect() { this.set(pods().filter(({ view }) => view.sandboxes[0]?.ready).length) },
  })
  new Gauge({
    registers, name: 'kubelet_running_containers', help: 'Containers by state.', labelNames: ['container_state'],
    collect() {
      this.reset()
      for (const { view } of pods()) for (const { state } of view.containers) this.inc({ container_state: state })
    },
  })
  new Gauge({ registers, name: 'kubelet_node_name', help: 'The node\'s name.', labelNames: ['node'] }).set({ node: nodeName }, 1)
  return {
    probe(type, result, { metadata }, container) {
      probes.inc({ probe_type: probeTitles[type], result: results[result] ?? result, container, pod: metadata.name, namespace: metadata.namespace ?? '', pod_uid: metadata.uid ?? '' })
    },
    observe(what, seconds) {
      if (what === 'sync') sync.observe({ operation_type: what }, seconds)
      else (what === 'start' ? start : relist).observe(seconds)
    },
  }
}
