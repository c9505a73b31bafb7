import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import { quantityMilliValue, quantityValue } from '../../api/schema/quantity.ts'
import type { CgroupLimits } from '../machine.ts'
import type { LinuxContainerResources } from '../runtime/runtime.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const counted = ['cpu', 'memory'] as const
const isZero = (quantity: string | undefined): boolean => quantity === undefined || quantityMilliValue(quantity) === 0
const all = (pod: Pod): Container[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers]

/** Guaranteed: every container limits CPU and memory and requests just that. BestEffort: nobody asks for anything. */
export function qosClass(pod: Pod): QosClass {
  if (pod.status?.qosClass) return pod.status.qosClass as QosClass
  const asked = all(pod).some(({ resources }) => counted.some((name) => !isZero(resources?.requests?.[name]) || !isZero(resources?.limits?.[name])))
  if (!asked) return 'BestEffort'
  const guaranteed = all(pod).every(({ resources }) => counted.every((name) => {
    const limit = resources?.limits?.[name]
    const request = resources?.requests?.[name] ?? limit
    return !isZero(limit) && quantityMilliValue(limit!) === quantityMilliValue(request!)
  }))
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

const period = 100_000
export const cpuShares = (milli: number): number => Math.min(262_144, Math.max(2, Math.floor((milli * 1024) / 1000)))
export const cpuQuota = (milli: number): number => Math.max(1000, Math.floor((milli * period) / 1000))

/** A container's requests and limits as the runtime wants them. */
export function containerResources(pod: Pod, container: Container, memoryCapacity: number): LinuxContainerResources {
  const { requests, limits } = container.resources ?? {}
  const cpuLimit = isZero(limits?.['cpu']) ? undefined : quantityMilliValue(limits!['cpu']!)
  const cpuRequest = requests?.['cpu'] !== undefined ? quantityMilliValue(requests['cpu']) : cpuLimit ?? 0
  const memory = limits?.['memory'] === undefined ? 0 : quantityValue(limits['memory'])
  return {
    cpuShares: cpuShares(cpuRequest),
    ...(cpuLimit !== undefined && { cpuPeriod: period, cpuQuota: cpuQuota(cpuLimit) }),
    ...(memory > 0 && { memoryLimitInBytes: memory }),
    oomScoreAdj: oomScoreAdj(pod, container, memoryCapacity),
  }
}

const criticalPriority = 2_000_000_000

/** Who is killed first when memory runs out: the more a Burstable container asks for, the safer it is. */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacity: number): number {
  if ((pod.spec.priority ?? 0) >= criticalPriority) return -997
  const qos = qosClass(pod)
  if (qos !== 'Burstable') return qos === 'Guaranteed' ? -997 : 1000
  const request = container.resources?.requests?.['memory']
  const score = 1000 - Math.floor((1000 * (request === undefined ? 0 : quantityValue(request))) / memoryCapacity)
  return Math.min(999, Math.max(3, score))
}

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/** What the pod asks for altogether: its containers and sidecars, or an init container if that is more, and the overhead. */
export function podRequests(pod: Pod, name: string, of: 'requests' | 'limits' = 'requests'): number {
  const amount = ({ resources }: Container): number => {
    const quantity = resources?.[of]?.[name] ?? (of === 'requests' ? resources?.limits?.[name] : undefined)
    return quantity === undefined ? 0 : quantityMilliValue(quantity)
  }
  let running = pod.spec.containers.reduce((sum, container) => sum + amount(container), 0)
  let peak = 0
  let sidecars = 0
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) sidecars += amount(container)
    else peak = Math.max(peak, sidecars + amount(container))
    peak = Math.max(peak, sidecars)
  }
  running += sidecars
  const overhead = pod.spec.overhead?.[name]
  return Math.max(running, peak) + (overhead === undefined ? 0 : quantityMilliValue(overhead))
}

/** The limits of the pod's own cgroup: bounded only where every container is. */
export function podCgroupLimits(pod: Pod): CgroupLimits {
  const bounded = (name: string): boolean => all(pod).every(({ resources }) => !isZero(resources?.limits?.[name]))
  const qos = qosClass(pod)
  return {
    cpuShares: qos === 'BestEffort' ? 2 : cpuShares(podRequests(pod, 'cpu')),
    ...(bounded('cpu') && { cpuQuota: cpuQuota(podRequests(pod, 'cpu', 'limits')) }),
    ...(bounded('memory') && { memoryBytes: Math.ceil(podRequests(pod, 'memory', 'limits') / 1000) }),
  }
}

/** `/kubepods/burstable/pod<uid>` below the cgroup root; Guaranteed pods stand directly in `/kubepods`. */
export function podCgroup(root: string, pod: { uid: string; qos: QosClass }): string {
  const base = `${root === '/' ? '' : root}/kubepods`
  return pod.qos === 'Guaranteed' ? `${base}/pod${pod.uid}` : `${base}/${pod.qos.toLowerCase()}/pod${pod.uid}`
}
