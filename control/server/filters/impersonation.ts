import { ApiError } from '../../../api/errors.ts'
import type { ApiResponse, UserInfo } from '../../../api/transport.ts'
import type { Attributes, Authorizer } from '../authorization/authorizer.ts'
import { headerFamily, headerValues, unescapeKey } from '../authentication/credentials.ts'
import type { Headers } from '../authentication/credentials.ts'
import { accountGroups, splitAccountName } from '../authentication/service-account-claims.ts'
import type { Filter, Handler, RequestContext, WireRequest } from '../context.ts'
import { refusal } from './authorization.ts'

const prefix = 'impersonate-'
const extraPrefix = 'impersonate-extra-'

/** One thing that somebody wants to pass for, as it is authorized: `impersonate users "bob"`. */
interface Part { readonly group: string; readonly version: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string; readonly kind: string }

/**
 * `Impersonate-User`, `-Group`, `-Uid`, `-Extra-…` (`kubectl --as`): the requester passes for somebody else, once each part has been
 * allowed. From then on the request is that user's, and the headers are gone: nobody behind this server shall believe them.
 */
export const impersonation = (authorizer: Authorizer): Filter => (next) => (context) => {
  const { headers } = context.request
  for (const name in headers) if (name.startsWith(prefix)) return impersonate(authorizer, context, next)
  return next(context)
}

async function impersonate(authorizer: Authorizer, context: RequestContext, next: Handler): Promise<ApiResponse> {
  const { headers, path } = context.request
  const wanted = read(headers, (context.request as Partial<WireRequest>).rawHeaders)
  if (wanted.parts.length > 0 && !wanted.user) {
    const list = wanted.parts.map(({ kind, namespace, name }) => `{${kind} ${namespace} ${name}    }`).join(' ')
    throw new ApiError(500, 'InternalError', `Internal Server Error: ${JSON.stringify(path)}: requested [${list}] without impersonating a user`)
  }
  for (const attributes of wanted.parts.map((part) => attributesOf(context, part))) {
    const { verdict, reason } = await authorizer.authorize(attributes)
    if (verdict !== 'allow') throw refusal(attributes, reason)
  }
  if (wanted.user) context.user = wanted.user
  // In process the headers are the caller's own, and frozen perhaps.
  if (context.wire) for (const name of Object.keys(headers)) if (name.startsWith(prefix)) delete (headers as Record<string, string>)[name]
  return next(context)
}

/** Who is meant, and each part that must be allowed. Empty headers mean nothing. */
function read(headers: Headers, raw: readonly string[] | undefined): { readonly user: UserInfo | undefined; readonly parts: readonly Part[] } {
  const values = (name: string) => headerValues(name, headers, raw)
  const [name = ''] = values('impersonate-user')
  const [uid = ''] = values('impersonate-uid')
  const groups = values('impersonate-group')
  const extra = headerFamily(extraPrefix, headers).map((key) => [unescapeKey(key), values(extraPrefix + key)] as const)
  const account = splitAccountName(name)
  const parts = [
    ...!name ? [] : account ? [{ ...part('ServiceAccount', 'serviceaccounts', account.name), namespace: account.namespace }] : [part('User', 'users', name)],
    ...groups.map((group) => part('Group', 'groups', group)),
    ...extra.flatMap(([key, texts]) => texts.map((text) => ({ ...part('UserExtra', 'userextras', text), ...own, subresource: key }))),
    ...uid ? [{ ...part('UID', 'uids', uid), ...own }] : [],
  ]
  if (!name) return { user: undefined, parts }
  const basis = groups.length > 0 || !account ? groups : accountGroups(account.namespace)
  return { parts, user: { name, ...(uid && { uid }), groups: completed(name, basis), ...(extra.length > 0 && { extra: Object.fromEntries(extra) }) } }
}

const own = { group: 'authentication.k8s.io', version: 'v1' }
const part = (kind: string, resource: string, name: string): Part => ({ kind, group: '', version: '', resource, subresource: '', namespace: '', name })

/** Everybody is either authenticated or not; who says neither is what their name is. */
function completed(name: string, groups: readonly string[]): readonly string[] {
  const anonymous = name === 'system:anonymous'
  if (groups.includes('system:unauthenticated') || (!anonymous && groups.includes('system:authenticated'))) return groups
  return [...groups, anonymous ? 'system:unauthenticated' : 'system:authenticated']
}

const attributesOf = ({ user }: RequestContext, { kind: _, ...part }: Part): Attributes => ({ user, isResource: true, path: '', verb: 'impersonate', ...part })
