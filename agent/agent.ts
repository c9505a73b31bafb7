import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../api/client/client.ts'
import { createRecorder } from '../api/client/recorder.ts'
import { startInformer } from '../api/client/start-informer.ts'
import { pods as podKind } from '../api/kinds/core-v1/pod.ts'
import { services as serviceKind } from '../api/kinds/core-v1/service.ts'
import type { Taint } from '../api/types/core-v1/common.ts'
import type { Clock } from '../host/clock.ts'
import { keepLogsSmall } from './logs/rotate.ts'
import type { Machine } from './machine.ts'
import { createAgentMetrics } from './metrics.ts'
import { createNodeKeeper } from './node/node.ts'
import { admit } from './pods/admission.ts'
import { createPodEvents } from './pods/event-sink.ts'
import { createImages } from './pods/images.ts'
import { createPods } from './pods/pods.ts'
import type { Pods } from './pods/pods.ts'
import { createRuntimeCache } from './pods/runtime-cache.ts'
import { createPodSources } from './pods/sources.ts'
import { terminationMessage } from './pods/termination-message.ts'
import { createProber } from './probes/prober.ts'
import { createProbeResults } from './probes/results.ts'
import type { Runtime } from './runtime/runtime.ts'
import { startServer } from './server/server.ts'
import type { Serving } from './server/server.ts'
import { createStatusWriter } from './status/status-writer.ts'
import { createTokens } from './volumes/tokens.ts'
import { createVolumes } from './volumes/volumes.ts'

export interface AgentOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
  readonly runtime: Runtime
  readonly machine: Machine
  readonly nodeName: string
  /** The address(es) others reach the node at; the first is the primary one. */
  readonly nodeIP: string | readonly string[]
  /** Volumes and the agent's own files: `/var/lib/kubelet`. */
  readonly rootDir: string
  /** `/var/log/pods` */
  readonly podLogsDir: string
  /** `/var/log/containers`; null: no links there. */
  readonly containerLogsDir: string | null
  /** Under which cgroup `kubepods` stands; `/` is usual. */
  readonly cgroupRoot: string
  readonly cgroupDriver: 'cgroupfs'
  readonly clusterDNS?: readonly string[]
  readonly clusterDomain?: string
  readonly maxPods?: number
  /** Null: no server; for whole clusters in one process. */
  readonly serving: Serving | null
  /** Why pods cannot have a network yet, or undefined when they can. */
  readonly network: { ready(): string | undefined }
  readonly metrics: Registry
  readonly nodeLabels?: Readonly<Record<string, string>>
  readonly registerTaints?: readonly Taint[]
  readonly containerLogMaxSize?: number
  readonly containerLogMaxFiles?: number
}

export interface Agent {
  /** The node is registered and its first status written, the pods bound to it are being worked on, the server listens. */
  readonly ready: Promise<void>
  readonly pods: Pods
  /** The port the server listens on. */
  readonly port: number | undefined
  /** Ends the agent's own work; containers run on. */
  stop(): Promise<void>
}

/** The node agent: makes this machine's containers what the API says, and tells the API what they are. */
export function createAgent(options: AgentOptions): Agent {
  const { client, clock, log, runtime, machine, nodeName, rootDir } = options
  const over = new AbortController()
  const { signal } = over
  const deps = { client, clock, log, signal }
  const nodeIPs = typeof options.nodeIP === 'string' ? [options.nodeIP] : options.nodeIP
  const recorder = createRecorder({ ...deps, component: 'kubelet', host: nodeName })
  const events = createPodEvents(recorder)
  const metrics = createAgentMetrics(options.metrics, { nodeName, pods: () => pods.list() })
  const cache = createRuntimeCache(runtime, (status) => terminationMessage(machine.files, status), nodeIPs[0] ?? '')
  const informer = startInformer(client, podKind, { fieldSelector: `spec.nodeName=${nodeName}` }, deps)
  const services = startInformer(client, serviceKind, {}, deps)
  const tokens = createTokens(client, clock)
  const results = createProbeResults((id) => pods.wake(cache.uidOf(id) ?? ''))
  const prober = createProber({ runtime, network: machine.network, clock, results, events, counted: metrics.probe })
  const status = createStatusWriter(deps)
  const volumes = createVolumes(machine, rootDir)
  const networkReady = (): string | undefined => options.network.ready()
  const keeper = createNodeKeeper({
    ...deps, runtime, machine, nodeName, nodeIPs, networkReady,
    maxPods: options.maxPods ?? 110, labels: options.nodeLabels ?? {}, taints: options.registerTaints ?? [],
    port: () => server?.port, becameReady: () => pods.wakeAll(),
  })
  const sources = createPodSources({
    ...deps, services, tokens, hostIPs: nodeIPs, allocatable: () => keeper.allocatable(), changed: (uid) => pods.referencesChanged(uid),
  })
  const clusterDomain = options.clusterDomain ?? 'cluster.local'
  const pods: Pods = createPods({
    ...deps, informer, runtime, cache, leftovers: volumes.uids, observe: metrics.observe,
    rejection: async (pod, others) => {
      const node = keeper.current()
      return node && admit(pod, others, node)
    },
    workers: () => ({
      ...deps, runtime, machine, cache, results, prober, tokens, status, volumes, events, sources, rootDir, clusterDomain, networkReady,
      images: createImagesOnce(), podLogsDir: options.podLogsDir, containerLogsDir: options.containerLogsDir,
      cgroupRoot: options.cgroupRoot, clusterDNS: options.clusterDNS ?? [], statusWritten: status.written, observe: metrics.observe,
    }),
  })
  let images: ReturnType<typeof createImages> | undefined
  const createImagesOnce = () => images ??= createImages({ runtime, clock, events })
  let server: Awaited<ReturnType<typeof startServer>> | undefined

  /** The parents of all pods' groups. BestEffort has what the others leave. */
  async function prepareCgroups(): Promise<void> {
    const base = `${options.cgroupRoot === '/' ? '' : options.cgroupRoot}/kubepods`
    const shares = { [base]: 1024 * (await machine.facts.capacity()).cpus, [`${base}/burstable`]: 1024, [`${base}/besteffort`]: 2 }
    for (const [path, cpuShares] of Object.entries(shares)) {
      await machine.cgroups.ensure(path, { cpuShares }).catch((error: unknown) => log.warn({ err: error, path }, 'Make cgroup: failed'))
    }
  }

  async function start(): Promise<void> {
    await machine.files.mkdir(rootDir, 0o755)
    if (options.serving) {
      server = await startServer(options.serving, {
        ...deps, runtime, machine, pods, registry: options.metrics, nodeName, podLogsDir: options.podLogsDir,
      })
    }
    await prepareCgroups()
    await keeper.start()
    await pods.start()
    void keepLogsSmall({ runtime, files: machine.files, clock, log, signal, maxSize: options.containerLogMaxSize ?? 10 * 1024 * 1024, maxFiles: options.containerLogMaxFiles ?? 5 })
  }

  return {
    ready: start(),
    pods,
    get port() { return server?.port },
    async stop() {
      over.abort()
      pods.stop()
      prober.stop()
      sources.stop()
      await server?.close()
      await Promise.all([informer.stop(), services.stop()])
    },
  }
}
