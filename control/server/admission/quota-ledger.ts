import { internal } from '../../../api/errors.ts'
import { resourceQuotas } from '../../../api/kinds/core-v1/resource-quota.ts'
import type { ResourceList } from '../../../api/types/core-v1/common.ts'
import type { ResourceQuota } from '../../../api/types/core-v1/quota.ts'
import { chargeFor } from '../../quota/charge.ts'
import type { Write } from '../../quota/charge.ts'
import { StoreError } from '../../store/log.ts'
import type { Tools } from '../tools.ts'

/** A write that waits for its share. */
interface Waiting extends Write {
  readonly dryRun: boolean
  granted(): void
  refused(why: string): void
  failed(error: unknown): void
}

/** How often a quota is written anew because somebody else was faster: its controller, or another server. */
const tries = 20

/**
 * Takes what writes use from the quotas of their namespace, by compare-and-set on the quotas' status. All writes that come
 * while one change of a namespace's quotas is under way share the next, so that a thousand pods are not a thousand
 * changes of the same object, and none of them can take what another has.
 */
export class QuotaLedger {
  readonly #tools: Tools
  /** By namespace; an entry is there while somebody works on it. */
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /** Resolves to why the write is refused; undefined: it has what it needs. */
  take(namespace: string, write: Write, dryRun: boolean): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { ...write, dryRun, granted: () => resolve(undefined), refused: resolve, failed: reject }
      const queue = this.#waiting.get(namespace)
      if (queue) {
        queue.push(waiting)
        return
      }
      this.#waiting.set(namespace, [waiting])
      void this.#work(namespace)
    })
  }

  async #work(namespace: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(namespace)!
      if (batch.length === 0) break
      this.#waiting.set(namespace, [])
      try {
        await this.#settle(namespace, batch)
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    this.#waiting.delete(namespace)
  }

  async #settle(namespace: string, batch: readonly Waiting[]): Promise<void> {
    let open = batch
    // After a lost race only the quotas that were lost are left: the others have been charged.
    let left: ReadonlySet<string> | undefined
    for (let attempt = 0; open.length > 0; attempt++) {
      if (attempt >= tries) throw internal('resource quota evaluation timed out')
      const quotas = this.#read(namespace).filter(({ metadata }) => !left || left.has(metadata.name))
      const used = new Map<string, ResourceList>()
      open = decide(open, quotas, used, this.#tools.clock.now())
      left = await this.#write(quotas, used)
      if (left.size > 0) continue
      for (const { granted } of open) granted()
      return
    }
  }

  #read(namespace: string): ResourceQuota[] {
    return this.#tools.resources.cache(resourceQuotas).peekAll(namespace).map(({ object }) => object as ResourceQuota)
  }

  /** Writes what changed; the names of quotas that somebody else changed meanwhile. */
  async #write(quotas: readonly ResourceQuota[], used: ReadonlyMap<string, ResourceList>): Promise<Set<string>> {
    const { store, resources } = this.#tools
    const lost = new Set<string>()
    await Promise.all(quotas.map(async (quota) => {
      const { name, namespace = '', resourceVersion } = quota.metadata
      const now = used.get(name)
      if (!now) return
      try {
        await store.update(resources.of(resourceQuotas), resources.key(resourceQuotas, namespace, name), Number(resourceVersion), { ...quota, status: { ...quota.status, used: sorted(now) } } as ResourceQuota)
      } catch (error) {
        if (!(error instanceof StoreError) || (error.reason !== 'conflict' && error.reason !== 'missing')) throw error
        lost.add(name)
      }
    }))
    return lost
  }
}

/** Answers whoever is refused or changes nothing; returns those who wait for the write, and adds what they use to `used`. */
function decide(open: readonly Waiting[], quotas: readonly ResourceQuota[], used: Map<string, ResourceList>, now: number): Waiting[] {
  const usedOf = ({ metadata, status }: ResourceQuota): ResourceList => used.get(metadata.name) ?? status?.used ?? {}
  return open.filter((write) => {
    const charge = chargeFor(quotas, usedOf, write, now)
    if ('refusal' in charge) write.refused(charge.refusal)
    else if (charge.used.size === 0 || write.dryRun) write.granted()
    else {
      for (const [name, list] of charge.used) used.set(name, list)
      return true
    }
    return false
  })
}

const sorted = (list: ResourceList): ResourceList => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))
