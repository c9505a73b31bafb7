import { createHash, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A public key by which service account tokens are known. */
export interface TokenKey {
  readonly key: KeyObject
  /** The original's key id: the hash of the public key. */
  readonly id: string
  readonly algorithm: 'ES256' | 'ES384' | 'ES512' | 'RS256'
}

const curves: Readonly<Record<string, TokenKey['algorithm']>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/** The public half of a key (or the public key itself), with its name and the one algorithm it is used with. */
export function tokenKey(key: KeyObject): TokenKey {
  const half = key.type === 'public' ? key : createPublicKey(key.export({ type: 'pkcs8', format: 'pem' }))
  const algorithm = half.asymmetricKeyType === 'rsa' ? 'RS256' : curves[half.asymmetricKeyDetails?.namedCurve ?? '']
  if (!algorithm) throw new Error(`Cannot use a key of type ${half.asymmetricKeyType} for service account tokens: it must be RSA or EC`)
  return { key: half, algorithm, id: createHash('sha256').update(half.export({ type: 'spki', format: 'der' })).digest('base64url') }
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const head = ({ algorithm, id }: TokenKey): string => encoded({ alg: algorithm, kid: id })
const hashes = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', RS256: 'sha256' } as const

/** Signs claims as a JWT (RFC 7515, compact) with a private key. Synchronous, and so without the library that reads tokens. */
export function signToken(key: KeyObject, claims: Record<string, unknown>): string {
  const own = tokenKey(key)
  const text = `${head(own)}.${encoded(claims)}`
  return `${text}.${sign(hashes[own.algorithm], Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

/** Whether a text is what `signToken` makes of these very claims with one of the keys. */
export function isTokenOf(token: string, claims: Record<string, unknown>, keys: readonly TokenKey[]): boolean {
  return keys.some((own) => {
    const text = `${head(own)}.${encoded(claims)}`
    if (!token.startsWith(`${text}.`)) return false
    return verify(hashes[own.algorithm], Buffer.from(text), { key: own.key, dsaEncoding: 'ieee-p1363' }, Buffer.from(token.slice(text.length + 1), 'base64url'))
  })
}

/**
 * The claims of a token that one of the keys has signed; undefined when none has, or when it is no token at all. What strangers send
 * is read by a library, loaded with the first token: it takes 40 ms.
 */
export async function openToken(token: string, keys: readonly TokenKey[]): Promise<Record<string, unknown> | undefined> {
  const { compactVerify, decodeProtectedHeader } = await import('jose')
  let kid: string | undefined
  try {
    kid = decodeProtectedHeader(token).kid
  } catch {
    return undefined
  }
  for (const { key, algorithm } of keys.filter(({ id }) => kid === undefined || id === kid)) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [algorithm] })
      return claimsOf(payload)
    } catch {
      // Another key may have signed it.
    }
  }
  return undefined
}

function claimsOf(payload: Uint8Array): Record<string, unknown> | undefined {
  const value: unknown = JSON.parse(Buffer.from(payload).toString())
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
}

/** The issuer a token claims, unverified: whether to look at it at all. */
export function claimedIssuer(token: string): string | undefined {
  const [, payload = '', signature, ...more] = token.split('.')
  if (signature === undefined || more.length > 0 || payload.length > 16 * 1024) return undefined
  try {
    const { iss }: { iss?: unknown } = JSON.parse(Buffer.from(payload, 'base64url').toString()) ?? {}
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}
