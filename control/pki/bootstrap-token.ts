import type { Secret } from '../../api/types/core-v1/config.ts'

/** What a bootstrap token's Secret says. */
export interface BootstrapToken {
  readonly id: string
  readonly secret: string
  /** What it may be used for: `authentication`, `signing`. */
  readonly usages: readonly string[]
  /** RFC 3339; undefined: never. */
  readonly expiration: string | undefined
  readonly groups: readonly string[]
}

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token'

/** Reads a Secret of type `bootstrap.kubernetes.io/token`; undefined when it is none, or says not enough. */
export function bootstrapToken({ type, data = {}, metadata }: Secret): BootstrapToken | undefined {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString()
  const id = text('token-id')
  const secret = text('token-secret')
  if (type !== bootstrapTokenType || id === '' || secret === '' || metadata.name !== `bootstrap-token-${id}`) return undefined
  return {
    id, secret, expiration: text('expiration') || undefined,
    usages: Object.keys(data).filter((key) => key.startsWith('usage-bootstrap-') && text(key) === 'true').map((key) => key.slice('usage-bootstrap-'.length)),
    groups: text('auth-extra-groups').split(',').filter((group) => group !== ''),
  }
}

/** An end that cannot be read has been reached, as in the original. */
export const hasExpired = ({ expiration }: Pick<BootstrapToken, 'expiration'>, now: number): boolean => expiration !== undefined && !(endOf(expiration) > now)

/** When a token ends, in milliseconds; NaN when that cannot be read. */
export const endOf = (expiration: string): number => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(expiration) ? Date.parse(expiration) : Number.NaN)
