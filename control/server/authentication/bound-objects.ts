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
import type { Reference } from '../../pki/account-token.ts'
import type { AccountClaims } from './service-account-claims.ts'

/** How far clocks may differ, and how long a token outlives the object it is tied to: the original's minute. */
export const leeway = 60_000

/** An object that must be there for a token to be good. */
interface Needed {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  /** What is said when there is none. */
  readonly absent: string
  /** What is wrong with it. */
  readonly check: (object: KubeObject, now: number) => string | undefined
}

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
  for (const [i, { check, absent }] of needed.entries()) {
    const object = objects[i]
    const problem = object ? check(object, now) : absent
    if (problem) throw unauthorized(problem)
  }
}

function neededBy({ namespace, account, pod, node, secret, legacySecret }: AccountClaims, token: string): Needed[] {
  const needed: Needed[] = []
  if (legacySecret) needed.push({ kind: secrets, namespace, name: legacySecret, absent: 'Token has been invalidated', check: (object) => wrongCopy(object as Secret, token) })
  needed.push({ kind: serviceAccounts, namespace, name: account.name, absent: `serviceaccounts ${JSON.stringify(account.name)} not found`, check: ownAccount(account, namespace, legacySecret ? 0 : leeway) })
  if (secret) needed.push({ kind: secrets, namespace, name: secret.name, absent: invalidated, check: sameAndAlive('secret', secret.uid) })
  if (pod) needed.push({ kind: pods, namespace, name: pod.name, absent: invalidated, check: sameAndAlive('pod', pod.uid) })
  // A pod's token names its node only for the record.
  if (node && !pod) needed.push({ kind: nodes, namespace: '', name: node.name, absent: invalidated, check: sameAndAlive('node', node.uid) })
  return needed
}

const isDeleted = ({ metadata }: KubeObject, now: number, patience: number): boolean =>
  metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) <= now - patience

const ownAccount = ({ name, uid }: Reference, namespace: string, patience: number) => (account: KubeObject, now: number): string | undefined => {
  if (isDeleted(account, now, patience)) return `service account ${namespace}/${name} has been deleted`
  return account.metadata.uid === uid ? undefined : `service account UID (${account.metadata.uid ?? ''}) does not match claim (${uid})`
}

const sameAndAlive = (what: string, uid: string) => (object: KubeObject, now: number): string | undefined => {
  if (isDeleted(object, now, leeway)) return invalidated
  return object.metadata.uid === uid ? undefined : `${what} UID (${object.metadata.uid ?? ''}) does not match service account ${what} ref claim (${uid})`
}

/** A token of the old kind is good as long as its Secret still holds this very text. */
function wrongCopy({ metadata, data, type }: Secret, token: string): string | undefined {
  if (metadata.deletionTimestamp || type !== 'kubernetes.io/service-account-token' || metadata.labels?.['kubernetes.io/legacy-token-invalid-since']) return 'Token has been invalidated'
  const held = Buffer.from(data?.['token'] ?? '', 'base64')
  const shown = Buffer.from(token)
  return held.length === shown.length && timingSafeEqual(held, shown) ? undefined : "Token does not match server's copy"
}
