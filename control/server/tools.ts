import type { Logger } from 'pino'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { Clock } from '../../host/clock.ts'
import type { CachedResource, ObjectStore, ResourceCache } from '../store/cache.ts'
import type { AdmissionPlugin } from './admission/admission.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { StorageHooks } from './storage-hooks.ts'
import type { KindTable } from './kind-table.ts'
import { storedKind } from './kind-table.ts'

/** What verbs, admission and subresources may use of the server. Made once, passed down. */
export interface Tools {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly log: Logger
  readonly kinds: KindTable
  readonly admission: readonly AdmissionPlugin[]
  /** Who may do what: for the request itself the filter asks; reviews, escalation checks and policies ask here. */
  readonly authorizer: Authorizer
  readonly hooks: StorageHooks
  /** Aborts when the server closes: the end of every watch. */
  readonly ending: AbortSignal
  /** The store's name and cache of each kind. */
  readonly resources: Resources
}

/** Where a kind lies in the store. Kinds that share a storage share all of it. */
export class Resources {
  readonly #store: ObjectStore
  readonly #known = new Map<string, CachedResource>()

  constructor(store: ObjectStore) {
    this.#store = store
  }

  of(kind: Kind): CachedResource {
    const stored = storedKind(kind)
    const known = this.#known.get(stored.storage)
    if (known) return known
    const node = stored.fieldLabels?.['spec.nodeName']
    const made: CachedResource = {
      prefix: `/registry/${stored.storage}/`, apiVersion: apiVersionOf(stored), kind: stored.kind,
      ...(node && { indexes: { 'spec.nodeName': node } }),
    }
    this.#known.set(stored.storage, made)
    return made
  }

  /** Forgets a storage whose kinds are no longer served; with `instances` gone its watches and its memory go too. */
  drop(kind: Kind, { instances }: { instances: boolean }): void {
    const resource = this.of(kind)
    this.#known.delete(storedKind(kind).storage)
    if (!instances) this.#store.cache.drop(resource)
  }

  cache(kind: Kind): ResourceCache {
    return this.#store.cache.forResource(this.of(kind))
  }

  key(kind: Kind, namespace: string, name: string): string {
    const { prefix } = this.of(kind)
    return kind.namespaced ? `${prefix}${namespace}/${name}` : prefix + name
  }
}
