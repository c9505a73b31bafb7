import { gracePeriodOf, isTerminating, specContainers } from './containers.ts'
import type { Draft, World } from './plan.ts'
import type { ContainerView } from './view.ts'

/**
 * The way down, for a pod that is deleted, over, refused or gone: containers end (sidecars last, in reverse order), the
 * sandbox stops, volumes go, then the object leaves the API. What the runtime still remembers is kept for `kubectl logs`
 * until the pod is gone from the API.
 */
export function planTermination(world: World, draft: Draft): void {
  const { pod, view, busy } = world
  for (const key of busy) if (isBuilding(key)) draft.add({ type: 'abort', key })
  const running = view.containers.filter(({ state }) => state === 'running' || state === 'unknown')
  if (running.length > 0) {
    for (const container of nextToStop(world, running)) {
      draft.add({ type: 'kill', id: container.id, name: container.name, grace: graceOf(world, container), message: `Stopping container ${container.name}` })
    }
    return
  }
  if ([...busy].some((key) => isBuilding(key) || key.startsWith('kill/'))) return
  const ready = view.sandboxes.filter((sandbox) => sandbox.ready)
  if (ready.length > 0) {
    for (const sandbox of ready) draft.add({ type: 'stopSandbox', id: sandbox.id })
    return
  }
  if (!world.tidied) {
    draft.add({ type: 'tidy' })
    return
  }
  if (!pod) planRemoval(world, draft)
  else if (isTerminating(pod)) draft.add({ type: 'finish' })
}

const isBuilding = (key: string): boolean => key === 'volumes' || key === 'sandbox' || key.startsWith('start/')

function planRemoval({ view }: World, draft: Draft): void {
  for (const container of view.containers) draft.add({ type: 'removeContainer', id: container.id, logPath: container.logPath })
  if (view.containers.length > 0) return
  for (const sandbox of view.sandboxes) draft.add({ type: 'removeSandbox', id: sandbox.id })
  if (view.sandboxes.length === 0) draft.add({ type: 'forget' })
}

/** All that are no sidecars at once; then the sidecars, the last one started first. */
function nextToStop({ pod }: World, running: readonly ContainerView[]): readonly ContainerView[] {
  const sidecars = pod ? specContainers(pod).filter(({ sidecar }) => sidecar).map(({ spec }) => spec.name) : []
  const others = running.filter(({ name }) => !sidecars.includes(name))
  if (others.length > 0) return others
  const last = sidecars.findLast((name) => running.some((container) => container.name === name))
  return running.filter(({ name }) => name === last)
}

/** A forced deletion still gives a second. A pod that is gone has only what its containers remember. */
const graceOf = ({ pod }: World, container: ContainerView): number => Math.max(1, pod ? gracePeriodOf(pod) : container.gracePeriod)
