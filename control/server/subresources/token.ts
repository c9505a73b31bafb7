import { createPublicKey, createHash } from 'node:crypto'
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
import type { ResourceContext } from '../context.ts'
import { valueResponse } from '../respond.ts'
import { writeOptions } from '../options.ts'
import { uid } from '../random-names.ts'
import { readObject } from '../read-body.ts'
import type { ResourceHandler } from '../router.ts'
import type { Tools } from '../tools.ts'

export interface TokenIssuer {
  /** The private key tokens are signed with: RSA (RS256) or P-256 (ES256). */
  readonly key: KeyObject
  /** `iss`, and the audience of tokens that name none. */
  readonly issuer: string
}

const shortest = 10 * 60
const longest = 2 ** 32
/** Pods' tokens ask for this time; the original lets them live a year, so that old clients that never read them again go on. */
const podExpiry = 3607
const extended = 365 * 24 * 3600

/** POST `serviceaccounts/x/token`: a signed, bound, expiring token. */
export const issueToken = ({ key, issuer }: TokenIssuer): ResourceHandler => async (tools, context) => {
  const { kind, info, request } = context
  const { fieldValidation } = writeOptions(request.query, 'CreateOptions')
  const asked: TokenRequest = readObject(context, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', schema: TokenRequest }, fieldValidation)
  const account = (await tools.resources.cache(kind).get(tools.resources.key(kind, info.namespace, info.name)))?.object
  if (!account) throw notFound(kind, info.name)
  const seconds = asked.spec.expirationSeconds ?? 3600
  const errors = expiryErrors(seconds)
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors)
  const bound = asked.spec.boundObjectRef && await boundObject(tools, context, asked.spec.boundObjectRef)
  const audiences = asked.spec.audiences?.length ? asked.spec.audiences : [issuer]
  const now = Math.floor(tools.clock.now() / 1000)
  const stretched = seconds === podExpiry && audiences.length === 1 && audiences[0] === issuer
  const expiry = now + (stretched ? extended : seconds)
  const claims = {
    'kubernetes.io': {
      namespace: info.namespace, ...(bound ?? {}), serviceaccount: { name: info.name, uid: account.metadata.uid },
      ...(stretched && { warnafter: now + podExpiry }),
    },
  }
  const { SignJWT } = await import('jose') // loaded with the first token: it takes 40 ms
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256', kid: keyId(key) })
    .setAudience(audiences).setIssuer(issuer).setSubject(`system:serviceaccount:${info.namespace}:${info.name}`)
    .setIssuedAt(now).setNotBefore(now).setExpirationTime(expiry).setJti(uid(tools.clock)).sign(key)
  return valueResponse(context, 201, {
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: info.name, namespace: info.namespace, creationTimestamp: rfc3339(tools.clock.now()) },
    spec: { ...asked.spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339((now + seconds) * 1000) },
  })
}

function expiryErrors(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds'
  if (seconds < shortest) return [{ type: 'Invalid', field, value: seconds, detail: 'may not specify a duration less than 10 minutes' }]
  if (seconds > longest) return [{ type: 'Invalid', field, value: seconds, detail: 'may not specify a duration larger than 2^32 seconds' }]
  return []
}

const bindable: Readonly<Record<string, Kind>> = { Pod: pods, Secret: secrets, Node: nodes }

/** The claims that tie a token to an object: with it the token dies. */
async function boundObject(tools: Tools, { info }: ResourceContext, reference: BoundObjectReference): Promise<Record<string, unknown>> {
  const kind = Object.hasOwn(bindable, reference.kind ?? '') ? bindable[reference.kind!] : undefined
  if (!kind || (reference.apiVersion ?? 'v1') !== 'v1') throw badRequest(`cannot bind token to object of type ${reference.apiVersion ?? ''}, Kind=${reference.kind ?? ''}`)
  const name = reference.name ?? ''
  const object = (await tools.resources.cache(kind).get(tools.resources.key(kind, info.namespace, name)))?.object
  if (!object) throw notFound(kind, name)
  if (reference.uid && reference.uid !== object.metadata.uid) {
    throw conflict(kind, name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  }
  const claim = { [kind.singular]: identity(object) }
  if (kind !== pods) return claim
  const pod = object as Pod
  if (pod.spec.serviceAccountName !== info.name) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(info.name)} to pod running with different serviceaccount name.`)
  const node = pod.spec.nodeName ? tools.resources.cache(nodes).peek(tools.resources.key(nodes, '', pod.spec.nodeName))?.object : undefined
  return { ...(pod.spec.nodeName && { node: node ? identity(node) : { name: pod.spec.nodeName } }), ...claim }
}

const identity = ({ metadata }: KubeObject) => ({ name: metadata.name, uid: metadata.uid })

/** The original's key id: the hash of the public key. */
function keyId(key: KeyObject): string {
  const der = createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('base64url')
}
