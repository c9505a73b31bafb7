import { timingSafeEqual } from 'node:crypto'
import { secrets } from '../../../api/kinds/core-v1/secret.ts'
import type { Secret } from '../../../api/types/core-v1/config.ts'
import { bootstrapToken, hasExpired } from '../../pki/bootstrap-token.ts'
import type { Tools } from '../tools.ts'
import { impliedAudiences } from './authenticator.ts'
import type { Authenticated, TokenAuthenticator } from './authenticator.ts'

const defaultGroup = 'system:bootstrappers'
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

/** Tokens with which nodes join: `<id>.<secret>`, kept in Secrets `bootstrap-token-<id>` of kube-system. */
export function bootstrapTokens({ resources, clock }: Pick<Tools, 'resources' | 'clock'>, audiences: readonly string[]): TokenAuthenticator {
  return {
    name: 'bootstrap',
    authenticate(token, asked) {
      const [, id = '', shown = ''] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? []
      const good = impliedAudiences(audiences, asked)
      if (id === '' || !good) return undefined
      const cache = resources.cache(secrets)
      const key = resources.key(secrets, 'kube-system', `bootstrap-token-${id}`)
      const judge = (secret: Secret | undefined): Authenticated | undefined => {
        const user = secret && userOf(secret, id, shown, clock.now())
        return user && { user, audiences: good }
      }
      const known = cache.peek(key)
      return known ? judge(known.object as Secret) : cache.get(key).then((entry) => judge(entry?.object as Secret | undefined))
    },
  }
}

function userOf(secret: Secret, id: string, shown: string, now: number) {
  const token = bootstrapToken(secret)
  if (!token || secret.metadata.deletionTimestamp) return undefined
  const equal = token.secret.length === shown.length && timingSafeEqual(Buffer.from(token.secret), Buffer.from(shown))
  if (!equal || token.id !== id || hasExpired(token, now) || !token.usages.includes('authentication')) return undefined
  // One group that is none spoils the token: it was meant to say something else.
  if (token.groups.some((group) => !extraGroup.test(group))) return undefined
  return { name: `system:bootstrap:${id}`, groups: [...new Set([defaultGroup, ...token.groups.toSorted(), 'system:authenticated'])] }
}
