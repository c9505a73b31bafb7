/**
 * What the agent needs of the machine it runs on, in small interfaces. The real ones are `host/machine-linux.ts`;
 * `agent/testing/fake-machine.ts` keeps everything in memory, so that a whole cluster runs without root.
 */
export interface Machine {
  readonly files: Files
  readonly mounts: Mounts
  readonly cgroups: Cgroups
  readonly facts: Facts
  readonly network: ProbeNetwork
}

/** The machine's file system, as far as volumes and logs need it. Missing files reject with an `ENOENT`, as Node's do. */
export interface Files {
  /** With parents; an existing directory is left alone. */
  mkdir(path: string, mode?: number): Promise<void>
  write(path: string, data: Uint8Array | string, mode?: number): Promise<void>
  /** Up to `length` bytes from `offset`; short at the end of the file. */
  read(path: string, offset?: number, length?: number): Promise<Buffer>
  rename(from: string, to: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  /** The path without symbolic links. */
  realpath(path: string): Promise<string>
  readlink(path: string): Promise<string>
  /** The whole tree; absence is no error. Never crosses into another mounted file system: unmount first. */
  remove(path: string): Promise<void>
  /** Names in a directory, [] when it is not there. */
  list(path: string): Promise<string[]>
  /** Follows links; undefined when there is nothing. */
  stat(path: string): Promise<FileInfo | undefined>
  chmod(path: string, mode: number): Promise<void>
  /** Does not follow links; -1 leaves a side as it is. */
  chown(path: string, uid: number, gid: number): Promise<void>
  /** Calls when the file or something in the directory may have changed. The returned function ends it. */
  watch(path: string, changed: () => void): () => void
}

export interface FileInfo {
  readonly type: 'file' | 'directory' | 'socket' | 'blockDevice' | 'charDevice' | 'other'
  readonly size: number
  readonly mode: number
  readonly inode: number
}

export interface Mounts {
  /** A file system in memory. Idempotent: an existing mount at `path` stays. */
  tmpfs(path: string, options: { readonly sizeBytes?: number; readonly mode?: number }): Promise<void>
  /** Everything mounted at or below `path`, deepest first. Absence is no error. */
  unmountBelow(path: string): Promise<void>
  /** Makes the mount that holds `path` shared, which mount propagation needs. */
  makeShared(path: string): Promise<void>
}

export interface Cgroups {
  readonly version: 1 | 2
  /** Makes the group with its parents in every controller and sets the limits given. Path from the cgroup root: `/kubepods/burstable/pod1`. */
  ensure(path: string, limits: CgroupLimits): Promise<void>
  /** Absence is no error; a group with processes stays and rejects. */
  remove(path: string): Promise<void>
  /** Names of the groups directly below. */
  list(path: string): Promise<string[]>
}

/** Absent: left as it is. */
export interface CgroupLimits {
  readonly cpuShares?: number
  /** Microseconds in each period of 100 ms; -1: no limit. */
  readonly cpuQuota?: number
  readonly memoryBytes?: number
  readonly pids?: number
}

/** Facts that do not change while the machine is up, and a few that do. */
export interface Facts {
  info(): Promise<SystemInfo>
  capacity(): Promise<Capacity>
  usage(): Promise<Usage>
  /** For the `Default` DNS policy: the text of the machine's resolv.conf. */
  resolvConf(): Promise<string>
  /** The text of the machine's /etc/hosts. */
  hosts(): Promise<string>
}

export interface SystemInfo {
  readonly machineID: string
  readonly systemUUID: string
  readonly bootID: string
  readonly kernelVersion: string
  readonly osImage: string
  /** Go's word: `amd64`. */
  readonly architecture: string
}

export interface Capacity {
  readonly cpus: number
  readonly memoryBytes: number
  readonly ephemeralBytes: number
  /** Bytes by page size in Kubernetes' name: `{ '2Mi': 0 }`. */
  readonly hugePages: Readonly<Record<string, number>>
}

export interface Usage {
  readonly memoryAvailableBytes: number
  readonly diskAvailableBytes: number
  readonly diskCapacityBytes: number
  readonly inodesFree: number
  readonly inodes: number
  readonly pids: number
  readonly maxPids: number
  /** Since boot. */
  readonly cpuNanoSeconds: number
}

/** How HTTP, TCP and gRPC probes and lifecycle hooks reach a pod. */
export interface ProbeNetwork {
  http(request: HttpProbe): Promise<HttpAnswer>
  /** Resolves when the connection stands; rejects with the dialler's error. */
  tcp(host: string, port: number, timeoutMs: number): Promise<void>
  /** The status of `grpc.health.v1.Health/Check`: `SERVING`. */
  grpc(host: string, port: number, service: string, timeoutMs: number): Promise<string>
}

export interface HttpProbe {
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly timeoutMs: number
}

/** `body` is cut at 10 KiB. */
export interface HttpAnswer { readonly status: number; readonly body: string }
