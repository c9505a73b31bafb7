import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { Probe } from '../../api/types/core-v1/probe.ts'
import type { Clock } from '../../host/clock.ts'
import { isTerminating, specContainers } from '../pods/containers.ts'
import type { SpecContainer } from '../pods/containers.ts'
import type { PodEvents } from '../pods/event-sink.ts'
import type { ContainerView, PodView } from '../pods/view.ts'
import type { ProbeResult, ProbeResults, ProbeType } from './results.ts'
import { runProbe } from './run-probe.ts'
import type { ProbeDeps, ProbeOutcome } from './run-probe.ts'

/** Probes the containers of this node's pods. */
export interface Prober {
  /** Starts the probes of containers that run, ends those of containers that no longer do. Cheap; called after every look at a pod. */
  sync(pod: Pod, view: PodView, ip: string): void
  forget(uid: string): void
  stop(): void
}

interface Running { readonly uid: string; readonly containerID: string; pod: Pod; cancel: () => void }

export interface ProberDeps extends ProbeDeps {
  readonly clock: Clock
  readonly results: ProbeResults
  readonly events: PodEvents
  readonly counted: (type: ProbeType, outcome: ProbeOutcome['result'], pod: Pod, container: string) => void
}

const titles: Readonly<Record<ProbeType, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

export function createProber(deps: ProberDeps): Prober {
  const { clock, results } = deps
  const running = new Map<string, Running>()

  function start(pod: Pod, container: SpecContainer, current: ContainerView, type: ProbeType, probe: Probe, ip: string): void {
    const key = `${current.id}/${type}`
    const state = { ok: 0, bad: 0 }
    const entry: Running = { uid: pod.metadata.uid!, containerID: current.id, pod, cancel: () => {} }
    running.set(key, entry)
    seed(pod, container.spec, current, type)
    const later = (ms: number): void => {
      if (running.get(key) === entry) entry.cancel = clock.after(ms, () => void round(), { unref: true })
    }
    const round = async (): Promise<void> => {
      const period = (probe.periodSeconds ?? 10) * 1000
      // Those that wait for the start-up probe are begun anew by `kick`.
      if (isHeld(type, container.spec, current.id, entry.pod)) return
      const outcome = await runProbe(probe, { containerID: current.id, container: container.spec, ip }, deps)
      if (running.get(key) !== entry) return
      settle(entry.pod, container, current.id, type, probe, state, outcome)
      later(period)
    }
    later(Math.max(0, current.startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now()))
  }

  /** What holds until the first answer. A container that was ready before the agent restarted stays so. */
  function seed(pod: Pod, container: Container, current: ContainerView, type: ProbeType): void {
    if (results.of(current.id)[type]) return
    const told = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(({ containerID }) => containerID?.endsWith(current.id))
    if (type === 'readiness') results.set(current.id, type, told?.ready ? 'success' : 'failure')
    else if (type === 'liveness') results.set(current.id, type, 'success')
    else if (told?.started && container.startupProbe) results.set(current.id, type, 'success')
  }

  /** Start-up probes end with their success; the others wait for it. Nothing but readiness is asked of a pod that is going. */
  function isHeld(type: ProbeType, container: Container, id: string, pod: Pod): boolean {
    const started = !container.startupProbe || results.of(id).startup === 'success'
    if (type === 'startup') return started || isTerminating(pod)
    return !started || (type === 'liveness' && isTerminating(pod))
  }

  function settle(pod: Pod, container: SpecContainer, id: string, type: ProbeType, probe: Probe, state: { ok: number; bad: number }, { result, output }: ProbeOutcome): void {
    deps.counted(type, result, pod, container.spec.name)
    if (result === 'unknown') return
    if (result === 'success') { state.ok++; state.bad = 0 } else { state.bad++; state.ok = 0 }
    if (result === 'failure') {
      deps.events.container(pod, { kind: container.kind, name: container.spec.name }, 'Warning', 'Unhealthy', `${titles[type]} probe failed: ${output}`)
    }
    const needed: Record<ProbeResult, number> = { success: probe.successThreshold ?? 1, failure: probe.failureThreshold ?? 3 }
    if (result === 'success' && state.ok >= needed.success) {
      results.set(id, type, 'success')
      if (type === 'startup') kick(id)
    } else if (result === 'failure' && state.bad >= needed.failure) results.set(id, type, 'failure')
  }

  /** The start-up probe is through: the others need not wait for their next turn. */
  function kick(id: string): void {
    for (const [key, entry] of running) {
      if (entry.containerID !== id || key.endsWith('/startup')) continue
      entry.cancel()
      running.delete(key)
    }
  }

  function end(key: string): void {
    const entry = running.get(key)
    entry?.cancel()
    running.delete(key)
  }

  return {
    sync(pod, view, ip) {
      const uid = pod.metadata.uid!
      const wanted = new Set<string>()
      for (const container of specContainers(pod)) {
        if (container.kind === 'ephemeral' || (container.kind === 'init' && !container.sidecar)) continue
        const current = view.containers.find(({ name }) => name === container.spec.name)
        if (current?.state !== 'running') continue
        for (const [type, probe] of probesOf(container.spec)) {
          const key = `${current.id}/${type}`
          wanted.add(key)
          const entry = running.get(key)
          if (entry) entry.pod = pod
          else start(pod, container, current, type, probe, ip)
        }
      }
      for (const [key, entry] of running) if (entry.uid === uid && !wanted.has(key)) { end(key); results.forget(entry.containerID) }
    },
    forget(uid) {
      for (const [key, entry] of running) if (entry.uid === uid) { end(key); results.forget(entry.containerID) }
    },
    stop() { for (const key of [...running.keys()]) end(key) },
  }
}

function probesOf(container: Container): [ProbeType, Probe][] {
  const { startupProbe, livenessProbe, readinessProbe } = container
  return ([['startup', startupProbe], ['liveness', livenessProbe], ['readiness', readinessProbe]] as const)
    .flatMap(([type, probe]): [ProbeType, Probe][] => (probe ? [[type, probe]] : []))
}
