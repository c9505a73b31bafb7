/**
 * The room's narrow waist to the machine's containers: the Container Runtime Interface v1 and nothing else. Names are
 * CRI's, in camel case; `cri.ts` speaks it to containerd (or any CRI server) over a unix socket, `fake.ts` keeps it in
 * memory. Every call rejects with `RuntimeError`. Times are nanoseconds since the epoch.
 */
export interface Runtime {
  version(): Promise<VersionResponse>
  status(): Promise<{ conditions: RuntimeCondition[] }>
  runPodSandbox(config: PodSandboxConfig, runtimeHandler?: string): Promise<string>
  /** Idempotent: a sandbox that is stopped or gone is no error. Kills what still runs in it. */
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<PodSandboxStatus>
  listPodSandbox(filter?: PodSandboxFilter): Promise<PodSandbox[]>
  createContainer(sandbox: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  /** TERM, then KILL after `timeout` seconds. Resolves when the container has stopped; idempotent. */
  stopContainer(id: string, timeout: number): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(filter?: ContainerFilter): Promise<Container[]>
  containerStatus(id: string): Promise<ContainerStatus>
  updateContainerResources(id: string, linux: LinuxContainerResources): Promise<void>
  reopenContainerLog(id: string): Promise<void>
  /** `timeout` in seconds, 0 = none. Rejects with `timeout` when it runs out. */
  execSync(id: string, cmd: readonly string[], timeout: number): Promise<ExecSyncResponse>
  /** The three streaming calls answer with a URL of the runtime's streaming server. */
  exec(request: ExecRequest): Promise<string>
  attach(request: AttachRequest): Promise<string>
  portForward(sandbox: string, ports: readonly number[]): Promise<string>
  listContainerStats(): Promise<ContainerStats[]>
  listImages(): Promise<Image[]>
  imageStatus(image: string): Promise<Image | undefined>
  /** Resolves to the image's reference (its id). */
  pullImage(image: string, auth: AuthConfig | undefined, sandboxConfig: PodSandboxConfig | undefined, signal?: AbortSignal): Promise<string>
  removeImage(image: string): Promise<void>
  imageFsInfo(): Promise<FilesystemUsage[]>
  /**
   * Hints that something happened to a container or sandbox, for as long as the signal allows. Ends (or throws) when
   * the runtime has no event stream or it broke: the caller falls back to listing and tries again.
   */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>
  close(): void
}

/** `id` is a container's or a sandbox's. A hint to look, never the truth. */
export interface RuntimeEvent { readonly id: string; readonly topic: string }

export type RuntimeReason = 'notFound' | 'exists' | 'timeout' | 'unavailable' | 'unimplemented' | 'cancelled' | 'failed'

/** The runtime's one error class. `message` is gRPC's: `rpc error: code = NotFound desc = …`, as users know it from Events. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly reason: RuntimeReason
  /** The runtime's own sentence, without the gRPC prefix. */
  readonly desc: string
  constructor(reason: RuntimeReason, code: string, desc: string) {
    super(`rpc error: code = ${code} desc = ${desc}`)
    this.reason = reason
    this.desc = desc
  }
}

export const isRuntimeNotFound = (error: unknown): boolean => error instanceof RuntimeError && error.reason === 'notFound'
export const isRuntimeUnavailable = (error: unknown): boolean => error instanceof RuntimeError && error.reason === 'unavailable'

export interface VersionResponse { version: string; runtimeName: string; runtimeVersion: string; runtimeApiVersion: string }
export interface RuntimeCondition { type: string; status: boolean; reason: string; message: string }

