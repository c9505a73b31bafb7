import type { Recorder } from '../../../api/client/recorder.ts'
import type { Client } from '../../../api/client/client.ts'
import type { Informer } from '../../../api/client/informer.ts'
import { isNotFound } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { deletableKinds } from '../shared/all-kinds.ts'
import { followCustomKinds } from '../shared/custom-kinds.ts'
import { startKeyed } from '../shared/keyed-controller.ts'
import { refersTo } from '../shared/owner.ts'
import { unless } from '../shared/unless.ts'
import type { GraphNode, Wake } from './owner-graph.ts'
import { foregroundFinalizer, isDescribedBy, orphanFinalizer, OwnerGraph } from './owner-graph.ts'
import type { OwnerState } from './plan-collection.ts'
import { planCollection } from './plan-collection.ts'

/** Deletes objects whose owners have gone, and lets owners go that wait for their dependents. */
export function startGarbageCollector(deps: ControllerDeps): RunningController {
  const kinds = deletableKinds(deps)
  const custom = new Map<Kind, () => void>()
  const graph = new OwnerGraph()
  const collector = { client: deps.client, recorder: deps.recorder('garbage-collector-controller'), graph, kinds: () => [...kinds, ...custom.keys()] }
  const informers = kinds.map((kind) => ({ kind, informer: deps.informers.of(kind) }))
  const controller = startKeyed(deps, {
    name: 'garbage-collector-controller', workers: 10, informers: informers.map(({ informer }) => informer),
    async reconcile(key) {
      const node = graph.get(key.slice(key.indexOf('/') + 1))
      if (!node) return
      const wake = key.startsWith('orphan/') ? await orphanDependents(collector, node) : await collect(collector, node)
      rouse(wake)
    },
  })
  const rouse = ({ collect: uids, orphan }: Wake) => {
    for (const uid of uids) controller.enqueue(`collect/${uid}`)
    for (const uid of orphan) controller.enqueue(`orphan/${uid}`)
  }
  const observe = (kind: Kind, informer: Informer<any>) => informer.on({
    add: (object) => rouse(graph.put(kind, object)),
    update: (object) => rouse(graph.put(kind, object)),
    delete: (object) => rouse(graph.remove(object.metadata.uid ?? '')),
  })
  const stopObserving = informers.map(({ kind, informer }) => observe(kind, informer))
  const following = followCustomKinds(deps, {
    added(kind) {
      const informer = deps.informers.of(kind)
      custom.set(kind, observe(kind, informer))
      // Who named such an owner was let be while nobody knew what that is.
      informer.synced.then(() => rouse({ collect: graph.withAbsentOwner(kind), orphan: [] }), () => {})
    },
    removed(kind) {
      custom.get(kind)?.()
      custom.delete(kind)
      for (const uid of graph.ofKind(kind)) rouse(graph.remove(uid))
      void deps.informers.drop(kind)
    },
  })
  return {
    async stop() {
      following.stop()
      for (const stop of custom.values()) stop()
      for (const stop of stopObserving) stop()
      await controller.stop()
    },
  }
}

interface Collector { readonly client: Client; readonly recorder: Recorder; readonly graph: OwnerGraph; readonly kinds: () => readonly Kind[] }
const nobody: Wake = { collect: [], orphan: [] }

async function collect(collector: Collector, node: GraphNode): Promise<Wake> {
  if (node.waitsForDependents) return releaseWaiting(collector, node)
  if (node.isDeleted) return nobody
  const object = await read(collector.client, node)
  if (!object) return nobody
  const states = new Map<string, OwnerState>()
  for (const ref of object.metadata.ownerReferences ?? []) states.set(ref.uid, await ownerState(collector, node, ref))
  const dependents = collector.graph.dependentsOf(node.uid)
  const plan = planCollection({
    object, ownerState: (ref) => states.get(ref.uid)!, hasDependents: dependents.length > 0, hasWaitingDependent: dependents.some((dependent) => dependent.waitsForDependents),
  })
  if (plan.type === 'none') return nobody
  const { namespace, name, uid = '', resourceVersion = '', ownerReferences = [] } = object.metadata
  const key = { namespace, name }
  if (plan.type === 'disown') await patchMeta(collector.client, node, { resourceVersion, ownerReferences: plan.keep })
  else if (plan.unblock) {
    await patchMeta(collector.client, node, { resourceVersion, ownerReferences: ownerReferences.map((ref) => ({ ...ref, blockOwnerDeletion: false })) })
    await collector.client.delete(node.kind, key, { propagation: plan.propagation, preconditions: { uid } }).catch(unless(isNotFound))
  } else await collector.client.delete(node.kind, key, { propagation: plan.propagation, preconditions: { uid, resourceVersion } }).catch(unless(isNotFound))
  return nobody
}

