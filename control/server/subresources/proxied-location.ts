import { posix } from 'node:path'

/** Where a proxied answer comes from. */
export interface Proxied {
  /** What stands before the far side's paths here: `/api/v1/namespaces/default/services/web/proxy`. */
  readonly prefix: string
  /** The far side's own `host:port` and the name the client used: both mean the far side in its redirects. */
  readonly hosts: readonly string[]
}

/**
 * The `Location` of a proxied answer as the client must read it: an absolute path at the far side stands below the proxy's; relative ones and
 * those of other hosts stay as they are. Nobody here follows it.
 */
export function rewriteLocation(location: string, { prefix, hosts }: Proxied): string {
  const [, scheme = '', authority = '', path = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s.exec(location) ?? []
  const host = authority.replace(/^[^@]*@/, '')
  const elsewhere = host !== '' && !hosts.includes(host)
  if (elsewhere || !path.startsWith('/') || (scheme !== '' && host === '')) return location
  // Whoever was told the client's name for this server may already have written the whole path.
  if (path.startsWith(prefix)) return host !== '' && hosts.indexOf(host) === 0 ? `${path}${rest}` : location
  const joined = posix.join(prefix, path)
  const below = path.endsWith('/') && !joined.endsWith('/') ? `${joined}/` : joined
  return host !== '' && host === hosts[1] ? `${scheme ? `${scheme}:` : ''}//${authority}${below}${rest}` : `${below}${rest}`
}