export interface PodSandboxMetadata { name: string; uid: string; namespace: string; attempt: number }
export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET'
export interface NamespaceOption { network?: NamespaceMode; pid?: NamespaceMode; ipc?: NamespaceMode; targetId?: string }
export interface Int64Value { value: number }
export interface SecurityProfile { profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost'; localhostRef?: string }
export interface SELinuxOption { user?: string; role?: string; type?: string; level?: string }
export interface DNSConfig { servers: string[]; searches: string[]; options: string[] }
export interface PortMapping { protocol: 'TCP' | 'UDP' | 'SCTP'; containerPort: number; hostPort: number; hostIp: string }

export interface LinuxSandboxSecurityContext {
  namespaceOptions?: NamespaceOption
  runAsUser?: Int64Value
  runAsGroup?: Int64Value
  readonlyRootfs?: boolean
  supplementalGroups?: number[]
  privileged?: boolean
  seccomp?: SecurityProfile
  selinuxOptions?: SELinuxOption
}

export interface PodSandboxConfig {
  metadata: PodSandboxMetadata
  hostname?: string
  logDirectory?: string
  dnsConfig?: DNSConfig
  portMappings?: PortMapping[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
  linux?: {
    cgroupParent?: string
    securityContext?: LinuxSandboxSecurityContext
    sysctls?: Record<string, string>
    resources?: LinuxContainerResources
  }
}

export interface PodSandboxFilter { id?: string; state?: { state: PodSandboxState }; labelSelector?: Record<string, string> }
export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY'
export interface PodSandbox {
  id: string
  metadata: PodSandboxMetadata
  state: PodSandboxState
  createdAt: number
  labels: Record<string, string>
  annotations: Record<string, string>
  runtimeHandler: string
}
export interface PodSandboxStatus extends PodSandbox {
  network: { ip: string; additionalIps: { ip: string }[] } | null
  linux: { namespaces: { options: NamespaceOption | null } | null } | null
}

export interface LinuxContainerResources {
  cpuPeriod?: number
  cpuQuota?: number
  cpuShares?: number
  memoryLimitInBytes?: number
  oomScoreAdj?: number
  cpusetCpus?: string
  cpusetMems?: string
  hugepageLimits?: { pageSize: string; limit: number }[]
  unified?: Record<string, string>
}

export interface LinuxContainerSecurityContext {
  capabilities?: { addCapabilities: string[]; dropCapabilities: string[] }
  privileged?: boolean
  namespaceOptions?: NamespaceOption
  selinuxOptions?: SELinuxOption
  runAsUser?: Int64Value
  runAsGroup?: Int64Value
  readonlyRootfs?: boolean
  supplementalGroups?: number[]
  noNewPrivs?: boolean
  maskedPaths?: string[]
  readonlyPaths?: string[]
  seccomp?: SecurityProfile
  apparmor?: SecurityProfile
}

export type MountPropagation = 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL'
export interface Mount { containerPath: string; hostPath: string; readonly?: boolean; selinuxRelabel?: boolean; propagation?: MountPropagation }

export interface ContainerConfig {
  metadata: { name: string; attempt: number }
  image: { image: string; userSpecifiedImage?: string }
  command?: string[]
  args?: string[]
  workingDir?: string
  envs?: { key: string; value: string }[]
  mounts?: Mount[]
  devices?: { containerPath: string; hostPath: string; permissions: string }[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** Relative to the sandbox's `logDirectory`. */
  logPath?: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  linux?: { resources?: LinuxContainerResources; securityContext?: LinuxContainerSecurityContext }
  stopSignal?: string
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN'
export interface ContainerFilter { id?: string; state?: { state: ContainerState }; podSandboxId?: string; labelSelector?: Record<string, string> }
export interface Container {
  id: string
  podSandboxId: string
  metadata: { name: string; attempt: number }
  image: { image: string } | null
  imageRef: string
  state: ContainerState
  createdAt: number
  labels: Record<string, string>
  annotations: Record<string, string>
}
export interface ContainerStatus {
  id: string
  metadata: { name: string; attempt: number }
  state: ContainerState
  createdAt: number
  startedAt: number
  finishedAt: number
  exitCode: number
  image: { image: string } | null
  imageRef: string
  imageId?: string
  reason: string
  message: string
  labels: Record<string, string>
  annotations: Record<string, string>
  mounts: Mount[]
  logPath: string
}

export interface ExecSyncResponse { stdout: Uint8Array; stderr: Uint8Array; exitCode: number }
export interface ExecRequest { containerId: string; cmd: string[]; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }
export interface AttachRequest { containerId: string; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }

export interface UInt64Value { value: number }
export interface ContainerStats {
  attributes: { id: string; metadata: { name: string; attempt: number } | null; labels: Record<string, string>; annotations: Record<string, string> } | null
  cpu: { timestamp: number; usageCoreNanoSeconds: UInt64Value | null; usageNanoCores: UInt64Value | null } | null
  memory: { timestamp: number; workingSetBytes: UInt64Value | null; usageBytes?: UInt64Value | null; rssBytes?: UInt64Value | null } | null
  writableLayer: FilesystemUsage | null
}
export interface FilesystemUsage { timestamp: number; fsId: { mountpoint: string } | null; usedBytes: UInt64Value | null; inodesUsed: UInt64Value | null }

export interface Image {
  id: string
  repoTags: string[]
  repoDigests: string[]
  size: number
  /** Absent: the image does not say, or says a name. */
  uid: Int64Value | null
  username: string
}
export interface AuthConfig { username?: string; password?: string; auth?: string; serverAddress?: string; identityToken?: string; registryToken?: string }