/** The finalizer of foreground deletion goes when no dependent blocks any more; until then those are collected. */
async function releaseWaiting({ client, graph }: Collector, node: GraphNode): Promise<Wake> {
  const blocking = graph.dependentsOf(node.uid).filter(({ owners }) => owners.some((ref) => ref.uid === node.uid && ref.blockOwnerDeletion))
  if (blocking.length === 0) {
    await removeFinalizer(client, node, foregroundFinalizer)
    return nobody
  }
  return { collect: blocking.filter((dependent) => !dependent.isDeleted).map(({ uid }) => uid), orphan: [] }
}

/** Takes the reference to the owner out of all dependents, then the finalizer out of the owner. */
async function orphanDependents({ client, graph }: Collector, node: GraphNode): Promise<Wake> {
  await Promise.all(graph.dependentsOf(node.uid).map(async (dependent) => {
    const object = await read(client, dependent)
    if (!object) return
    const { resourceVersion, ownerReferences = [] } = object.metadata
    const keep = ownerReferences.filter(({ uid }) => uid !== node.uid)
    if (keep.length < ownerReferences.length) await patchMeta(client, dependent, { resourceVersion, ownerReferences: keep })
  }))
  await removeFinalizer(client, node, orphanFinalizer)
  return nobody
}

/** The graph is asked first; the server only about owners that the graph does not know, or not as they are described. */
async function ownerState({ client, recorder, graph, kinds }: Collector, node: GraphNode, ref: OwnerReference): Promise<OwnerState> {
  const known = graph.get(ref.uid)
  if (known && isDescribedBy(known, ref, node.namespace)) return known.waitsForDependents ? 'leaving' : 'there'
  const kind = kinds().find((candidate) => refersTo(ref, candidate))
  if (!kind) return 'unknown'
  // An object of the whole cluster cannot be owned by something in a namespace; nobody can tell which one is meant.
  if (kind.namespaced && !node.namespace) return 'unknown'
  const namespace = kind.namespaced ? node.namespace : undefined
  const owner = await client.get(kind, { namespace, name: ref.name }).catch(unless(isNotFound))
  if (owner?.metadata.uid === ref.uid) return 'there'
  if (known && known.namespace !== node.namespace) {
    const described = `${ref.apiVersion}/${ref.kind}, namespace: ${node.namespace}, name: ${ref.name}, uid: ${ref.uid}`
    recorder.event(referenceTo(node), 'Warning', 'OwnerRefInvalidNamespace', `ownerRef [${described}] does not exist in namespace ${JSON.stringify(node.namespace ?? '')}`)
  }
  return 'gone'
}

const referenceTo = ({ kind, namespace, name, uid }: GraphNode) => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name, uid })

/** The object as the server has it; `undefined` when it is gone, or another has taken its name. */
async function read(client: Client, { kind, namespace, name, uid }: GraphNode): Promise<KubeObject | undefined> {
  const object: KubeObject | undefined = await client.get(kind, { namespace, name }).catch(unless(isNotFound))
  return object?.metadata.uid === uid ? object : undefined
}

async function removeFinalizer(client: Client, node: GraphNode, finalizer: string): Promise<void> {
  const object = await read(client, node)
  const { resourceVersion, finalizers = [] } = object?.metadata ?? {}
  if (!finalizers.includes(finalizer)) return
  await patchMeta(client, node, { resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) })
}

const patchMeta = ({ patch }: Client, { kind, namespace, name }: GraphNode, metadata: unknown): Promise<unknown> =>
  patch(kind, { namespace, name }, { type: 'merge', patch: { metadata } }).catch(unless(isNotFound))
