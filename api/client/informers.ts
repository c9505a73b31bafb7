import type { Kind } from '../kinds/kind.ts'
import { apiVersionOf } from '../kinds/kind.ts'
import type { KubeObject } from '../object.ts'
import type { Client } from './client.ts'
import type { Deps } from './deps.ts'
import type { Informer, InformerOptions } from './informer.ts'
import { startInformer } from './start-informer.ts'
import type { StartedInformer } from './start-informer.ts'

/** One informer a kind (and scope), shared by everyone in the process who asks for it. */
export interface Informers {
  /** Started at the first call. Indexes of later callers are added to the running informer. */
  of<T extends KubeObject>(kind: Kind<T>, options?: InformerOptions<T>): Informer<T>
  /** Stops the informers of a kind that is no more; whoever asks again gets a new one. */
  drop(kind: Kind): Promise<void>
  /** Resolves when every informer asked for so far has synced. */
  synced(): Promise<void>
  stop(): Promise<void>
}

export function createInformers(client: Client, deps: Deps): Informers {
  const started = new Map<string, StartedInformer<any>>()
  return {
    of(kind, options = {}) {
      const id = JSON.stringify([apiVersionOf(kind), kind.resource, options.namespace, options.labelSelector, options.fieldSelector])
      let informer = started.get(id)
      if (!informer) started.set(id, informer = startInformer(client, kind, options, deps))
      else if (options.indexes) informer.addIndexes(options.indexes)
      return informer
    },
    async drop(kind) {
      const prefix = JSON.stringify([apiVersionOf(kind), kind.resource]).slice(0, -1)
      const gone = [...started.keys()].filter((id) => id === `${prefix}]` || id.startsWith(`${prefix},`))
      const stopped = gone.map((id) => started.get(id)!.stop())
      for (const id of gone) started.delete(id)
      await Promise.all(stopped)
    },
    async synced() {
      await Promise.all(started.values().map((informer) => informer.synced))
    },
    async stop() {
      await Promise.all(started.values().map((informer) => informer.stop()))
      started.clear()
    },
  }
}
