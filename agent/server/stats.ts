import { rfc3339 } from '../rfc3339.ts'
import { labels } from '../pods/labels.ts'
import type { ContainerStats } from '../runtime/runtime.ts'
import type { ServerDeps } from './deps.ts'

interface Sample { readonly container: string; readonly pod: string; readonly namespace: string; readonly uid: string; readonly at: number; readonly cpu: number; readonly nanoCores: number | undefined; readonly memory: number; readonly disk: number; readonly inodes: number }

async function samples({ runtime, clock }: ServerDeps): Promise<Sample[]> {
  return (await runtime.listContainerStats()).flatMap((stats) => sampleOf(stats, clock.now()))
}

function sampleOf({ attributes, cpu, memory, writableLayer }: ContainerStats, now: number): Sample[] {
  const own = attributes?.labels
  if (!own?.[labels.podUid] || !own[labels.containerName] || !cpu || !memory) return []
  return [{
    container: own[labels.containerName]!, pod: own[labels.podName]!, namespace: own[labels.podNamespace]!, uid: own[labels.podUid]!,
    at: Math.floor(cpu.timestamp / 1e6) || now,
    cpu: cpu.usageCoreNanoSeconds?.value ?? 0, nanoCores: cpu.usageNanoCores?.value,
    memory: memory.workingSetBytes?.value ?? 0, disk: writableLayer?.usedBytes?.value ?? 0, inodes: writableLayer?.inodesUsed?.value ?? 0,
  }]
}

const byPod = (all: readonly Sample[]): Map<string, Sample[]> => Map.groupBy(all, ({ uid }) => uid)
const sum = (all: readonly Sample[], of: (sample: Sample) => number): number => all.reduce((total, sample) => total + of(sample), 0)

/** `/stats/summary`, as far as CRI tells. */
export async function statsSummary(deps: ServerDeps): Promise<object> {
  const [all, usage, capacity] = await Promise.all([samples(deps), deps.machine.facts.usage(), deps.machine.facts.capacity()])
  const time = rfc3339(deps.clock.now())
  const cpu = (at: number, cores: number, nanoCores?: number) => ({ time: rfc3339(at), usageCoreNanoSeconds: cores, ...(nanoCores !== undefined && { usageNanoCores: nanoCores }) })
  const fs = { time, availableBytes: usage.diskAvailableBytes, capacityBytes: usage.diskCapacityBytes, usedBytes: usage.diskCapacityBytes - usage.diskAvailableBytes, inodesFree: usage.inodesFree, inodes: usage.inodes }
  return {
    node: {
      nodeName: deps.nodeName,
      cpu: cpu(deps.clock.now(), usage.cpuNanoSeconds),
      memory: { time, availableBytes: usage.memoryAvailableBytes, workingSetBytes: capacity.memoryBytes - usage.memoryAvailableBytes, usageBytes: capacity.memoryBytes - usage.memoryAvailableBytes },
      fs, rlimit: { time, maxpid: usage.maxPids, curproc: usage.pids },
    },
    pods: [...byPod(all).values()].map((containers) => ({
      podRef: { name: containers[0]!.pod, namespace: containers[0]!.namespace, uid: containers[0]!.uid },
      cpu: cpu(containers[0]!.at, sum(containers, (sample) => sample.cpu)),
      memory: { time, workingSetBytes: sum(containers, (sample) => sample.memory) },
      containers: containers.map((sample) => ({
        name: sample.container,
        cpu: cpu(sample.at, sample.cpu, sample.nanoCores),
        memory: { time: rfc3339(sample.at), workingSetBytes: sample.memory },
        rootfs: { time: rfc3339(sample.at), usedBytes: sample.disk, inodesUsed: sample.inodes },
      })),
    })),
  }
}

/** `/metrics/resource`: what metrics-server reads. */
export async function resourceMetrics(deps: ServerDeps): Promise<string> {
  const lines: string[] = []
  const family = (name: string, type: string, help: string, rows: readonly (readonly [string, number, number?])[]): void => {
    if (rows.length > 0) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows.map(([marks, value, at]) => `${name}${marks} ${value}${at === undefined ? '' : ` ${at}`}`))
  }
  const [all, usage, capacity] = await Promise.all([samples(deps), deps.machine.facts.usage(), deps.machine.facts.capacity()])
  const container = ({ container: name, namespace, pod }: Sample): string => `{container="${name}",namespace="${namespace}",pod="${pod}"}`
  const pods = [...byPod(all).values()]
  const podMarks = ([first]: readonly Sample[]): string => `{namespace="${first!.namespace}",pod="${first!.pod}"}`
  family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the container in core-seconds', all.map((sample) => [container(sample), sample.cpu / 1e9, sample.at]))
  family('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', all.map((sample) => [container(sample), sample.memory, sample.at]))
  family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [['', usage.cpuNanoSeconds / 1e9, deps.clock.now()]])
  family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [['', capacity.memoryBytes - usage.memoryAvailableBytes, deps.clock.now()]])
  family('pod_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the pod in core-seconds', pods.map((pod) => [podMarks(pod), sum(pod, (sample) => sample.cpu) / 1e9, pod[0]!.at]))
  family('pod_memory_working_set_bytes', 'gauge', 'Current working set of the pod in bytes', pods.map((pod) => [podMarks(pod), sum(pod, (sample) => sample.memory), pod[0]!.at]))
  family('resource_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [['', 0]])
  return `${lines.join('\n')}\n`
}
