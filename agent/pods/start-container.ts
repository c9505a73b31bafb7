import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Secret } from '../../api/types/core-v1/config.ts'
import type { Clock } from '../../host/clock.ts'
import type { Machine } from '../machine.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { Mount, PodSandboxConfig, Runtime } from '../runtime/runtime.ts'
import { containerMounts } from '../volumes/container-mounts.ts'
import type { Volumes } from '../volumes/volumes.ts'
import { containerConfig } from './container-config.ts'
import { findContainer } from './containers.ts'
import type { SpecContainer } from './containers.ts'
import { ConfigError, environment } from './env.ts'
import type { EnvSources } from './env.ts'
import type { PodEvents } from './event-sink.ts'
import { runHook } from './hooks.ts'
import { StartError } from './images.ts'
import type { Images } from './images.ts'
import type { RuntimeCache } from './runtime-cache.ts'
import { hostsFile } from './hostname.ts'
import { checkUser } from './security.ts'

export interface StartDeps {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly machine: Machine
  readonly images: Images
  readonly volumes: Volumes
  readonly events: PodEvents
  readonly rootDir: string
  readonly containerLogsDir: string | null
  readonly clusterDomain: string
  readonly cache: Pick<RuntimeCache, 'made'>
}

/** One start of one container. */
export interface StartRequest {
  readonly pod: Pod
  readonly name: string
  readonly attempt: number
  readonly backoff: number
  readonly sandbox: { readonly id: string; readonly ips: readonly string[] }
  readonly sandboxConfig: PodSandboxConfig
  readonly sources: () => Promise<{ readonly env: EnvSources; readonly pullSecrets: readonly Secret[] }>
  readonly targetId: string | undefined
  readonly signal: AbortSignal
}

/** Image, configuration, create, start, postStart. Rejects with `StartError`, whose reason is the container's waiting reason. */
export async function startContainer(request: StartRequest, deps: StartDeps): Promise<void> {
  const { pod, signal } = request
  const { runtime, events } = deps
  const container = findContainer(pod, request.name)
  if (!container) return
  const about = { kind: container.kind, name: request.name }
  const fail = (reason: string, message: string, eventMessage = `Error: ${message}`): StartError => {
    events.container(pod, about, 'Warning', 'Failed', eventMessage)
    return new StartError(reason, message)
  }
  const { env, pullSecrets } = await request.sources()
  const image = await deps.images.ensure(pod, container, request.sandboxConfig, pullSecrets, signal)
  signal.throwIfAborted()
  const config = await configure(request, container, env, image, deps).catch((error: unknown) => {
    if (error instanceof ConfigError) throw fail('CreateContainerConfigError', error.message)
    throw fail('CreateContainerError', text(error))
  })
  signal.throwIfAborted()
  const id = await create(request, config, deps).catch((error: unknown) => { throw fail('CreateContainerError', text(error)) })
  deps.cache.made(id, pod.metadata.uid!)
  events.container(pod, about, 'Normal', 'Created', 'Container created')
  await runtime.startContainer(id).catch((error: unknown) => { throw fail('RunContainerError', text(error)) })
  events.container(pod, about, 'Normal', 'Started', 'Container started')
  await linkLog(request, container, id, deps)
  await postStart(request, container, id, deps)
}

/** The original prints the runtime's own sentence here, without the gRPC code. */
const text = (error: unknown): string => (error instanceof RuntimeError ? error.desc : error instanceof Error ? error.message : String(error))

async function configure(request: StartRequest, container: SpecContainer, env: EnvSources, image: { id: string; uid: { value: number } | null; username: string }, deps: StartDeps) {
  const { pod, attempt, backoff, targetId } = request
  checkUser(pod, container.spec, image)
  const variables = environment(pod, container.spec, env)
  const mounts = [
    ...await containerMounts(pod, container.spec, variables, deps.volumes, deps.machine.files),
    ...await ownMounts(request, container, deps),
  ]
  for (const { hostPath, propagation } of mounts) if (propagation && propagation !== 'PROPAGATION_PRIVATE') await deps.machine.mounts.makeShared(hostPath)
  const { memoryBytes } = await deps.machine.facts.capacity()
  return containerConfig(pod, container, {
    attempt, backoff, imageRef: image.id, environment: variables, mounts, memoryCapacity: memoryBytes, cgroupVersion: deps.machine.cgroups.version, targetId, seccompRoot: `${deps.rootDir}/seccomp`,
  })
}

