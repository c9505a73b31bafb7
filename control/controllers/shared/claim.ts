import { ApiError, isNotFound } from '../../../api/errors.ts'
import type { Client } from '../../../api/client/client.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { controllerOf, controllerRef } from './owner.ts'

/** What to do about one object that a controller might own: keep it as ours, take it, let it go, or leave it alone. */
export type Claim = 'own' | 'adopt' | 'release' | 'leave'

/** The rule of controller references: never touch another controller's objects, adopt matching orphans, release what no longer matches. */
export function decideClaim(owner: KubeObject, object: KubeObject, matches: boolean): Claim {
  const controller = controllerOf(object)
  const ownerGoes = !!owner.metadata.deletionTimestamp
  if (controller) {
    if (controller.uid !== owner.metadata.uid) return 'leave'
    if (matches) return 'own'
    return ownerGoes ? 'leave' : 'release'
  }
  return matches && !ownerGoes && !object.metadata.deletionTimestamp ? 'adopt' : 'leave'
}

export interface Claimer<O extends KubeObject, T extends KubeObject> {
  readonly client: Client
  readonly ownerKind: Kind<O>
  readonly owner: O
  readonly kind: Kind<T>
  readonly matches: (object: T) => boolean
}

/**
 * Performs the claims on `candidates` and returns those that are the owner's afterwards. Before the first adoption the
 * owner is read from the server: an owner recreated under the same name must not take what its predecessor left.
 */
export async function claimAll<O extends KubeObject, T extends KubeObject>(claimer: Claimer<O, T>, candidates: readonly T[]): Promise<T[]> {
  let mayAdopt: Promise<void> | undefined
  const claimed: T[] = []
  for (const object of candidates) {
    const claim = decideClaim(claimer.owner, object, claimer.matches(object))
    if (claim === 'own') claimed.push(object)
    if (claim === 'release') await release(claimer, object)
    if (claim !== 'adopt') continue
    await (mayAdopt ??= checkOwner(claimer))
    const adopted = await adopt(claimer, object)
    if (adopted) claimed.push(adopted)
  }
  return claimed
}

async function checkOwner<O extends KubeObject>({ client, ownerKind, owner }: Claimer<O, any>): Promise<void> {
  const { namespace, name, uid } = owner.metadata
  const fresh = await client.get(ownerKind, { namespace, name })
  if (fresh.metadata.uid !== uid) throw new Error(`original ${ownerKind.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`)
  if (fresh.metadata.deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`)
}

async function adopt<O extends KubeObject, T extends KubeObject>({ client, kind, ownerKind, owner }: Claimer<O, T>, object: T): Promise<T | undefined> {
  const { namespace, name, uid } = object.metadata
  const patch = { metadata: { uid, ownerReferences: [controllerRef(ownerKind, owner)] } }
  return tolerant([404], client.patch(kind, { namespace, name }, { type: 'strategic', patch }))
}

async function release<O extends KubeObject, T extends KubeObject>({ client, kind, owner }: Claimer<O, T>, object: T): Promise<void> {
  const { namespace, name, uid } = object.metadata
  const patch = { metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] } }
  // 422: the object has been recreated under another uid, so there is nothing of ours to let go.
  await tolerant([404, 409, 422], client.patch(kind, { namespace, name }, { type: 'strategic', patch }))
}

async function tolerant<T>(codes: readonly number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isNotFound(error) || (error instanceof ApiError && codes.includes(error.code))) return undefined
    throw error
  }
}
