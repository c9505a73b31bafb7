import type { Clock } from '../../host/clock.ts'
import type { Files } from '../machine.ts'
import { labels } from '../pods/labels.ts'
import { RuntimeError } from './runtime.ts'
import type { AuthConfig, Container, ContainerConfig, ContainerState, ContainerStatus, ExecSyncResponse, Image, PodSandbox, PodSandboxConfig, Runtime, RuntimeEvent } from './runtime.ts'

/** Names a container: its id, or pod and container name (`{ pod: 'web-0' }` is the pod's only or newest one). */
export type ContainerRef = string | { readonly pod: string; readonly namespace?: string; readonly container?: string }

/** What a test may do to the containers of a fake runtime, and what it may see of them. */
export interface FakeControls {
  /** Newest first, removed ones left out. */
  containers(): readonly FakeContainer[]
  container(ref: ContainerRef): FakeContainer
  /** The process ends by itself. Throws when the container does not run. */
  exit(ref: ContainerRef, code: number, reason?: string): void
  /** Writes a line to the container's log. */
  write(ref: ContainerRef, line: string, stream?: 'stdout' | 'stderr'): Promise<void>
  /** The pod's sandbox dies, and all that runs in it. */
  killSandbox(pod: string, namespace?: string): void
  /** How a container behaves that starts from now on. Default: it runs until it is stopped, and ends at once with 143 on TERM. */
  behaviour: (container: FakeContainer) => Behaviour
  /** The answer to `exec` probes, hooks and `kubectl exec`'s simple sister. Default: success with no output. */
  onExec: (container: FakeContainer, command: readonly string[]) => { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string }
  /** Throws when the image cannot be had; resolves when it is there. Default: every pull succeeds at once. */
  onPull: (image: string, auth: AuthConfig | undefined) => Promise<void> | void
  /** Images that are there without a pull. Empty and with the default `onPull` no image is ever missing. */
  readonly images: Set<string>
  /** Switch off: every call is refused as from a runtime that is down. */
  up: boolean
  networkReady: boolean
}

export interface Behaviour {
  /** Ends by itself after so many milliseconds. */
  readonly exitAfter?: number
  readonly exitCode?: number
  /** Goes on until KILL. */
  readonly ignoresTerm?: boolean
  /** StartContainer is refused with this sentence. */
  readonly startError?: string
  /** What it leaves as its last word. */
  readonly message?: string
}

export interface FakeContainer {
  readonly id: string
  readonly name: string
  readonly pod: string
  readonly namespace: string
  readonly sandboxId: string
  readonly attempt: number
  readonly state: ContainerState
  readonly exitCode: number
  readonly config: ContainerConfig
}

interface Sandbox { readonly id: string; readonly config: PodSandboxConfig; readonly createdAt: number; readonly ips: readonly string[]; ready: boolean }
interface Entry extends FakeContainer {
  state: ContainerState
  exitCode: number
  readonly createdAt: number
  startedAt: number
  finishedAt: number
  reason: string
  message: string
  behaviour: Behaviour
  readonly stopped: (() => void)[]
}

export interface FakeOptions {
  readonly clock: Clock
  /** Where logs are written; without it they are not. */
  readonly files?: Files
  /** The address of a pod, or its addresses, by a running number. Default within `10.88.0.0/16`. */
  readonly podIP?: (n: number) => string | readonly string[]
}

export type FakeRuntime = Runtime & FakeControls

