import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'

/**
 * What must happen together with a write of certain kinds (the allocation of cluster IPs and node ports), found by
 * `group/resource`.
 */
export type StorageHooks = Readonly<Record<string, StorageHook>>

export interface StorageHook {
  /** Before validation: settles what depends on how the cluster is set up. In place; throws to refuse. */
  prepare?(object: any, old: any | undefined): void
  /** Before a create (no `old`) or an update; may fill in `object`. Throws to refuse. A dry run writes nothing. */
  begin(object: any, old: any | undefined, dryRun: boolean): Reservation | Promise<Reservation>
  /** The object is gone from the store. Never rejects. */
  deleted(object: any): void | Promise<void>
}

/** What `begin` took. One of the two is called, once: after the write, or when there was none (failure, dry run). Neither rejects. */
export interface Reservation {
  commit(): void | Promise<void>
  rollback(): void | Promise<void>
}

/** Has the kind's hook settle what it must before the object is validated. */
export const prepareWithHook = (hooks: StorageHooks, kind: Kind, object: KubeObject, old: KubeObject | undefined): void =>
  hooks[`${kind.group}/${kind.resource}`]?.prepare?.(object, old)

/** Runs `write` between taking and keeping (or giving back) what the kind's hook reserves. */
export async function withReservation<T>(hooks: StorageHooks, kind: Kind, object: KubeObject, old: KubeObject | undefined, dryRun: boolean, write: () => Promise<T>): Promise<T> {
  const hook = hooks[`${kind.group}/${kind.resource}`]
  if (!hook) return write()
  const reservation = await hook.begin(object, old, dryRun)
  let written = false
  try {
    const result = await write()
    written = !dryRun
    return result
  } finally {
    await (written ? reservation.commit() : reservation.rollback())
  }
}
