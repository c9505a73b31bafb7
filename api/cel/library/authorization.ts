import type { CelAuthorizer, CelDecision, CelQuestion } from '../cel.ts'
import type { Library } from '../functions.ts'
import { dnsLabel, dnsSubdomain } from '../../kinds/validation/names.ts'
import { Opaque, failure } from '../values.ts'

export const authorizerType = 'kubernetes.authorization.Authorizer'
export const resourceCheckType = 'kubernetes.authorization.ResourceCheck'
const prefix = 'kubernetes.authorization.'

interface Asking { readonly authorizer: CelAuthorizer; readonly question: CelQuestion }

/** The variable `authorizer`. */
export const authorizerValue = (authorizer: CelAuthorizer): Opaque<Asking> => new Opaque(authorizerType, { authorizer, question: {} })
/** The variable `authorizer.requestResource`. */
export const requestResourceValue = (authorizer: CelAuthorizer): Opaque<Asking> => new Opaque(resourceCheckType, { authorizer, question: authorizer.requestResource ?? {} })

const narrowed = (type: string, { value: { authorizer, question } }: Opaque<Asking>, more: CelQuestion): Opaque<Asking> => new Opaque(prefix + type, { authorizer, question: { ...question, ...more } })
const decided = ({ value: { authorizer, question } }: Opaque<Asking>, verb: string): Opaque<CelDecision> => new Opaque(`${prefix}Decision`, authorizer.authorize({ ...question, verb }))

function filled(text: string, what: string): string {
  if (text.trim() === '') throw failure(`${what} must not be empty`)
  return text
}

function account(namespace: string, name: string): { namespace: string; name: string } {
  if (dnsSubdomain(name).length > 0) throw failure(`Invalid service account name`)
  if (dnsLabel(namespace).length > 0) throw failure(`Invalid service account namespace`)
  return { namespace, name }
}

/** Asking the authorizer is the dearest thing an expression can do. */
const asking = { run: ([check, verb]: readonly any[]) => decided(check, verb), cost: () => 350_000 }

/** Kubernetes' authorizer library. */
export const authorization: Library = {
  'authorizer::path(string): pathCheck': ([a, path]) => narrowed('PathCheck', a, { path: filled(path, 'path') }),
  'authorizer::group(string): groupCheck': ([a, group]) => narrowed('GroupCheck', a, { group }),
  'authorizer::serviceAccount(string, string): authorizer': ([a, namespace, name]) => narrowed('Authorizer', a, { serviceAccount: account(namespace, name) }),
  'groupCheck::resource(string): resourceCheck': ([a, resource]) => narrowed('ResourceCheck', a, { resource: filled(resource, 'resource') }),
  'resourceCheck::subresource(string): resourceCheck': ([a, subresource]) => narrowed('ResourceCheck', a, { subresource }),
  'resourceCheck::namespace(string): resourceCheck': ([a, namespace]) => narrowed('ResourceCheck', a, { namespace }),
  'resourceCheck::name(string): resourceCheck': ([a, name]) => narrowed('ResourceCheck', a, { name }),
  'resourceCheck::fieldSelector(string): resourceCheck': ([a]) => a,
  'resourceCheck::labelSelector(string): resourceCheck': ([a]) => a,
  'pathCheck::check(string): decision': asking,
  'resourceCheck::check(string): decision': asking,
  'decision::allowed(): bool': ([a]) => a.value.allowed,
  'decision::reason(): string': ([a]) => a.value.reason ?? '',
  'decision::errored(): bool': ([a]) => a.value.error !== undefined,
  'decision::error(): string': ([a]) => a.value.error ?? '',
}
