import type { CompactVerifyGetKey } from 'jose'
import type { Clock } from '../../../host/clock.ts'
import type { FetchText } from './fetch-https.ts'

/** The keys of an OpenID Connect provider, found by discovery and kept. */
export interface ProviderKeys {
  /** Rejects when the provider cannot be reached and its keys were never read. */
  current(): Promise<CompactVerifyGetKey>
  /** The keys as they are now, after a token showed one that is not known; undefined when they were read a moment ago. */
  renewed(): Promise<CompactVerifyGetKey> | undefined
}

/** The least time between two questions to the provider, whatever strangers send. */
const pause = 10_000

export function providerKeys({ issuerURL, ca, clock, fetch }: { issuerURL: string; ca: string | undefined; clock: Clock; fetch: FetchText }): ProviderKeys {
  let keys: Promise<CompactVerifyGetKey> | undefined
  let asked = -Infinity
  let location: string | undefined

  async function read(): Promise<CompactVerifyGetKey> {
    const { createLocalJWKSet } = await import('jose')
    location ??= await discover()
    return createLocalJWKSet(JSON.parse(await fetch(location, { ca })) as Parameters<typeof createLocalJWKSet>[0])
  }

  async function discover(): Promise<string> {
    const url = `${issuerURL.replace(/\/$/, '')}/.well-known/openid-configuration`
    const { issuer, jwks_uri: uri }: { issuer?: unknown; jwks_uri?: unknown } = JSON.parse(await fetch(url, { ca })) ?? {}
    if (issuer !== issuerURL) throw new Error(`Cannot use ${url}: it is about another issuer`)
    if (typeof uri !== 'string' || !URL.canParse(uri) || new URL(uri).protocol !== 'https:') throw new Error(`Cannot use ${url}: its jwks_uri is no https URL`)
    return uri
  }

  function ask(): Promise<CompactVerifyGetKey> {
    asked = clock.now()
    const before = keys
    const asking: Promise<CompactVerifyGetKey> = read().catch((error: unknown) => {
      // What was known before is better than nothing; without it the next one asks again, after the pause.
      if (before) return before
      throw error
    })
    return keys = asking
  }

  return {
    async current() {
      if (!keys) return ask()
      try {
        return await keys
      } catch (error) {
        if (clock.now() - asked < pause) throw error
        keys = undefined
        return ask()
      }
    },
    renewed: () => (clock.now() - asked < pause ? undefined : ask()),
  }
}