/** A runtime in memory. It keeps the contract of the real one as far as the agent can tell; time is the clock's. */
export function fakeRuntime({ clock, files, podIP = (n) => `10.88.${Math.floor(n / 254) % 256}.${(n % 254) + 1}` }: FakeOptions): FakeRuntime {
  const sandboxes = new Map<string, Sandbox>()
  const containers = new Map<string, Entry>()
  const listeners = new Set<(event: RuntimeEvent) => void>()
  const pulled = new Set<string>()
  let counter = 0

  const nano = (): number => clock.now() * 1e6
  const newId = (): string => `${(++counter).toString(16).padStart(8, '0')}${Array.from({ length: 7 }, () => Math.floor(clock.random() * 0xffffffff).toString(16).padStart(8, '0')).join('')}`
  const tell = (id: string, topic: string): void => { for (const listener of listeners) listener({ id, topic }) }
  const newest = <T>(items: Iterable<T>): T[] => [...items].reverse()
  const notFound = (what: string, id: string): RuntimeError => new RuntimeError('notFound', 'NotFound', `an error occurred when try to find ${what} ${JSON.stringify(id)}: not found`)

  /** Every call first asks whether the runtime is there at all, and answers in a later turn, as a socket would. */
  async function serving(): Promise<void> {
    await undefined
    if (!controls.up) throw new RuntimeError('unavailable', 'Unavailable', 'connection error: desc = "transport: Error while dialing: dial unix: connect: connection refused"')
  }
  function containerOf(id: string): Entry {
    const found = containers.get(id)
    if (!found) throw notFound('container', id)
    return found
  }
  function sandboxOf(id: string): Sandbox {
    const found = sandboxes.get(id)
    if (!found) throw notFound('sandbox', id)
    return found
  }

  function find(ref: ContainerRef): Entry {
    const found = typeof ref === 'string' ? containers.get(ref) : newest(containers.values()).find((container) =>
      container.pod === ref.pod && container.namespace === (ref.namespace ?? 'default') && (ref.container === undefined || container.name === ref.container))
    if (!found) throw new Error(`There is no container ${JSON.stringify(ref)} in the fake runtime`)
    return found
  }

  function end(container: Entry, code: number, reason = code === 0 ? 'Completed' : 'Error'): void {
    if (container.state !== 'CONTAINER_RUNNING') return
    Object.assign(container, { state: 'CONTAINER_EXITED', exitCode: code, reason, finishedAt: nano(), message: container.behaviour.message ?? '' })
    for (const resolve of container.stopped.splice(0)) resolve()
    tell(container.id, '/tasks/exit')
  }

  async function stopContainer(id: string, timeout: number): Promise<void> {
    await serving()
    const container = containers.get(id)
    if (container?.state !== 'CONTAINER_RUNNING') return
    if (timeout <= 0) return end(container, 137)
    if (!container.behaviour.ignoresTerm) return end(container, 143)
    await new Promise<void>((resolve) => {
      const cancel = clock.after(timeout * 1000, () => end(container, 137), { unref: true })
      container.stopped.push(() => { cancel(); resolve() })
    })
  }

  function stopSandbox(sandbox: Sandbox): void {
    for (const container of containers.values()) if (container.sandboxId === sandbox.id) end(container, 137)
    if (!sandbox.ready) return
    sandbox.ready = false
    tell(sandbox.id, '/tasks/exit')
  }

  const controls: FakeControls = {
    containers: () => newest(containers.values()),
    container: find,
    exit(ref, code, reason) {
      const container = find(ref)
      if (container.state !== 'CONTAINER_RUNNING') throw new Error(`Cannot end container ${container.name} of ${container.pod}: it does not run`)
      end(container, code, reason)
    },
    async write(ref, line, stream = 'stdout') {
      const container = find(ref)
      const path = logPathOf(container)
      if (!files || !path) return
      await files.mkdir(path.slice(0, path.lastIndexOf('/')))
      const before = await files.read(path).catch(() => Buffer.alloc(0))
      const stamp = new Date(clock.now()).toISOString().replace('Z', '000000Z')
      await files.write(path, Buffer.concat([before, Buffer.from(`${stamp} ${stream} F ${line}\n`)]))
    },
    killSandbox(pod, namespace = 'default') {
      for (const sandbox of sandboxes.values()) if (sandbox.config.metadata.name === pod && sandbox.config.metadata.namespace === namespace) stopSandbox(sandbox)
    },
    behaviour: () => ({}),
    onExec: () => ({ exitCode: 0 }),
    onPull: () => {},
    images: new Set(),
    up: true,
    networkReady: true,
  }
  const logPathOf = (container: Entry): string => {
    const directory = sandboxes.get(container.sandboxId)?.config.logDirectory
    return directory && container.config.logPath ? `${directory}/${container.config.logPath}` : ''
  }
  const has = (image: string): boolean => controls.images.has(image) || pulled.has(image)
  const imageOf = (image: string): Image => ({ id: `sha256:${Buffer.from(image).toString('hex').padEnd(64, '0').slice(0, 64)}`, repoTags: [image], repoDigests: [], size: 1_000_000, uid: null, username: '' })
  const unsupported = async (): Promise<never> => { throw new RuntimeError('unimplemented', 'Unimplemented', 'the runtime in memory has no streaming server') }

  const runtime: Runtime = {
    async version() { await serving(); return { version: '0.1.0', runtimeName: 'fake', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' } },
    async status() {
      await serving()
      return { conditions: [
        { type: 'RuntimeReady', status: true, reason: '', message: '' },
        { type: 'NetworkReady', status: controls.networkReady, reason: controls.networkReady ? '' : 'NetworkPluginNotReady', message: controls.networkReady ? '' : 'Network plugin returns error: cni plugin not initialized' },
      ] }
    },
    async runPodSandbox(config) {
      await serving()
      const sandbox: Sandbox = { id: newId(), config, createdAt: nano(), ips: [podIP(counter)].flat(), ready: true }
      sandboxes.set(sandbox.id, sandbox)
      tell(sandbox.id, '/tasks/start')
      return sandbox.id
    },
    async stopPodSandbox(id) { await serving(); const found = sandboxes.get(id); if (found) stopSandbox(found) },
    async removePodSandbox(id) {
      await serving()
      const found = sandboxes.get(id)
      if (!found) return
      stopSandbox(found)
      for (const container of [...containers.values()]) if (container.sandboxId === id) containers.delete(container.id)
      sandboxes.delete(id)
    },
    async podSandboxStatus(id) {
      await serving()
      const sandbox = sandboxOf(id)
      const onHost = sandbox.config.linux?.securityContext?.namespaceOptions?.network === 'NODE'
      return { ...listed(sandbox), network: onHost || !sandbox.ready ? { ip: '', additionalIps: [] } : { ip: sandbox.ips[0]!, additionalIps: sandbox.ips.slice(1).map((ip) => ({ ip })) }, linux: { namespaces: { options: sandbox.config.linux?.securityContext?.namespaceOptions ?? null } } }
    },
    async listPodSandbox(filter) {
      await serving()
      return newest(sandboxes.values()).map(listed).filter((sandbox) => matches(sandbox, filter))
    },
    async createContainer(sandbox, config) {
      await serving()
      if (!sandboxOf(sandbox).ready) throw new RuntimeError('failed', 'Unknown', `failed to get sandbox container task: no running task found: task ${sandbox} not found: not found`)
      const container: Entry = {
        id: newId(), name: config.metadata.name, attempt: config.metadata.attempt, sandboxId: sandbox, config,
        pod: config.labels?.[labels.podName] ?? '', namespace: config.labels?.[labels.podNamespace] ?? '',
        state: 'CONTAINER_CREATED', exitCode: 0, createdAt: nano(), startedAt: 0, finishedAt: 0, reason: '', message: '', behaviour: {}, stopped: [],
      }
      containers.set(container.id, container)
      return container.id
    },
    async startContainer(id) {
      await serving()
      const container = containerOf(id)
      container.behaviour = controls.behaviour(container)
      const { startError, exitAfter, exitCode } = container.behaviour
      if (startError) {
        Object.assign(container, { state: 'CONTAINER_EXITED', exitCode: 128, reason: 'StartError', message: startError, finishedAt: nano() })
        throw new RuntimeError('failed', 'Unknown', startError)
      }
      Object.assign(container, { state: 'CONTAINER_RUNNING', startedAt: nano() })
      tell(id, '/tasks/start')
      if (exitAfter !== undefined) clock.after(exitAfter, () => end(container, exitCode ?? 0), { unref: true })
    },
    stopContainer,
    async removeContainer(id) {
      await serving()
      const found = containers.get(id)
      if (found) end(found, 137)
      containers.delete(id)
    },
    async listContainers(filter) {
      await serving()
      return newest(containers.values()).map(listedContainer).filter((container) => matches(container, filter) && (!filter?.podSandboxId || container.podSandboxId === filter.podSandboxId))
    },
    async containerStatus(id): Promise<ContainerStatus> {
      await serving()
      const container = containerOf(id)
      const { startedAt, finishedAt, exitCode, reason, message, config } = container
      const { podSandboxId: _, ...same } = listedContainer(container)
      return { ...same, startedAt, finishedAt, exitCode, reason, message, mounts: config.mounts ?? [], logPath: logPathOf(container) }
    },
    async updateContainerResources(id) { await serving(); containerOf(id) },
    async reopenContainerLog(id) { await serving(); containerOf(id) },
    async execSync(id, command): Promise<ExecSyncResponse> {
      await serving()
      const container = containerOf(id)
      if (container.state !== 'CONTAINER_RUNNING') throw new RuntimeError('failed', 'Unknown', 'container is in CONTAINER_EXITED state')
      const { exitCode, stdout = '', stderr = '' } = controls.onExec(container, command)
      return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }
    },
    exec: unsupported, attach: unsupported, portForward: unsupported,
    async listContainerStats() { await serving(); return [] },
    async listImages() { await serving(); return [...new Set([...controls.images, ...pulled])].map(imageOf) },
    async imageStatus(image) {
      await serving()
      const name = image.startsWith('sha256:') ? [...controls.images, ...pulled].find((each) => imageOf(each).id === image) : image
      return name !== undefined && has(name) ? imageOf(name) : undefined
    },
    async pullImage(image, auth) {
      await serving()
      await controls.onPull(image, auth)
      pulled.add(image)
      return imageOf(image).id
    },
    async removeImage(image) { await serving(); controls.images.delete(image); pulled.delete(image) },
    async imageFsInfo() { await serving(); return [] },
    async *events(signal) {
      await serving()
      const pending: RuntimeEvent[] = []
      let wake = (): void => {}
      const listener = (event: RuntimeEvent): void => { pending.push(event); wake() }
      const stop = (): void => wake()
      listeners.add(listener)
      signal.addEventListener('abort', stop, { once: true })
      try {
        while (!signal.aborted) {
          const event = pending.shift()
          if (event) yield event
          else await new Promise<void>((resolve) => { wake = resolve })
        }
      } finally {
        listeners.delete(listener)
        signal.removeEventListener('abort', stop)
      }
    },
    close() {},
  }
  return Object.assign(controls, runtime)
}

const listed = ({ id, config, ready, createdAt }: Sandbox): PodSandbox => ({
  id, metadata: config.metadata, state: ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY', createdAt,
  labels: config.labels ?? {}, annotations: config.annotations ?? {}, runtimeHandler: '',
})

const listedContainer = ({ id, sandboxId, config, state, createdAt }: Entry): Container => ({
  id, podSandboxId: sandboxId, metadata: config.metadata, image: { image: config.image.userSpecifiedImage || config.image.image }, imageRef: config.image.image,
  state, createdAt, labels: config.labels ?? {}, annotations: config.annotations ?? {},
})

interface Filter { id?: string; state?: { state: string }; labelSelector?: Record<string, string> }
const matches = (item: { id: string; state: string; labels: Record<string, string> }, filter: Filter | undefined): boolean =>
  (!filter?.id || item.id === filter.id) && (!filter?.state || item.state === filter.state.state)
  && Object.entries(filter?.labelSelector ?? {}).every(([key, value]) => item.labels[key] === value)
