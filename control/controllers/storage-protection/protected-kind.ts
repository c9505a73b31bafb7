import { startController } from '../../../api/client/controller.ts'
import type { Controller } from '../../../api/client/controller.ts'
import type { Informer } from '../../../api/client/informer.ts'
import { isNotFound } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { ControllerDeps } from '../deps.ts'
import { unless } from '../shared/unless.ts'

export interface ProtectedKind<T extends KubeObject> {
  readonly name: string
  readonly kind: Kind<T>
  readonly finalizer: string
  /** Whether somebody uses it; asked only when it is to go. Looks at the server itself before it says no. */
  inUse(object: T): Promise<boolean>
  /** What else wakes an object: those whose going may set it free. */
  readonly watches?: readonly { readonly informer: Informer<any>; readonly map: (object: any) => readonly string[] }[]
}

/**
 * Holds objects of a kind by a finalizer as long as they are used. Admission gives the finalizer to what is new; what is
 * older gets it here.
 */
export function startProtection<T extends KubeObject>(deps: ControllerDeps, { name, kind, finalizer, inUse, watches = [] }: ProtectedKind<T>): Controller {
  const { client, clock, log, signal, metrics } = deps
  const objects = deps.informers.of(kind)
  const write = (object: T, finalizers: readonly string[]) =>
    client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } }).catch(unless(isNotFound))
  return startController({
    name, client, clock, log, signal, metrics, for: objects, watches,
    async reconcile(key) {
      const object = objects.get(key)
      if (!object) return
      const { deletionTimestamp, finalizers = [] } = object.metadata
      const held = finalizers.includes(finalizer)
      if (!deletionTimestamp && !held) await write(object, [...finalizers, finalizer])
      else if (deletionTimestamp && held && !(await inUse(object))) await write(object, finalizers.filter((each) => each !== finalizer))
    },
  })
}
