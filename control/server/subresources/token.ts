import type { KeyObject } from 'node:crypto'
import { badRequest, conflict, invalid, notFound } from '../../../api/errors.ts'
import type { FieldError } from '../../../api/errors.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { secrets } from '../../../api/kinds/core-v1/secret.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import { TokenRequest } from '../../../api/types/authentication-v1.ts'
import type { BoundObjectReference } from '../../../api/types/authentication-v1.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { accountName } from '../../pki/account-token.ts'
import { signToken } from '../../pki/token-key.ts'
import { warn, warnerOf } from '../context.ts'
import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ResourceContext } from '../context.ts'
import { valueResponse } from '../respond.ts'
import { optionsObject, writeOptions } from '../options.ts'
import { uid } from '../random-names.ts'
import { readObject } from '../read-body.ts'
import type { ResourceHandler } from '../router.ts'
import type { Tools } from '../tools.ts'

export interface TokenIssuer {
  /** The private key tokens are signed with: RSA (RS256) or EC (ES256, ES384, ES512). */
  readonly key: KeyObject
  /** `iss`. */
  readonly issuer: string
  /** Of tokens that name none. */
  readonly audiences: readonly string[]
  /** Seconds a token may live at most (`--service-account-max-token-expiration`). */
  readonly maxExpiration?: number | undefined
  /** Whether pods' tokens live on for old clients (`--service-account-extend-token-expiration`). Default true. */
  readonly extendExpiration?: boolean | undefined
}

const shortest = 10 * 60
const longest = 2 ** 32
/** Pods' tokens ask for this time; the original lets them live a year, so that old clients that never read them again go on. */
const podExpiry = 3607
const extended = 365 * 24 * 3600

/** POST `serviceaccounts/x/token`: a signed, bound, expiring token. */
export const issueToken = (by: TokenIssuer): ResourceHandler => async (tools, context) => {
  const { kind, info, request } = context
  const { fieldValidation, dryRun } = writeOptions(request.query, 'CreateOptions')
  const asked: TokenRequest = readObject(context, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', schema: TokenRequest }, fieldValidation)
  checkNames(asked, context)
  const review: AdmissionRequest = { operation: 'create', kind, subresource: info.subresource, namespace: info.namespace, name: info.name, object: asked, old: undefined, user: context.user, dryRun, options: optionsObject(request.query, 'CreateOptions'), warn: warnerOf(context) }
  await admit(tools, review)
  await validateAdmission(tools, review)
  const account = (await tools.resources.cache(kind).get(tools.resources.key(kind, info.namespace, info.name)))?.object
  if (!account) throw notFound(kind, info.name)
  const wanted = asked.spec.expirationSeconds ?? 3600
  const errors = expiryErrors(wanted)
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors)
  const bound = asked.spec.boundObjectRef && await boundObject(tools, context, asked.spec.boundObjectRef)
  const seconds = shortened(wanted, by.maxExpiration, context)
  const audiences = asked.spec.audiences?.length ? asked.spec.audiences : by.audiences
  const now = Math.floor(tools.clock.now() / 1000)
  const stretched = (by.extendExpiration ?? true) && bound?.['pod'] !== undefined && seconds === podExpiry && audiences.every((audience) => by.audiences.includes(audience))
  const own = {
    namespace: info.namespace, ...(bound ?? {}), serviceaccount: { name: info.name, uid: account.metadata.uid },
    ...(stretched && { warnafter: now + podExpiry }),
  }
  const token = signToken(by.key, {
    aud: audiences, exp: now + (stretched ? extended : seconds), iat: now, iss: by.issuer, jti: uid(tools.clock), 'kubernetes.io': own, nbf: now, sub: accountName(info.namespace, info.name),
  })
  return valueResponse(context, 201, {
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1',
    metadata: { ...asked.metadata, name: info.name, namespace: info.namespace, creationTimestamp: rfc3339(tools.clock.now()) },
    spec: { ...asked.spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339((now + seconds) * 1000) },
  })
}

/** What the body says of its name, if anything, must be what the path says. */
function checkNames({ metadata }: TokenRequest, { info }: ResourceContext): void {
  for (const field of ['name', 'namespace'] as const) {
    const value = metadata?.[field]
    const error: FieldError = { type: 'Invalid', field: `metadata.${field}`, value, detail: `must match the service account ${field} if specified` }
    if (value && value !== info[field]) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, info.name, [error])
  }
}

function expiryErrors(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds'
  if (seconds < shortest) return [{ type: 'Invalid', field, value: seconds, detail: 'may not specify a duration less than 10 minutes' }]
  if (seconds > longest) return [{ type: 'Invalid', field, value: seconds, detail: 'may not specify a duration larger than 2^32 seconds' }]
  return []
}

function shortened(seconds: number, most: number | undefined, context: ResourceContext): number {
  if (!most || seconds <= most) return seconds
  warn(context, `requested expiration of ${seconds} seconds shortened to ${most} seconds`)
  return most
}

const bindable: Readonly<Record<string, Kind>> = { Pod: pods, Secret: secrets, Node: nodes }

/** The claims that tie a token to an object: with it the token dies. */
async function boundObject(tools: Tools, { info }: ResourceContext, reference: BoundObjectReference): Promise<Record<string, unknown>> {
  const { apiVersion = '', name = '' } = reference
  const kind = Object.hasOwn(bindable, reference.kind ?? '') && !apiVersion.includes('/') ? bindable[reference.kind!] : undefined
  if (!kind) throw badRequest(`cannot bind token to object of type ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${reference.kind ?? ''}`)
  const object = (await tools.resources.cache(kind).get(tools.resources.key(kind, info.namespace, name)))?.object
  if (!object) throw notFound(kind, name)
  const claim = { [kind.singular]: identity(object) }
  const node = kind === pods ? nodeOf(tools, object as Pod, info.name) : undefined
  if (reference.uid && reference.uid !== object.metadata.uid) {
    throw conflict({ group: '', resource: kind.kind }, name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  }
  return { ...(node && { node }), ...claim }
}

/** The node of a pod that runs under the account; its name alone when nobody has registered it. */
function nodeOf(tools: Tools, { spec }: Pod, account: string): { name: string; uid?: string | undefined } | undefined {
  if ((spec.serviceAccountName ?? '') !== account) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`)
  if (!spec.nodeName) return undefined
  const node = tools.resources.cache(nodes).peek(tools.resources.key(nodes, '', spec.nodeName))?.object
  return node ? identity(node) : { name: spec.nodeName }
}

const identity = ({ metadata }: KubeObject): { name: string; uid?: string | undefined } => ({ name: metadata.name!, uid: metadata.uid })
