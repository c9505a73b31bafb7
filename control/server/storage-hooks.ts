import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'

/**
 * What must happen together with a write of certain kinds (the allocation of cluster IPs and node ports), found by
 * `group/resource`.
 */
export type StorageHooks = Readonly<Record<string, StorageHook>>

export interface StorageHook {
  /** Before a create (no `old`) or an update; may fill in `object`. Throws to refuse. */
  begin(object: any, old: any | undefined): Reservation | Promise<Reservation>
  /** The object is gone from the store. */
  deleted(object: any): void
}

/** What `begin` took. One of the two is called, once: after the write, or when there was none (failure, dry run). */
export interface Reservation {
  commit(): void
  rollback(): void
}

const nothing: Reservation = Object.freeze({ commit() {}, rollback() {} })

/** Runs `write` between taking and keeping (or giving back) what the kind's hook reserves. */
export async function withReservation<T>(hooks: StorageHooks, kind: Kind, object: KubeObject, old: KubeObject | undefined, dryRun: boolean, write: () => Promise<T>): Promise<T> {
  const hook = hooks[`${kind.group}/${kind.resource}`]
  const reservation = hook ? await hook.begin(object, old) : nothing
  let written = false
  try {
    const result = await write()
    written = !dryRun
    return result
  } finally {
    if (written) reservation.commit()
    else reservation.rollback()
  }
}
