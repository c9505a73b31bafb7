import type { UserInfo } from '../../../api/transport.ts'
import { impliedAudiences } from './authenticator.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import { hashOf } from './token-cache.ts'

/** Tokens of a file, with whom each speaks for. */
export type StaticTokens = ReadonlyMap<string, UserInfo>

/**
 * Reads a token file: CSV with the columns token, user, uid and, optionally, the groups in quotes. Throws an `Error` that names the
 * line, never its content.
 */
export function parseTokenFile(text: string, name = 'the token file'): StaticTokens {
  const tokens = new Map<string, UserInfo>()
  for (const [i, columns] of csv(text).entries()) {
    const [token = '', user = '', uid = '', groups = ''] = columns.map((column) => column.trim())
    if (columns.length < 3) throw new Error(`Cannot use ${name}: record ${i + 1} must have at least 3 columns (token, user name, user uid), found ${columns.length}`)
    if (token === '') continue
    const named = groups === '' ? [] : groups.split(',').map((group) => group.trim())
    tokens.set(token, { name: user, ...(uid && { uid }), groups: [...new Set([...named, 'system:authenticated'])] })
  }
  return tokens
}

/** The records of a CSV text (RFC 4180); empty lines and those that begin with `#` are none. */
function csv(text: string): string[][] {
  const field = /"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*)/y
  return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => {
    const columns: string[] = []
    for (field.lastIndex = 0; ;) {
      while (line[field.lastIndex] === ' ') field.lastIndex++
      const [, quoted, plain = ''] = field.exec(line)!
      const at = field.lastIndex
      columns.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
      if (line[at] !== ',') return columns
      field.lastIndex = at + 1
    }
  })
}

/** Knows the tokens of a file. They never end, and are for the API server. */
export function staticTokens(tokens: StaticTokens, audiences: readonly string[]): TokenAuthenticator {
  const byHash = new Map([...tokens].map(([token, user]) => [hashOf(token), Object.freeze(user)]))
  return {
    name: 'tokenfile',
    authenticate(token, asked) {
      const user = byHash.get(hashOf(token))
      const good = user && impliedAudiences(audiences, asked)
      return good && { user, audiences: good }
    },
  }
}
