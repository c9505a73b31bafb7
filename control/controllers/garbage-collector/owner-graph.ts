import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import { refersTo } from '../shared/owner.ts'

export const orphanFinalizer = 'orphan'
export const foregroundFinalizer = 'foregroundDeletion'

/** An object as the collector sees it. */
export interface GraphNode {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly name: string
  readonly uid: string
  readonly owners: readonly OwnerReference[]
  readonly isDeleted: boolean
  /** It waits for its dependents (foreground deletion). */
  readonly waitsForDependents: boolean
  /** It waits until its dependents are told that it is gone (orphaning). */
  readonly waitsForOrphaning: boolean
}

/** What a change in the graph makes worth a look: uids. */
export interface Wake {
  readonly collect: readonly string[]
  readonly orphan: readonly string[]
}

/** Who owns whom, by uid, over all kinds. Owners may be unknown: their dependents are filed under their uid all the same. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()
  readonly #dependents = new Map<string, Set<string>>()

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  /** Those that name an owner of this kind that is not here: worth a look when the kind has just become known. */
  withAbsentOwner(kind: Kind): string[] {
    return [...this.#nodes.values()].filter(({ owners }) => owners.some((ref) => refersTo(ref, kind) && !this.#nodes.has(ref.uid))).map(({ uid }) => uid)
  }

  /** All of a kind that is no more. */
  ofKind(kind: Kind): string[] {
    return [...this.#nodes.values()].filter((node) => node.kind === kind).map(({ uid }) => uid)
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#nodes.get(dependent) ?? [])
  }

  put(kind: Kind, object: KubeObject): Wake {
    const node = nodeOf(kind, object)
    const old = this.#nodes.get(node.uid)
    this.#nodes.set(node.uid, node)
    this.#refile(node.uid, old?.owners ?? [], node.owners)
    const collect = new Set<string>()
    const added = node.owners.filter((ref) => !old?.owners.some(({ uid }) => uid === ref.uid))
    if (added.some((ref) => this.#isSuspect(node, ref))) collect.add(node.uid)
    for (const ref of old?.owners ?? []) if (this.#letsGo(ref, node)) collect.add(ref.uid)
    if (node.waitsForDependents && !old?.waitsForDependents) for (const uid of [node.uid, ...(this.#dependents.get(node.uid) ?? [])]) collect.add(uid)
    return { collect: [...collect], orphan: node.waitsForOrphaning && !old?.waitsForOrphaning ? [node.uid] : [] }
  }

  remove(uid: string): Wake {
    const node = this.#nodes.get(uid)
    if (!node) return { collect: [], orphan: [] }
    this.#nodes.delete(uid)
    this.#refile(uid, node.owners, [])
    const waiting = node.owners.filter((ref) => this.#nodes.get(ref.uid)?.waitsForDependents).map((ref) => ref.uid)
    return { collect: [...(this.#dependents.get(uid) ?? []), ...waiting], orphan: [] }
  }

  /** An owner that is not known, not the one the reference describes, or on its way out. */
  #isSuspect(node: GraphNode, ref: OwnerReference): boolean {
    const owner = this.#nodes.get(ref.uid)
    return !owner || owner.waitsForDependents || !isDescribedBy(owner, ref, node.namespace)
  }

  /** Whether a change of references frees an owner that waits: the reference is gone, or no longer blocks. */
  #letsGo(old: OwnerReference, node: GraphNode): boolean {
    if (!this.#nodes.get(old.uid)?.waitsForDependents) return false
    const now = node.owners.find(({ uid }) => uid === old.uid)
    return !now || (old.blockOwnerDeletion === true && now.blockOwnerDeletion !== true)
  }

  #refile(uid: string, before: readonly OwnerReference[], after: readonly OwnerReference[]): void {
    if (before.length === after.length && before.every((ref, i) => ref.uid === after[i]!.uid)) return
    for (const { uid: owner } of before) {
      const dependents = this.#dependents.get(owner)
      if (dependents?.delete(uid) && dependents.size === 0) this.#dependents.delete(owner)
    }
    for (const { uid: owner } of after) {
      const dependents = this.#dependents.get(owner) ?? new Set()
      this.#dependents.set(owner, dependents.add(uid))
    }
  }
}

/** Whether `ref`, in an object of `namespace`, names this owner: uid aside, kind, name and namespace must be right too. */
export const isDescribedBy = (owner: GraphNode, ref: OwnerReference, namespace: string | undefined): boolean =>
  refersTo(ref, owner.kind) && ref.name === owner.name && (!owner.kind.namespaced || owner.namespace === namespace)

function nodeOf(kind: Kind, { metadata }: KubeObject): GraphNode {
  const isDeleted = !!metadata.deletionTimestamp
  const has = (finalizer: string) => isDeleted && (metadata.finalizers ?? []).includes(finalizer)
  return {
    kind, namespace: metadata.namespace, name: metadata.name, uid: metadata.uid ?? '', owners: metadata.ownerReferences ?? [],
    isDeleted, waitsForDependents: has(foregroundFinalizer), waitsForOrphaning: has(orphanFinalizer),
  }
}
