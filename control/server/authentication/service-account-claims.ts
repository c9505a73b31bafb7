import type { UserInfo } from '../../../api/transport.ts'
import { accountName, legacyIssuer, legacyPrefix } from '../../pki/account-token.ts'
import type { Reference } from '../../pki/account-token.ts'

/** What a verified service account token says, in the form of either generation. */
export interface AccountClaims {
  readonly namespace: string
  readonly account: Reference
  readonly pod?: Reference | undefined
  readonly node?: Reference | undefined
  readonly secret?: Reference | undefined
  /** The name of the Secret that holds a token of the old kind, which lives as long as that. */
  readonly legacySecret?: string
  /** Empty in old tokens: those are for the API server alone. */
  readonly audiences: readonly string[]
  /** Seconds since the epoch. */
  readonly expires?: number | undefined
  readonly notBefore?: number | undefined
  readonly user: UserInfo
}

type Json = Record<string, unknown>
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
const objectOf = (value: unknown): Json | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Json : undefined)

export const accountGroups = (namespace: string): readonly string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]

/** The namespace and name in a service account's user name; undefined when it is none. */
export function splitAccountName(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([a-z0-9]+(?:-[a-z0-9]+)*):([a-z0-9]([-a-z0-9.]*[a-z0-9])?)$/.exec(user) ?? []
  return namespace && name ? { namespace, name } : undefined
}

/** Reads the claims of a verified token; undefined when it is signed and yet does not say whose it is. */
export function readClaims(claims: Json): AccountClaims | undefined {
  const common = { audiences: audiencesOf(claims['aud']), expires: numberOf(claims['exp']), notBefore: numberOf(claims['nbf']) }
  const read = claims['iss'] === legacyIssuer ? legacy(claims) : bound(claims)
  if (!read || !read.namespace || !read.account.name) return undefined
  const name = accountName(read.namespace, read.account.name)
  if (claims['sub'] !== name) return undefined
  const groups = [...accountGroups(read.namespace), 'system:authenticated']
  const extra = extraOf(textOf(claims['jti']), read)
  return { ...common, ...read, user: Object.freeze({ name, uid: read.account.uid, groups, ...(extra && { extra }) }) }
}

type Read = Pick<AccountClaims, 'namespace' | 'account' | 'pod' | 'node' | 'secret' | 'legacySecret'>

function bound(claims: Json): Read | undefined {
  const own = objectOf(claims['kubernetes.io'])
  const account = referenceOf(own?.['serviceaccount'])
  if (!own || !account) return undefined
  return { namespace: textOf(own['namespace']), account, pod: referenceOf(own['pod']), node: referenceOf(own['node']), secret: referenceOf(own['secret']) }
}

function legacy(claims: Json): Read | undefined {
  const legacySecret = textOf(claims[`${legacyPrefix}secret.name`])
  if (!legacySecret) return undefined
  return {
    namespace: textOf(claims[`${legacyPrefix}namespace`]), legacySecret,
    account: { name: textOf(claims[`${legacyPrefix}service-account.name`]), uid: textOf(claims[`${legacyPrefix}service-account.uid`]) },
  }
}

function referenceOf(value: unknown): Reference | undefined {
  const own = objectOf(value)
  return own && { name: textOf(own['name']), uid: textOf(own['uid']) }
}

const audiencesOf = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [])

function extraOf(jti: string, { pod, node }: Read): Record<string, string[]> | undefined {
  const extra: Record<string, string[]> = {}
  const add = (key: string, value: string | undefined) => { if (value) extra[`authentication.kubernetes.io/${key}`] = [value] }
  add('credential-id', jti && `JTI=${jti}`)
  add('pod-name', pod?.name)
  add('pod-uid', pod?.uid)
  add('node-name', node?.name)
  add('node-uid', node?.uid)
  return Object.keys(extra).length > 0 ? extra : undefined
}
