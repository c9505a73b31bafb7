import type { KeyObject } from 'node:crypto'
import type { Secret, ServiceAccount } from '../../../api/types/core-v1/config.ts'
import { legacyClaims } from '../../pki/account-token.ts'
import { isTokenOf, signToken, tokenKey } from '../../pki/token-key.ts'

export const tokenSecretType = 'kubernetes.io/service-account-token'
export const accountNameAnnotation = 'kubernetes.io/service-account.name'
export const accountUidAnnotation = 'kubernetes.io/service-account.uid'

/** The key of the account a token Secret belongs to; undefined for other Secrets. */
export function accountOf({ metadata, type }: Secret): string | undefined {
  const name = metadata.annotations?.[accountNameAnnotation]
  return type === tokenSecretType && name ? `${metadata.namespace}/${name}` : undefined
}

/** Whether a token Secret says that it belongs to this account, not to an earlier one of its name. */
export function belongsTo(secret: Secret, account: ServiceAccount): boolean {
  const uid = secret.metadata.annotations?.[accountUidAnnotation]
  return accountOf(secret) === `${account.metadata.namespace}/${account.metadata.name}` && (!uid || uid === account.metadata.uid)
}

export interface TokenMaker {
  /** What a token Secret of the account must hold and does not; undefined when all is right. */
  complete(secret: Secret, account: ServiceAccount): Secret | undefined
}

/** Fills token Secrets, and mends what is damaged or signed by a key that counts no more. */
export function tokenMaker({ key, keys, rootCA }: { key: KeyObject; keys: readonly KeyObject[]; rootCA: string | undefined }): TokenMaker {
  const good = [key, ...keys].map(tokenKey)
  const checked = new WeakSet<Secret>()
  const encode = (text: string) => Buffer.from(text).toString('base64')
  return {
    complete(secret, { metadata: { name, uid = '' } }) {
      if (checked.has(secret)) return undefined
      const { namespace = '', annotations } = secret.metadata
      const claims = legacyClaims(namespace, secret.metadata.name!, { name: name!, uid })
      const data = { ...secret.data }
      if (!isTokenOf(Buffer.from(data['token'] ?? '', 'base64').toString(), claims, good)) data['token'] = encode(signToken(key, claims))
      if (rootCA !== undefined) data['ca.crt'] = encode(rootCA)
      data['namespace'] ||= encode(namespace)
      const right = annotations?.[accountUidAnnotation] === uid && Object.entries(data).every(([field, value]) => secret.data?.[field] === value)
      if (!right) return { ...secret, metadata: { ...secret.metadata, annotations: { ...annotations, [accountUidAnnotation]: uid } }, data }
      checked.add(secret)
      return undefined
    },
  }
}

const generated = /-token-[bcdfghjklmnpqrstvwxz2456789]{5}$/

/** Whether a Secret of that name was made for the account by itself. */
export const isGenerated = (name: string, account: string): boolean => name.startsWith(`${account}-token-`) && generated.test(name)
