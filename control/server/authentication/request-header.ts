import type { UserInfo } from '../../../api/transport.ts'
import { headerFamily, headerValues, unescapeKey } from './credentials.ts'
import type { Headers } from './credentials.ts'

/** Whom to believe when they say for whom they ask: an authenticating proxy in front, or the server that aggregates this one. */
export interface RequestHeaderOptions {
  /** PEM: who signs the proxies' certificates. Best an authority that signs nothing else. */
  readonly ca: string
  /** Common names; empty: whoever has a certificate of that authority. */
  readonly allowedNames: readonly string[]
}

const user = 'x-remote-user'
const uid = 'x-remote-uid'
const group = 'x-remote-group'
const extra = 'x-remote-extra-'

/** Whom a proxy speaks for, by the original's usual headers. Undefined when it names nobody. */
export function remoteUser(headers: Headers, raw: readonly string[] | undefined): UserInfo | undefined {
  const [name] = headerValues(user, headers, raw)
  if (!name) return undefined
  const [id] = headerValues(uid, headers, raw)
  const groups = headerValues(group, headers, raw)
  const keys = headerFamily(extra, headers)
  return {
    name, ...(id && { uid: id }),
    groups: groups.includes('system:authenticated') || groups.includes('system:unauthenticated') ? groups : [...groups, 'system:authenticated'],
    ...(keys.length > 0 && { extra: Object.fromEntries(keys.map((key) => [unescapeKey(key), headerValues(extra + key, headers, raw)])) }),
  }
}

/** Takes out what only a proxy may say, so that nobody further on believes it. */
export function dropRemoteHeaders(headers: Record<string, unknown>): void {
  for (const name of Object.keys(headers)) if (name.startsWith('x-remote-')) delete headers[name]
}
