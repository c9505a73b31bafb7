import type { Container, ContainerStatus, PodSandbox, PodSandboxStatus } from '../runtime/runtime.ts'
import { annotations, labels } from './labels.ts'

/** What the runtime has of one pod. Lists are newest first; times are milliseconds since the epoch, 0 where it has not happened. */
export interface PodView {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly sandboxes: readonly SandboxView[]
  readonly containers: readonly ContainerView[]
}

export interface SandboxView {
  readonly id: string
  readonly attempt: number
  readonly ready: boolean
  readonly createdAt: number
  readonly ips: readonly string[]
}

export interface ContainerView {
  readonly id: string
  readonly name: string
  readonly sandboxId: string
  /** The restart count. */
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly image: string
  readonly imageID: string
  readonly hash: string
  /** Seconds; see `annotations.backoff`. */
  readonly backoff: number
  readonly gracePeriod: number
  readonly preStop: string | undefined
  readonly logPath: string
}

export const emptyView = (pod: { uid: string; name: string; namespace: string }): PodView => ({ ...pod, sandboxes: [], containers: [] })

const states = { CONTAINER_CREATED: 'created', CONTAINER_RUNNING: 'running', CONTAINER_EXITED: 'exited', CONTAINER_UNKNOWN: 'unknown' } as const
const milliseconds = (nanoseconds: number): number => Math.floor(nanoseconds / 1e6)

export function sandboxView(sandbox: PodSandbox, status: PodSandboxStatus | undefined, nodeIP = ''): SandboxView {
  const network = status?.network
  return {
    id: sandbox.id,
    attempt: sandbox.metadata.attempt,
    ready: sandbox.state === 'SANDBOX_READY',
    createdAt: milliseconds(sandbox.createdAt),
    ips: network?.ip ? podIPs([network.ip, ...network.additionalIps.map(({ ip }) => ip)], nodeIP) : [],
  }
}

/** One address of each family, that of the node's primary address first, whatever the runtime's order is. */
export function podIPs(ips: readonly string[], nodeIP: string): string[] {
  const isIPv6 = (ip: string): boolean => ip.includes(':')
  const of = (six: boolean) => ips.find((ip) => isIPv6(ip) === six)
  return [of(isIPv6(nodeIP)), of(!isIPv6(nodeIP))].filter((ip) => ip !== undefined)
}

/** `message` is the termination message, read by the caller. */
export function containerView(container: Container, status: ContainerStatus, message: string): ContainerView {
  const notes = status.annotations
  return {
    id: container.id,
    name: container.metadata.name,
    sandboxId: container.podSandboxId,
    attempt: Number(notes[annotations.restartCount] ?? container.metadata.attempt),
    state: states[status.state],
    createdAt: milliseconds(status.createdAt),
    startedAt: milliseconds(status.startedAt),
    finishedAt: milliseconds(status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message,
    image: status.image?.image ?? '',
    imageID: status.imageRef,
    hash: notes[annotations.hash] ?? '',
    backoff: Number(notes[annotations.backoff] ?? 0),
    gracePeriod: Number(notes[annotations.gracePeriod] ?? 30),
    preStop: notes[annotations.preStop],
    logPath: status.logPath,
  }
}

/** Whose a sandbox or container is, by its labels; undefined when no kubelet made it. */
export function ownerOf(of: { labels: Record<string, string> }): { uid: string; name: string; namespace: string } | undefined {
  const uid = of.labels[labels.podUid]
  return uid ? { uid, name: of.labels[labels.podName] ?? '', namespace: of.labels[labels.podNamespace] ?? '' } : undefined
}
