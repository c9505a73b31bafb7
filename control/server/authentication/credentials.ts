/** Lower-case names, one text each: what Node makes of a request's head. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** A token in a request, `malformed` for one that cannot be any, undefined for none at all. `clean` is the subprotocol header without it. */
export type Credential = { readonly token: string; readonly protocols?: string } | 'malformed' | undefined

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'
/** No token of any of ours comes near; what is longer is not looked at. */
export const longestToken = 16 * 1024

/**
 * The bearer token of a request: from `Authorization: Bearer …`, or, for browsers, which cannot send that header with a WebSocket,
 * from the subprotocol `base64url.bearer.authorization.k8s.io.<token>`. Other schemes (`Basic`) are nobody's, as in the original.
 */
export function credentialOf(headers: Headers): Credential {
  const header = headers['authorization']
  if (typeof header === 'string') {
    const [scheme = '', token = ''] = header.trim().split(' ', 3)
    if (scheme.toLowerCase() === 'bearer' && token !== '') return token.length > longestToken ? 'malformed' : { token }
  }
  const offered = headers['sec-websocket-protocol']
  return typeof offered === 'string' && offered.includes(protocolPrefix) ? fromProtocols(headers, offered) : undefined
}

/** The subprotocol without the token must leave another one, which the server can agree to. */
function fromProtocols(headers: Headers, offered: string): Credential {
  if (String(headers['upgrade'] ?? '').toLowerCase() !== 'websocket') return undefined
  const protocols = offered.split(',').map((protocol) => protocol.trim())
  const [carrier = '', ...more] = protocols.filter((protocol) => protocol.startsWith(protocolPrefix))
  const others = protocols.filter((protocol) => !protocol.startsWith(protocolPrefix))
  const encoded = carrier.slice(protocolPrefix.length)
  if (more.length > 0 || others.length === 0 || !/^[A-Za-z0-9_-]+$/.test(encoded) || encoded.length > longestToken) return 'malformed'
  const token = Buffer.from(encoded, 'base64url').toString()
  return token.includes('\ufffd') ? 'malformed' : { token, protocols: others.join(',') }
}

/**
 * The values of a header, each as it was sent. Node joins equal headers with commas, which may be part of a name; `raw` (names and
 * values in turn) is what came over the wire. In process there is one value, taken whole.
 */
export function headerValues(name: string, headers: Headers, raw: readonly string[] | undefined): readonly string[] {
  const joined = headers[name]
  if (joined === undefined) return []
  if (!raw) return [joined].flat()
  const values: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) if (raw[i]!.toLowerCase() === name) values.push(raw[i + 1]!)
  return values
}

/** Header names of a family, without the part they have in common: what is behind `impersonate-extra-`. */
export const headerFamily = (prefix: string, headers: Headers): readonly string[] =>
  Object.keys(headers).filter((name) => name.startsWith(prefix) && name.length > prefix.length).map((name) => name.slice(prefix.length))

/** Keys of extra values come percent-encoded, for headers know no `/`; what is not well encoded stays as it is. */
export function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
