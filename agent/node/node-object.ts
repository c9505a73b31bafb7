import { isDeepStrictEqual } from 'node:util'
import { quantityOf } from '../../api/schema/quantity.ts'
import type { ContainerImage, Node, NodeCondition, NodeStatus } from '../../api/types/core-v1/node.ts'
import type { Taint } from '../../api/types/core-v1/common.ts'
import { rfc3339 } from '../rfc3339.ts'
import { plain } from '../status/plain.ts'
import type { Capacity, SystemInfo, Usage } from '../machine.ts'
import type { Image } from '../runtime/runtime.ts'

/** The level of the API we speak, as `kubectl get nodes` shows it. */
export const kubeletVersion = 'v1.36.0'

export interface NodeInputs {
  readonly name: string
  readonly ips: readonly string[]
  readonly info: SystemInfo
  readonly capacity: Capacity
  readonly maxPods: number
  /** `containerd://1.6.20`. */
  readonly runtimeVersion: string
  readonly port: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
}

/** What is kept free of pods: the last bytes of memory, and a tenth of the disk, as the original's eviction does by default. */
const memoryReserve = 100 * 1024 * 1024
const diskShare = 0.9

export function nodeLabels({ name, info, labels }: NodeInputs): Record<string, string> {
  const { architecture } = info
  return {
    'beta.kubernetes.io/arch': architecture, 'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux',
    ...labels,
  }
}

/** The object with which a node registers itself. */
export const newNode = (inputs: NodeInputs): Pick<Node, 'metadata' | 'spec'> => ({
  metadata: { name: inputs.name, labels: nodeLabels(inputs) },
  spec: inputs.taints.length > 0 ? { taints: [...inputs.taints] } : {},
})

/** `capacity`, and `allocatable`: what pods may have of it. */
export function resources({ capacity, maxPods }: Pick<NodeInputs, 'capacity' | 'maxPods'>): { capacity: Record<string, string>; allocatable: Record<string, string> } {
  const pages = (of: (bytes: number) => number) => Object.fromEntries(Object.entries(capacity.hugePages).map(([size, bytes]) => [`hugepages-${size}`, quantityOf(of(bytes), 'BinarySI')]))
  const kib = (bytes: number): string => quantityOf(Math.floor(bytes / 1024) * 1024, 'BinarySI')
  const fixed = { cpu: String(capacity.cpus), pods: String(maxPods), ...pages((bytes) => bytes) }
  return {
    capacity: { ...fixed, 'ephemeral-storage': kib(capacity.ephemeralBytes), memory: kib(capacity.memoryBytes) },
    allocatable: {
      ...fixed,
      'ephemeral-storage': quantityOf(Math.floor(capacity.ephemeralBytes * diskShare)),
      memory: kib(Math.max(0, capacity.memoryBytes - memoryReserve)),
    },
  }
}

export interface StatusInputs extends NodeInputs {
  readonly now: number
  readonly usage: Usage
  readonly images: readonly Image[]
  /** Why the node is not ready, or undefined. */
  readonly notReady: string | undefined
  readonly old: NodeStatus | undefined
}

/** The node's status as it ought to be. Heartbeat times are set; the caller decides whether they are worth a write. */
export function nodeStatus(inputs: StatusInputs): NodeStatus {
  const { name, info, ips, port, old, runtimeVersion } = inputs
  return {
    ...resources(inputs),
    conditions: [...conditions(inputs), ...(old?.conditions ?? []).filter(({ type }) => !ownConditions.has(type))],
    addresses: [...ips.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }],
    daemonEndpoints: { kubeletEndpoint: { Port: port ?? 0 } },
    nodeInfo: {
      machineID: info.machineID, systemUUID: info.systemUUID, bootID: info.bootID, kernelVersion: info.kernelVersion, osImage: info.osImage,
      containerRuntimeVersion: runtimeVersion, kubeletVersion, kubeProxyVersion: '', operatingSystem: 'linux', architecture: info.architecture,
    },
    images: imageList(inputs.images),
  }
}

const ownConditions = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'])
const memoryFloor = 100 * 1024 * 1024

function conditions({ now, usage, notReady, old }: StatusInputs): NodeCondition[] {
  const pressure = (type: string, under: boolean, has: string, hasNot: string, what: string): NodeCondition => under
    ? { type, status: 'True', reason: has, message: `kubelet has ${what}` }
    : { type, status: 'False', reason: hasNot, message: hasNot === 'KubeletHasSufficientMemory' ? 'kubelet has sufficient memory available' : hasNot === 'KubeletHasNoDiskPressure' ? 'kubelet has no disk pressure' : 'kubelet has sufficient PID available' }
  const fullDisk = usage.diskAvailableBytes < usage.diskCapacityBytes * 0.1 || (usage.inodes > 0 && usage.inodesFree < usage.inodes * 0.05)
  const wanted: NodeCondition[] = [
    pressure('MemoryPressure', usage.memoryAvailableBytes < memoryFloor, 'KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory', 'insufficient memory available'),
    pressure('DiskPressure', fullDisk, 'KubeletHasDiskPressure', 'KubeletHasNoDiskPressure', 'disk pressure'),
    pressure('PIDPressure', usage.maxPids > 0 && usage.pids > usage.maxPids * 0.9, 'KubeletHasInsufficientPID', 'KubeletHasSufficientPID', 'insufficient PID available'),
    notReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: notReady },
  ]
  return wanted.map((condition) => {
    const before = old?.conditions?.find(({ type }) => type === condition.type)
    return { ...condition, lastHeartbeatTime: rfc3339(now), lastTransitionTime: before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : rfc3339(now) }
  })
}

const mostImages = 50
const mostNames = 5

/** The largest images, as the scheduler looks for them. */
function imageList(images: readonly Image[]): ContainerImage[] {
  return images.toSorted((a, b) => b.size - a.size || a.id.localeCompare(b.id)).slice(0, mostImages)
    .map(({ repoDigests, repoTags, size }) => ({ names: [...repoDigests, ...repoTags].slice(0, mostNames), sizeBytes: size }))
}

/** Whether two statuses differ in more than the heartbeat. */
export function isWorthWriting(old: NodeStatus | undefined, next: NodeStatus): boolean {
  const own = (status: NodeStatus) => (status.conditions ?? []).filter(({ type }) => ownConditions.has(type))
    .map(({ type, status: value, reason, message }) => [type, value, reason, message].join(' ')).sort()
  // What others put into the status is theirs.
  const written = (status: NodeStatus) => plain({ ...Object.fromEntries(Object.keys(next).map((key) => [key, status[key as keyof NodeStatus]])), conditions: own(status) })
  return old === undefined || !isDeepStrictEqual(written(old), written(next))
}
