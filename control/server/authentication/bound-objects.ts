import { timingSafeEqual } from 'node:crypto'
import { unauthorized } from '../../../api/errors.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { secrets } from '../../../api/kinds/core-v1/secret.ts'
import { serviceAccounts } from '../../../api/kinds/core-v1/service-account.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Secret } from '../../../api/types/core-v1/config.ts'
import type { Tools } from '../tools.ts'
import type { AccountClaims } from './service-account-claims.ts'

/** How far clocks may differ, and how long a token outlives the object it is tied to: the original's minute. */
export const leeway = 60_000

/** An object that must be there for a token to be good. */
interface Needed { readonly kind: Kind; readonly namespace: string; readonly name: string; readonly check: (object: KubeObject, now: number) => string | undefined }

const invalidated = 'service account token has been invalidated'

/**
 * Throws 401 unless the account and everything the token is tied to live. Synchronous when memory has them all; what it has not is
 * asked of the store, where another server may just have written it.
 */
export function checkBoundObjects(tools: Pick<Tools, 'resources' | 'clock'>, token: string, claims: AccountClaims): void | Promise<void> {
  const needed = neededBy(claims, token)
  const found = needed.map((need) => lookUp(tools, need))
  if (found.some((object) => object instanceof Promise)) return Promise.all(found).then((objects) => judge(needed, objects, tools.clock.now()))
  judge(needed, found as (KubeObject | undefined)[], tools.clock.now())
}

function lookUp({ resources }: Pick<Tools, 'resources'>, { kind, namespace, name }: Needed): KubeObject | undefined | Promise<KubeObject | undefined> {
  const cache = resources.cache(kind)
  const key = resources.key(kind, namespace, name)
  return cache.peek(key)?.object ?? cache.get(key).then((entry) => entry?.object)
}

function judge(needed: readonly Needed[], objects: readonly (KubeObject | undefined)[], now: number): void {
  for (const [i, { check }] of needed.entries()) {
    const object = objects[i]
    const problem = object ? check(object, now) : invalidated
    if (problem) throw unauthorized(problem)
  }
}

function neededBy({ namespace, account, pod, node, secret, legacySecret }: AccountClaims, token: string): Needed[] {
  const needed: Needed[] = [{ kind: serviceAccounts, namespace, name: account.name, check: sameAndAlive('service account', account.uid) }]
  if (legacySecret) needed.push({ kind: secrets, namespace, name: legacySecret, check: (object) => (holds(object as Secret, token) ? undefined : invalidated) })
  if (secret) needed.push({ kind: secrets, namespace, name: secret.name, check: sameAndAlive('secret', secret.uid) })
  if (pod) needed.push({ kind: pods, namespace, name: pod.name, check: sameAndAlive('pod', pod.uid) })
  // A pod's token names its node only for the record.
  if (node && !pod) needed.push({ kind: nodes, namespace: '', name: node.name, check: sameAndAlive('node', node.uid) })
  return needed
}

const sameAndAlive = (what: string, uid: string) => ({ metadata }: KubeObject, now: number): string | undefined => {
  if (metadata.uid !== uid) return `${what} UID (${metadata.uid ?? ''}) does not match ${what} ref claim (${uid})`
  return metadata.deletionTimestamp && Date.parse(metadata.deletionTimestamp) < now - leeway ? invalidated : undefined
}

/** A token of the old kind is good as long as its Secret still holds this very text. */
function holds({ metadata, data, type }: Secret, token: string): boolean {
  if (metadata.deletionTimestamp || type !== 'kubernetes.io/service-account-token' || metadata.labels?.['kubernetes.io/legacy-token-invalid-since']) return false
  const held = Buffer.from(data?.['token'] ?? '', 'base64')
  const shown = Buffer.from(token)
  return held.length === shown.length && timingSafeEqual(held, shown)
}
