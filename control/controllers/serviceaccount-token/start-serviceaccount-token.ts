import { startController } from '../../../api/client/controller.ts'
import { isConflict, isNotFound } from '../../../api/errors.ts'
import { secrets as secretKind } from '../../../api/kinds/core-v1/secret.ts'
import { serviceAccounts as accountKind } from '../../../api/kinds/core-v1/service-account.ts'
import { parseKey } from '../../../api/object.ts'
import type { ObjectKey } from '../../../api/object.ts'
import type { Secret, ServiceAccount } from '../../../api/types/core-v1/config.ts'
import { generatedName } from '../../server/random-names.ts'
import type { ControllerDeps, RunningController } from '../deps.ts'
import { isNamespaceTerminating } from '../replicas/manage-replicas.ts'
import { unless } from '../shared/unless.ts'
import { accountNameAnnotation, accountOf, accountUidAnnotation, belongsTo, isGenerated, tokenMaker, tokenSecretType } from './token-secret.ts'

/**
 * Secrets of type `kubernetes.io/service-account-token` get a long-lived token and go with their account. And, unless told not to, each
 * account has one such Secret, listed in its `.secrets`, which clients from before Kubernetes 1.24 look for.
 */
export function startServiceAccountToken(deps: ControllerDeps): RunningController {
  const { client, options } = deps
  const key = options?.serviceAccountKey
  if (!key) return { stop: async () => {} }
  const accounts = deps.informers.of(accountKind)
  const secrets = deps.informers.of(secretKind, { fieldSelector: `type=${tokenSecretType}`, indexes: { account: (secret) => [accountOf(secret) ?? ''] } })
  const maker = tokenMaker({ key, keys: options.serviceAccountKeys ?? [], rootCA: options.rootCA })
  const find = <T>(asking: Promise<T>): Promise<T | undefined> => asking.catch(unless(isNotFound))
  const remove = ({ metadata: { namespace, name, uid } }: Secret) =>
    client.delete(secretKind, { namespace, name: name! }, { ...(uid && { preconditions: { uid } }) }).catch(unless(isNotFound, isConflict))

  async function reconcile(at: string): Promise<void> {
    const held = secrets.byIndex('account', at)
    const account = accounts.get(at) ?? (held.length > 0 ? await find(client.get(accountKind, parseKey(at))) : undefined)
    for (const secret of held) {
      if (!account || !belongsTo(secret, account)) await remove(secret)
      else if (!secret.metadata.deletionTimestamp) await complete(secret, account)
    }
    if (account && !account.metadata.deletionTimestamp && !options?.legacyServiceAccountTokenNoAutoGeneration) await ensureListed(parseKey(at))
  }

  async function complete(secret: Secret, account: ServiceAccount): Promise<void> {
    const wanted = maker.complete(secret, account)
    // What says that it never changes must be made anew by whoever made it.
    if (wanted && !secret.immutable) await client.update(secretKind, wanted).catch(unless(isNotFound))
  }

  /** The account and its Secrets are asked of the server: what a cache has not seen yet must not be made twice. */
  async function ensureListed(at: ObjectKey): Promise<void> {
    const cached = accounts.get(`${at.namespace}/${at.name}`)
    if (cached?.secrets?.some(({ name = '' }) => isHeld(cached, secrets.get({ namespace: at.namespace, name })))) return
    const account = await find(client.get(accountKind, at))
    if (!account || account.metadata.deletionTimestamp) return
    const listed = await Promise.all((account.secrets ?? []).map(async (reference) => ({ reference, secret: await find(client.get(secretKind, { namespace: at.namespace, name: reference.name ?? '' })) })))
    if (listed.some(({ secret }) => isHeld(account, secret))) return
    const kept = listed.filter(({ reference, secret }) => secret || !isGenerated(reference.name ?? '', at.name)).map(({ reference }) => reference)
    const secret = await client.create(secretKind, draft(account)).catch(unless(isNotFound, isNamespaceTerminating))
    if (!secret) return
    try {
      await client.update(accountKind, { ...account, secrets: [...kept, { name: secret.metadata.name! }] })
    } catch (error) {
      await remove(secret)
      if (!isNotFound(error)) throw error
    }
  }

  const isHeld = (account: ServiceAccount, secret: Secret | undefined): boolean => secret !== undefined && belongsTo(secret, account)

  function draft(account: ServiceAccount) {
    const { namespace, name = '', uid = '' } = account.metadata
    const metadata = { namespace, name: generatedName(`${name}-token-`, deps.clock), annotations: { [accountNameAnnotation]: name, [accountUidAnnotation]: uid } }
    const empty = { apiVersion: 'v1', kind: 'Secret', metadata, type: tokenSecretType } as Secret
    return maker.complete(empty, account) ?? empty
  }

  return startController({
    name: 'serviceaccount-token-controller', client, clock: deps.clock, log: deps.log, signal: deps.signal, metrics: deps.metrics, workers: 5,
    for: accounts, watches: [{ informer: secrets, map: (secret: Secret) => [accountOf(secret) ?? []].flat() }],
    reconcile,
  })
}
