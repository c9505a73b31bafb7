import type { ContainerState, ContainerStatus } from '../../types/core-v1/pod-status.ts'
import type { Pod } from '../../types/core-v1/pod.ts'
import { ageOf } from '../../table/duration.ts'
import { age, text, wide } from '../columns.ts'
import type { Column } from '../kind.ts'

interface Summary {
  /** READY, as `1/2`. */
  readonly ready: string
  /** STATUS, a word for where the pod stands. */
  readonly status: string
  readonly restarts: number
  /** When the last of the restarts was. */
  readonly lastRestart: string | undefined
}

/** One pod in a few words, as everybody knows them from `kubectl get pods`. */
export function summarizePod(pod: Pod): Summary {
  const { spec, status = {}, metadata } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const total = (spec.containers ?? []).length + sidecars.size
  const init = summarizeInit(pod, sidecars)
  let reason = init.reason ?? initialReason(pod)
  let { ready, restarts, lastRestart } = init
  if (!init.reason || isTrue(pod, 'Initialized')) {
    const main = summarizeContainers(pod)
    reason = main.reason ?? reason
    ready += main.ready
    restarts = init.sidecarRestarts + main.restarts
    lastRestart = later(init.lastSidecarRestart, main.lastRestart)
    if (reason === 'Completed' && main.running) reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady'
  }
  const ended = status.phase === 'Succeeded' || status.phase === 'Failed'
  if (metadata.deletionTimestamp) reason = status.reason === 'NodeLost' ? 'Unknown' : ended ? reason : 'Terminating'
  return { ready: `${ready}/${total}`, status: reason, restarts, lastRestart }
}

function initialReason({ status = {} }: Pod): string {
  const gated = status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : status.reason || status.phase || ''
}

const isTrue = ({ status }: Pod, condition: string): boolean => status?.conditions?.some(({ type, status }) => type === condition && status === 'True') ?? false
const later = (a: string | undefined, b: string | undefined): string | undefined => (!a ? b : !b ? a : Date.parse(a) < Date.parse(b) ? b : a)
const lastEnd = (container: ContainerStatus): string | undefined => container.lastState?.terminated?.finishedAt

/** How far the init containers have come; `reason` is set while one of them still holds the pod up. */
function summarizeInit({ spec, status }: Pod, sidecars: ReadonlySet<string>) {
  const sum = { ready: 0, restarts: 0, sidecarRestarts: 0, lastRestart: undefined as string | undefined, lastSidecarRestart: undefined as string | undefined, reason: undefined as string | undefined }
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(container.name)
    sum.restarts += container.restartCount
    sum.lastRestart = later(sum.lastRestart, lastEnd(container))
    if (isSidecar) {
      sum.sidecarRestarts += container.restartCount
      sum.lastSidecarRestart = later(sum.lastSidecarRestart, lastEnd(container))
    }
    if (container.state?.terminated?.exitCode === 0) continue
    if (isSidecar && container.started) { if (container.ready) sum.ready++; continue }
    sum.reason = `Init:${initReason(container.state, index, spec.initContainers?.length ?? 0)}`
    break
  }
  return sum
}

function initReason(state: ContainerState | undefined, index: number, total: number): string {
  if (state?.terminated) return endReason(state.terminated)
  const waiting = state?.waiting?.reason
  return waiting && waiting !== 'PodInitializing' ? waiting : `${index}/${total}`
}

const endReason = ({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string => reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

function summarizeContainers({ status }: Pod) {
  const sum = { ready: 0, restarts: 0, lastRestart: undefined as string | undefined, reason: undefined as string | undefined, running: false }
  for (const container of (status?.containerStatuses ?? []).toReversed()) {
    const { state = {} } = container
    sum.restarts += container.restartCount
    sum.lastRestart = later(sum.lastRestart, lastEnd(container))
    if (state.waiting?.reason) sum.reason = state.waiting.reason
    else if (state.terminated) sum.reason = endReason(state.terminated)
    else if (container.ready && state.running) { sum.ready++; sum.running = true }
  }
  return sum
}

function restartsCell(pod: Pod, now: number): string {
  const { restarts, lastRestart } = summarizePod(pod)
  return restarts && lastRestart ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts)
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? []
  const open = gates.filter(({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status === 'True')
  return gates.length ? `${open.length}/${gates.length}` : '<none>'
}

export const podColumns: readonly Column<Pod>[] = [
  text('Ready', (pod) => summarizePod(pod).ready, 'How many of the containers are ready.'),
  text('Status', (pod) => summarizePod(pod).status, 'Where the pod stands, in a word.'),
  { name: 'Restarts', type: 'string', description: 'How often the containers were restarted, and when last.', value: restartsCell },
  age,
  wide('IP', ({ status }) => status?.podIPs?.[0]?.ip || '<none>', 'The address of the pod.'),
  wide('Node', ({ spec }) => spec.nodeName || '<none>', 'The node the pod is assigned to.'),
  wide('Nominated Node', ({ status }) => status?.nominatedNodeName || '<none>', 'The node where room is being made.'),
  wide('Readiness Gates', readinessGates, 'How many of the extra conditions hold.'),
]
