import type { Client } from '../../api/client/client.ts'
import { isConflict, isNotFound } from '../../api/errors.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { LifecycleHandler } from '../../api/types/core-v1/probe.ts'
import { isRuntimeNotFound, RuntimeError } from '../runtime/runtime.ts'
import type { PodSandboxConfig } from '../runtime/runtime.ts'
import { MountError } from '../volumes/volumes.ts'
import { findContainer } from './containers.ts'
import { runHook } from './hooks.ts'
import { StartError } from './images.ts'
import { podCgroup, podCgroupLimits, qosClass } from './qos.ts'
import type { Action } from './plan.ts'
import type { PodSources } from './sources.ts'
import { podLogDirectory, sandboxConfig } from './sandbox-config.ts'
import { startContainer } from './start-container.ts'
import type { StartDeps } from './start-container.ts'
import type { ContainerView, PodView } from './view.ts'

export interface PerformDeps extends StartDeps {
  readonly client: Client
  readonly sources: PodSources
  readonly podLogsDir: string
  readonly cgroupRoot: string
  readonly clusterDNS: readonly string[]
  /** Why pods cannot have a network yet, or undefined. */
  readonly networkReady: () => string | undefined
  /** Resolves when the pod's latest status is in the API. */
  readonly statusWritten: (uid: string) => Promise<void>
}

/** The pod an action is for. `pod` is undefined when it is gone from the API. */
export interface Subject {
  readonly uid: string
  readonly pod: Pod | undefined
  readonly view: PodView
}

/** Carries one action out. Rejects with what the user is to be told; most of it went out as an Event already. */
export async function perform(action: Action, subject: Subject, deps: PerformDeps, signal: AbortSignal): Promise<void> {
  const { runtime } = deps
  switch (action.type) {
    case 'mountVolumes': return mountVolumes(subject.pod!, deps)
    case 'createSandbox': return createSandbox(subject.pod!, action, deps, signal)
    case 'start': return start(subject, action, deps, signal)
    case 'kill': return kill(subject, action, deps, signal)
    case 'stopSandbox': return runtime.stopPodSandbox(action.id)
    case 'removeSandbox': return absent(runtime.removePodSandbox(action.id))
    case 'removeContainer': return removeContainer(subject, action, deps)
    case 'tidy': return tidy(subject, deps)
    case 'finish': return finish(subject, deps)
    default: return undefined
  }
}

const absent = (call: Promise<void>): Promise<void> => call.catch((error: unknown) => { if (!isRuntimeNotFound(error)) throw error })

export async function mountVolumes(pod: Pod, { volumes, sources, events }: PerformDeps): Promise<void> {
  try {
    await volumes.mount(pod, sources.payload(pod))
  } catch (error) {
    if (error instanceof MountError) events.pod(pod, 'Warning', 'FailedMount', error.message)
    throw error
  }
}

async function configOf(pod: Pod, attempt: number, deps: PerformDeps): Promise<PodSandboxConfig> {
  return sandboxConfig(pod, attempt, { ...deps, seccompRoot: `${deps.rootDir}/seccomp`, resolvConf: await deps.machine.facts.resolvConf() })
}

