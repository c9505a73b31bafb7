import { scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { NativeMap, Opaque, failure } from '../values.ts'

interface Url { readonly text: string; readonly scheme: string; readonly host: string; readonly path: string; readonly query: string }

/** Go's `url.ParseRequestURI`: absolute, or a path. Undefined when it is none; then `why` says it. */
export function parseUrl(text: string): Url | { readonly why: string } {
  const wrong = (why: string) => ({ why: `parse ${JSON.stringify(text)}: ${why}` })
  if (text === '') return wrong('empty url')
  if (/[\x00-\x1f\x7f]/.test(text)) return wrong('net/url: invalid control character in URL')
  const [, scheme = '', rest = text] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^]*)$/.exec(text)!
  if (scheme === '' && /^[^/?#]*:/.test(text)) return wrong(text.startsWith(':') ? 'missing protocol scheme' : 'invalid URI for request')
  if (!rest.startsWith('/') && !(scheme !== '' && rest.startsWith('//'))) return wrong('invalid URI for request')
  const [, authority, path = '', query = ''] = (scheme !== '' || rest.startsWith('//') ? /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?/ : /^()([^?#]*)(?:\?([^#]*))?/).exec(rest)!
  const host = (authority ?? '').replace(/^.*@/, '')
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return wrong(`invalid URL escape ${JSON.stringify(/%.{0,2}/.exec(path)![0])}`)
  if (/[ <>"]/.test(host)) return wrong(`invalid character ${JSON.stringify(/[ <>"]/.exec(host)![0])} in host name`)
  const port = /:([^:\]]*)$/.exec(host)?.[1]
  if (port !== undefined && !/^\d*$/.test(port)) return wrong(`invalid port ${JSON.stringify(`:${port}`)} after host`)
  return { text, scheme: scheme.toLowerCase(), host, path, query }
}

function read(text: string): Opaque<Url> {
  const found = parseUrl(text)
  if ('why' in found) throw failure(`URL parse error during conversion from string: ${found.why}`)
  return new Opaque('kubernetes.URL', found, text)
}

const escapedPath = (path: string): string => path.replace(/%[0-9A-Fa-f]{2}|[^]/gu, (found) => (found.length === 3 && found.startsWith('%') || /[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]/.test(found) ? found : encodeURIComponent(found)))

function queryMap(query: string): NativeMap {
  const entries = new Map<unknown, string[]>()
  for (const [key, value] of new URLSearchParams(query)) entries.set(key, [...entries.get(key) ?? [], value])
  return new NativeMap(entries)
}

/** Kubernetes' URL library: `url('https://a.b:80/c?d=e').getHostname()`. */
export const urls: Library = {
  'url(string): url': scanning(([text]) => read(text)),
  'isURL(string): bool': scanning(([text]) => !('why' in parseUrl(text))),
  'url::getScheme(): string': ([{ value }]) => value.scheme,
  'url::getHost(): string': ([{ value }]) => value.host,
  'url::getHostname(): string': ([{ value }]) => value.host.replace(/:\d*$/, '').replace(/^\[|\]$/g, ''),
  'url::getPort(): string': ([{ value }]) => /:(\d*)$/.exec(value.host)?.[1] ?? '',
  'url::getEscapedPath(): string': ([{ value }]) => escapedPath(value.path),
  'url::getQuery(): map<string, list<string>>': ([{ value }]) => queryMap(value.query),
}
