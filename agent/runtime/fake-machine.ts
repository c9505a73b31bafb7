import type { Capacity, Files, HttpAnswer, HttpProbe, Machine, ProbeNetwork } from '../machine.ts'
import { memoryFiles } from './memory-files.ts'

/** A machine in memory, for agents that need no root and leave nothing behind. */
export interface FakeMachine extends Machine {
  readonly network: FakeNetwork
  /** Mounted file systems in memory: `path → options`. */
  readonly mounted: ReadonlyMap<string, { readonly sizeBytes?: number }>
}

/** What probes find. Each may be replaced; a rejection is a failed probe. */
export interface FakeNetwork extends ProbeNetwork {
  http: (request: HttpProbe) => Promise<HttpAnswer>
  tcp: (host: string, port: number, timeoutMs: number) => Promise<void>
  grpc: (host: string, port: number, service: string, timeoutMs: number) => Promise<string>
}

export interface FakeMachineOptions {
  readonly hostname?: string
  readonly capacity?: Partial<Capacity>
  readonly files?: Files
}

const gibi = 1024 ** 3

export function fakeMachine({ hostname = 'fake', capacity, files = memoryFiles() }: FakeMachineOptions = {}): FakeMachine {
  const mounted = new Map<string, { readonly sizeBytes?: number }>()
  const has: Capacity = { cpus: 4, memoryBytes: 8 * gibi, ephemeralBytes: 100 * gibi, hugePages: {}, ...capacity }
  return {
    files, mounted,
    mounts: {
      async tmpfs(path, options) { mounted.set(path, options) },
      async unmountBelow(path) { for (const mount of mounted.keys()) if (mount === path || mount.startsWith(`${path}/`)) mounted.delete(mount) },
      async makeShared() {},
    },
    cgroups: { version: 2, async ensure() {}, async remove() {}, async list() { return [] } },
    facts: {
      async info() {
        return { machineID: hostname, systemUUID: hostname, bootID: hostname, kernelVersion: '6.0.0', osImage: 'In memory', architecture: 'amd64' }
      },
      async capacity() { return has },
      async usage() {
        return {
          memoryAvailableBytes: has.memoryBytes, diskAvailableBytes: has.ephemeralBytes, diskCapacityBytes: has.ephemeralBytes,
          inodesFree: 1_000_000, inodes: 1_000_000, pids: 100, maxPids: 32_768, cpuNanoSeconds: 0,
        }
      },
      async resolvConf() { return 'nameserver 192.0.2.53\n' },
      async hosts() { return '127.0.0.1\tlocalhost\n' },
    },
    network: {
      async http() { return { status: 200, body: '' } },
      async tcp() {},
      async grpc() { return 'SERVING' },
    },
  }
}