/** A container of the same name and attempt that an earlier, interrupted start has left is taken away first. */
async function create(request: StartRequest, config: ReturnType<typeof containerConfig>, { runtime }: StartDeps): Promise<string> {
  const make = (): Promise<string> => runtime.createContainer(request.sandbox.id, config, request.sandboxConfig)
  try {
    return await make()
  } catch (error) {
    const leftover = error instanceof RuntimeError && /is reserved for "?([0-9a-f]{64})/.exec(error.message)?.[1]
    if (!leftover) throw error
    await runtime.removeContainer(leftover)
    return make()
  }
}

/** The pod's /etc/hosts and the file for the last word, unless the container mounts its own there. */
async function ownMounts({ pod, sandbox }: StartRequest, container: SpecContainer, deps: StartDeps): Promise<Mount[]> {
  const { files, facts } = deps.machine
  const directory = `${deps.rootDir}/pods/${pod.metadata.uid}`
  const mounts: Mount[] = []
  if (!container.spec.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/hosts')) {
    const path = `${directory}/etc-hosts`
    await files.mkdir(directory, 0o750)
    await files.write(path, hostsFile(pod, sandbox.ips, deps.clusterDomain, pod.spec.hostNetwork ? await facts.hosts() : ''), 0o644)
    mounts.push({ containerPath: '/etc/hosts', hostPath: path })
  }
  const lastWord = container.spec.terminationMessagePath ?? '/dev/termination-log'
  if (lastWord) {
    const own = `${directory}/containers/${container.spec.name}`
    await files.mkdir(own, 0o750)
    const path = `${own}/${Math.floor(deps.clock.random() * 0xffffffff).toString(16).padStart(8, '0')}`
    await files.write(path, '', 0o666)
    await files.chmod(path, 0o666)
    mounts.push({ containerPath: lastWord, hostPath: path })
  }
  return mounts
}

/** `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, where log collectors look. */
async function linkLog({ pod, sandboxConfig, attempt }: StartRequest, container: SpecContainer, id: string, deps: StartDeps): Promise<void> {
  if (!deps.containerLogsDir) return
  const { name } = container.spec
  const path = logLink(deps.containerLogsDir, pod, name, id)
  await deps.machine.files.mkdir(deps.containerLogsDir, 0o755)
  await deps.machine.files.remove(path)
  await deps.machine.files.symlink(`${sandboxConfig.logDirectory}/${name}/${attempt}.log`, path)
}

export const logLink = (directory: string, pod: { metadata: { name: string; namespace?: string | undefined } }, container: string, id: string): string =>
  `${directory}/${pod.metadata.name}_${pod.metadata.namespace}_${container}-${id}.log`

async function postStart({ pod, sandbox, signal }: StartRequest, container: SpecContainer, id: string, deps: StartDeps): Promise<void> {
  const handler = container.spec.lifecycle?.postStart
  if (!handler) return
  try {
    await runHook(handler, { containerID: id, container: container.spec, ip: sandbox.ips[0] ?? '' }, 0, { ...deps, network: deps.machine.network }, signal)
  } catch (error) {
    const about = { kind: container.kind, name: container.spec.name }
    deps.events.container(pod, about, 'Warning', 'FailedPostStartHook', `PostStartHook failed`)
    deps.events.container(pod, about, 'Normal', 'Killing', 'FailedPostStartHook')
    await deps.runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 30)
    throw new StartError('PostStartHookError', `PostStartHook failed: ${text(error)}`)
  }
}
