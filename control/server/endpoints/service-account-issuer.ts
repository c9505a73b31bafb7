import type { TokenKey } from '../../pki/token-key.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { Endpoint } from './endpoints.ts'

export interface IssuerOptions {
  readonly keys: readonly TokenKey[]
  readonly issuer: string
  /** Where the keys are found; by it others can verify our tokens without asking us. */
  readonly jwksURI: string
}

const keysPath = '/openid/v1/jwks'

/** Where the keys are when nobody says otherwise: this server, by the address it advertises. */
export const defaultJwksURI = (serverAddress: string): string => `https://${serverAddress || 'localhost'}${keysPath}`

/**
 * The keys and the description of the issuer of service account tokens (OpenID Connect Discovery 1.0, RFC 7517), for those whom RBAC lets
 * read them. Nothing is published for an issuer that is no https URL, or without keys.
 */
export function serviceAccountIssuer({ keys, issuer, jwksURI }: IssuerOptions): Readonly<Record<string, Endpoint>> {
  if (keys.length === 0 || !issuer.startsWith('https://') || !URL.canParse(issuer)) return {}
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].sort()
  const description = {
    issuer, jwks_uri: jwksURI, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: algorithms,
  }
  const set = () => ({ keys: keys.map(({ key, id, algorithm }) => ({ use: 'sig', kty: '', kid: id, alg: algorithm, ...key.export({ format: 'jwk' }) })) })
  let made: Buffer | undefined
  return {
    '/.well-known/openid-configuration': () => published(Buffer.from(JSON.stringify(description)), 'application/json'),
    [keysPath]: () => published(made ??= Buffer.from(JSON.stringify(set())), 'application/jwk-set+json'),
  }
}

const published = (bytes: Buffer, type: string): ApiResponse => ({
  status: 200, headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' }, body: { kind: 'bytes', bytes },
})