async function createSandbox(pod: Pod, action: Extract<Action, { type: 'createSandbox' }>, deps: PerformDeps, signal: AbortSignal): Promise<void> {
  const { machine, runtime, events } = deps
  const missing = pod.spec.hostNetwork ? undefined : deps.networkReady()
  if (missing) {
    const message = `network is not ready: ${missing}`
    events.pod(pod, 'Warning', 'NetworkNotReady', message)
    throw new Error(message)
  }
  if (action.changed) events.pod(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  const { uid = '' } = pod.metadata
  const config = await configOf(pod, action.attempt, deps)
  await Promise.all([
    machine.cgroups.ensure(podCgroup(deps.cgroupRoot, { uid, qos: qosClass(pod) }), podCgroupLimits(pod)),
    machine.files.mkdir(config.logDirectory!, 0o755),
  ])
  signal.throwIfAborted()
  try {
    await runtime.runPodSandbox(config, pod.spec.runtimeClassName ?? '')
  } catch (error) {
    events.pod(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
}

async function start({ pod, view }: Subject, action: Extract<Action, { type: 'start' }>, deps: PerformDeps, signal: AbortSignal): Promise<void> {
  const sandbox = view.sandboxes.find(({ id }) => id === action.sandbox)
  if (!pod || !sandbox) return
  const hostIPs = await deps.sources.hostIPs()
  const ips = pod.spec.hostNetwork ? hostIPs : sandbox.ips
  const target = pod.spec.ephemeralContainers?.find(({ name }) => name === action.name)?.targetContainerName
  await startContainer({
    pod, name: action.name, attempt: action.attempt, backoff: action.backoff, signal,
    sandbox: { id: sandbox.id, ips },
    sandboxConfig: await configOf(pod, sandbox.attempt, deps),
    sources: () => deps.sources.environment(pod, ips),
    targetId: target ? view.containers.find(({ name, state }) => name === target && state === 'running')?.id : undefined,
  }, deps)
}

/** At least this long is left for TERM, however long the preStop hook took. */
const shortestStop = 2

async function kill(subject: Subject, action: Extract<Action, { type: 'kill' }>, deps: PerformDeps, signal: AbortSignal): Promise<void> {
  const container = subject.view.containers.find(({ id }) => id === action.id)
  const about = { kind: subject.pod ? findContainer(subject.pod, action.name)?.kind ?? 'app' as const : 'app' as const, name: action.name }
  if (subject.pod && !action.again) deps.events.container(subject.pod, about, 'Normal', 'Killing', action.message)
  const began = deps.clock.now()
  if (container && action.grace > 1 && !action.again) await preStop(subject, container, about, action.grace, deps, signal)
  const left = action.grace <= 1 ? action.grace : Math.max(shortestStop, action.grace - Math.floor((deps.clock.now() - began) / 1000))
  await absent(deps.runtime.stopContainer(action.id, left))
}

/** Waits for the hook as long as the grace period allows; what it says when it fails is an Event, no more. */
async function preStop({ pod, view }: Subject, container: ContainerView, about: { kind: 'init' | 'app' | 'ephemeral'; name: string }, grace: number, deps: PerformDeps, signal: AbortSignal): Promise<void> {
  const spec = pod && findContainer(pod, container.name)?.spec
  const handler = spec?.lifecycle?.preStop ?? (container.preStop ? JSON.parse(container.preStop) as LifecycleHandler : undefined)
  if (!handler) return
  const over = new AbortController()
  const hook = runHook(handler, { containerID: container.id, container: spec ?? { name: container.name }, ip: view.sandboxes[0]?.ips[0] ?? '' }, grace, { ...deps, network: deps.machine.network }, AbortSignal.any([over.signal, signal]))
  const ended = hook.catch((error: unknown) => {
    if (pod && !over.signal.aborted) deps.events.container(pod, about, 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    void error
  })
  await Promise.race([ended, deps.clock.sleep(grace * 1000, over.signal).catch(() => {})])
  over.abort()
}

async function removeContainer({ pod, view }: Subject, action: Extract<Action, { type: 'removeContainer' }>, deps: PerformDeps): Promise<void> {
  await absent(deps.runtime.removeContainer(action.id))
  const { files } = deps.machine
  if (action.logPath) {
    const slash = action.logPath.lastIndexOf('/')
    const [directory, name] = [action.logPath.slice(0, slash), action.logPath.slice(slash + 1)]
    for (const file of await files.list(directory)) if (file === name || file.startsWith(`${name}.`)) await files.remove(`${directory}/${file}`)
  }
  if (!deps.containerLogsDir) return
  const container = view.containers.find(({ id }) => id === action.id)
  const { name, namespace } = pod?.metadata ?? view
  for (const file of await files.list(deps.containerLogsDir)) {
    if (container && file === `${name}_${namespace}_${container.name}-${action.id}.log`) await files.remove(`${deps.containerLogsDir}/${file}`)
  }
}

async function tidy({ uid, pod }: Subject, deps: PerformDeps): Promise<void> {
  await deps.volumes.remove(uid)
  for (const qos of pod ? [qosClass(pod)] : ['Guaranteed', 'Burstable', 'BestEffort'] as const) {
    await deps.machine.cgroups.remove(podCgroup(deps.cgroupRoot, { uid, qos }))
  }
}

/** The object leaves the API: nothing of the pod runs on this node any more. */
async function finish({ uid, pod }: Subject, deps: PerformDeps): Promise<void> {
  if (!pod) return
  await deps.statusWritten(uid)
  const { name, namespace } = pod.metadata
  try {
    await deps.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

/** After `forget`: the logs, the last of the pod on the disk. */
export const removeLogs = ({ uid, view }: Subject, { machine, podLogsDir }: PerformDeps): Promise<void> =>
  machine.files.remove(podLogDirectory(podLogsDir, { ...view, uid }))

/** How the failure of an action shows on the containers that wait for it. */
export function failureOf(error: unknown): { reason: string; message: string; retryAt?: number | undefined } {
  if (error instanceof StartError) return { reason: error.reason, message: error.message, retryAt: error.retryAt }
  const message = error instanceof Error ? error.message : String(error)
  return { reason: error instanceof RuntimeError ? 'RuntimeError' : 'Failed', message }
}
