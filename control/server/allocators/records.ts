import { services } from '../../../api/kinds/core-v1/service.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { CacheEntry, ResourceCache } from '../../store/cache.ts'
import type { Tools } from '../tools.ts'

/** How long something may be recorded before its service is there: another server may be about to write that. */
const grace = 60_000

/**
 * Who holds what there is only one of in the cluster, as one object in the store for each: its key is what is held, so that the store itself refuses the
 * second holder, whichever server of the cluster asks.
 */
export interface Records<K> {
  has(held: K): boolean
  /** False when somebody else holds it. */
  write(held: K, service: Service): Promise<boolean>
  /** Gives back what the service holds; what is somebody else's stays. Never rejects: a record that could not be removed is found at the next start. */
  remove(held: K, service: Service): Promise<void>
  /** Records what services hold and nobody wrote down, and forgets what is held for services that do not come. */
  repair(): Promise<void>
}

/** One sort of records. */
export interface RecordSort<K> {
  /** For the log: `a cluster IP`. */
  readonly what: string
  readonly cache: ResourceCache
  keyOf(held: K): string
  /** What a record is of. */
  readHeld(record: KubeObject): K
  /** All that a service holds. */
  heldBy(service: Service | undefined): readonly K[]
  same(one: K, other: K): boolean
  /** The service a record was written for; undefined when it was written by somebody else, for something else. */
  holderOf(record: KubeObject): { readonly namespace: string; readonly name: string } | undefined
  /** False when there is a record already. */
  create(held: K, service: Service): Promise<boolean>
  /** Tolerates absence. */
  erase(held: K): Promise<void>
}

/** `changed` is told of everything that begins or ceases to be recorded, in the moment the watch cache sees it. */
export function createRecords<K>(tools: Tools, sort: RecordSort<K>, changed: (held: K, recorded: boolean) => void): Records<K> {
  const { log, clock, ending } = tools
  const { cache, what, readHeld } = sort
  const serviceCache = tools.resources.cache(services)
  const find = (held: K): KubeObject | undefined => cache.peek(sort.keyOf(held))?.object

  /** The service that is recorded, when it still holds it. */
  const holder = (record: KubeObject): Service | undefined => {
    const claimed = sort.holderOf(record)
    const service = claimed && serviceCache.peek(tools.resources.key(services, claimed.namespace, claimed.name))?.object as Service | undefined
    return service && sort.heldBy(service).some((held) => sort.same(held, readHeld(record))) ? service : undefined
  }

  const erase = (held: K): Promise<void> => sort.erase(held).catch((error: unknown) => {
    if (!ending.aborted) log.error({ err: error, held }, `Giving back ${what} failed`)
  })

  const orphans = (): CacheEntry[] => cache.peekAll().filter(({ object }) => sort.holderOf(object) && !holder(object))
  const identity = ({ key, revision }: CacheEntry): string => `${key} ${revision}`

  /** Only what was held for nobody all the time goes. */
  const forget = (): void => {
    const found = new Set(orphans().map(identity))
    if (found.size === 0) return
    const cancel = clock.after(grace, () => {
      ending.removeEventListener('abort', cancel)
      for (const entry of orphans()) if (found.has(identity(entry))) void erase(readHeld(entry.object))
    }, { unref: true })
    ending.addEventListener('abort', cancel, { once: true })
  }

  cache.observe((current, previous) => {
    if (current) return changed(readHeld(current.object), true)
    const record = previous!.object
    const service = holder(record)
    if (!service) return changed(readHeld(record), false)
    // Somebody deleted the record of what is in use.
    if (!ending.aborted) sort.create(readHeld(record), service).catch((error: unknown) => log.error({ err: error, held: readHeld(record) }, `Recording ${what} anew failed`))
  })

  return {
    has: (held) => find(held) !== undefined,
    write: sort.create,
    async remove(held, service) {
      const record = find(held)
      const claimed = record && sort.holderOf(record)
      if (claimed?.namespace === service.metadata.namespace && claimed?.name === service.metadata.name) await erase(held)
    },
    async repair() {
      await Promise.all([cache.ready(), serviceCache.ready()])
      await Promise.all(serviceCache.peekAll().map(({ object }) => object as Service).flatMap((service) => sort.heldBy(service).filter((held) => !find(held)).map((held) => sort.create(held, service))))
      forget()
    },
  }
}
