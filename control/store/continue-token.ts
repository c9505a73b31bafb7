import { badRequest } from '../../api/errors.ts'

/** Where the next page of a list begins. `revision` -1: at the newest. `after`: the last key given, without the prefix. */
export interface ContinueToken {
  readonly revision: number
  readonly after: string
}

const version = 'meta.k8s.io/v1'

/** In the original's form: clients must not look inside, but a token survives a change of servers. */
export const encodeContinue = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision, start: `${after}\0` })).toString('base64url')

export function decodeContinue(token: string): ContinueToken {
  let parsed: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString()) ?? {}
  } catch {
    throw badRequest('continue key is not valid: it is not a token of this server')
  }
  const { v, rv, start } = parsed
  if (v !== version) throw badRequest(`continue key is not valid: server does not recognize this encoded version ${JSON.stringify(v ?? '')}`)
  if (!Number.isSafeInteger(rv) || rv === 0 || (rv as number) < -1) throw badRequest(`continue key is not valid: incorrect encoded start resourceVersion (version ${version})`)
  if (typeof start !== 'string' || start.length < 2 || !start.endsWith('\0')) throw badRequest(`continue key is not valid: encoded start key empty (version ${version})`)
  return { revision: rv as number, after: start.slice(0, -1) }
}
