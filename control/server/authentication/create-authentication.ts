import type { KeyObject } from 'node:crypto'
import { tokenKey } from '../../pki/token-key.ts'
import type { TokenKey } from '../../pki/token-key.ts'
import type { Tools } from '../tools.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import { bootstrapTokens } from './bootstrap-tokens.ts'
import { identifier } from './identify.ts'
import type { Identify } from './identify.ts'
import { oidcTokens } from './oidc.ts'
import type { OIDCOptions } from './oidc.ts'
import type { RequestHeaderOptions } from './request-header.ts'
import { serviceAccountTokens } from './service-account-tokens.ts'
import { staticTokens } from './static-tokens.ts'
import type { StaticTokens } from './static-tokens.ts'

/** How the server finds out who asks, beside client certificates. */
export interface AuthenticationOptions {
  /** Further keys by which service account tokens are known (`--service-account-key-file`): those of before, while keys are changed. */
  readonly serviceAccountKeys?: readonly KeyObject[]
  /** Further issuers whose tokens are ours: those of before. */
  readonly serviceAccountIssuers?: readonly string[]
  /** For whom tokens must be (`--api-audiences`). Default the issuer. */
  readonly apiAudiences?: readonly string[]
  /** Seconds a service account token may live at most (`--service-account-max-token-expiration`). Default as long as is asked for. */
  readonly maxExpiration?: number
  /** Whether pods' tokens live on for clients that never read them again (`--service-account-extend-token-expiration`). Default true. */
  readonly extendExpiration?: boolean
  /** Where others find the keys (`--service-account-jwks-uri`). Default this server's own address. */
  readonly jwksURI?: string
  /** Proxies that are believed when they say for whom they ask. */
  readonly requestHeader?: RequestHeaderOptions
  /** Tokens of a file (`--token-auth-file`). */
  readonly tokens?: StaticTokens
  /** Whether joining nodes may use bootstrap tokens. Default true. */
  readonly bootstrapTokens?: boolean
  /** A provider of ID tokens (`--oidc-…`). */
  readonly oidc?: OIDCOptions
  /** Further ways, asked last. */
  readonly authenticators?: readonly TokenAuthenticator[]
}

/** What the options come to. */
export interface Authentication {
  readonly identify: Identify
  readonly tokens: readonly TokenAuthenticator[]
  readonly keys: readonly TokenKey[]
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly requestHeader: RequestHeaderOptions | undefined
}

/** `signing`: the key and issuer of this server's own tokens. */
export function createAuthentication(tools: Tools, { key, issuer }: { key: KeyObject | undefined; issuer: string }, options: AuthenticationOptions = {}): Authentication {
  const keys = [...key ? [key] : [], ...options.serviceAccountKeys ?? []].map(tokenKey)
  const issuers = [issuer, ...options.serviceAccountIssuers ?? []]
  const audiences = options.apiAudiences?.length ? options.apiAudiences : [issuer]
  const tokens: readonly TokenAuthenticator[] = [
    ...options.tokens ? [staticTokens(options.tokens, audiences)] : [],
    ...keys.length > 0 ? [serviceAccountTokens(tools, { keys, issuers, audiences })] : [],
    ...options.bootstrapTokens ?? true ? [bootstrapTokens(tools, audiences)] : [],
    ...options.oidc ? [oidcTokens(options.oidc, { ...tools, audiences })] : [],
    ...options.authenticators ?? [],
  ]
  return { tokens, keys, issuers, audiences, identify: identifier(tokens), requestHeader: options.requestHeader }
}
