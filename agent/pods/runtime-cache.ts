import type { Container, ContainerStatus, PodSandbox, Runtime } from '../runtime/runtime.ts'
import { labels } from './labels.ts'
import { containerView, emptyView, ownerOf, sandboxView } from './view.ts'
import type { ContainerView, PodView, SandboxView } from './view.ts'

/**
 * Reads what the runtime has, asking for details only of what has changed since: an ended container stays as it is, a
 * running one too until its state changes.
 */
export interface RuntimeCache {
  read(pod: { uid: string; name: string; namespace: string }): Promise<PodView>
  /** A short text for each pod that changes when the pod's containers or sandboxes do, by uid. */
  survey(): Promise<Map<string, Surveyed>>
  /** The pod a container or sandbox id belongs to, as far as it has been seen. */
  uidOf(id: string): string | undefined
  /** A container is just made: it may end before it is ever listed. */
  made(id: string, uid: string): void
}

export interface Surveyed { readonly uid: string; readonly name: string; readonly namespace: string; readonly signature: string }

/** Reads a container's termination message once it has ended. */
export type ReadMessage = (status: ContainerStatus) => Promise<string>

/** `nodeIP`: the node's primary address; pods' addresses of its family are their primary ones. */
export function createRuntimeCache(runtime: Runtime, readMessage: ReadMessage, nodeIP: string): RuntimeCache {
  const containers = new Map<string, ContainerView>()
  const sandboxes = new Map<string, SandboxView>()
  const owners = new Map<string, string>()

  async function viewContainer(container: Container): Promise<ContainerView | undefined> {
    const known = containers.get(container.id)
    if (known && settled(container, known)) return known
    const status = await runtime.containerStatus(container.id).catch(() => undefined)
    if (!status) return undefined
    const message = status.state === 'CONTAINER_EXITED' ? await readMessage(status) : ''
    const view = containerView(container, status, message)
    containers.set(container.id, view)
    return view
  }

  async function viewSandbox(sandbox: PodSandbox): Promise<SandboxView> {
    const known = sandboxes.get(sandbox.id)
    const ready = sandbox.state === 'SANDBOX_READY'
    if (known && known.ready === ready) return known
    const status = ready ? await runtime.podSandboxStatus(sandbox.id).catch(() => undefined) : undefined
    const view = sandboxView(sandbox, status, nodeIP)
    sandboxes.set(sandbox.id, view)
    return view
  }

  const remember = (items: readonly { id: string; labels: Record<string, string> }[]): void => {
    for (const item of items) owners.set(item.id, item.labels[labels.podUid] ?? '')
  }
  const prune = (present: ReadonlySet<string>): void => {
    for (const map of [containers, sandboxes, owners]) for (const id of map.keys()) if (!present.has(id)) map.delete(id)
  }

  return {
    async read(pod) {
      const labelSelector = { [labels.podUid]: pod.uid }
      const [listedSandboxes, listed] = await Promise.all([runtime.listPodSandbox({ labelSelector }), runtime.listContainers({ labelSelector })])
      remember(listedSandboxes)
      remember(listed)
      const [sandboxViews, views] = await Promise.all([Promise.all(listedSandboxes.map(viewSandbox)), Promise.all(listed.map(viewContainer))])
      return {
        ...emptyView(pod),
        sandboxes: sandboxViews.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
        containers: views.filter((view) => view !== undefined).sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
      }
    },
    async survey() {
      const [listedSandboxes, listed] = await Promise.all([runtime.listPodSandbox(), runtime.listContainers()])
      const found = new Map<string, Surveyed>()
      for (const item of [...listedSandboxes, ...listed]) {
        const owner = ownerOf(item)
        if (owner) found.set(owner.uid, { ...owner, signature: `${found.get(owner.uid)?.signature ?? ''}${item.id}=${item.state};` })
      }
      remember(listedSandboxes)
      remember(listed)
      prune(new Set([...listedSandboxes, ...listed].map(({ id }) => id)))
      return found
    },
    uidOf: (id) => owners.get(id),
    made(id, uid) { owners.set(id, uid) },
  }
}

const states = { CONTAINER_CREATED: 'created', CONTAINER_RUNNING: 'running', CONTAINER_EXITED: 'exited', CONTAINER_UNKNOWN: 'unknown' } as const
const settled = (container: Container, known: ContainerView): boolean => states[container.state] === known.state
