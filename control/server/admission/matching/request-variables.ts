import type { CelEnvironment, CelType } from '../../../../api/cel/cel.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { UserInfo } from '../../../../api/transport.ts'
import type { AdmissionRequest } from '../admission.ts'
import { factsOf } from './rules.ts'

const text: CelType = { kind: 'string' }
const gvk: CelType = { kind: 'object', name: 'kubernetes.GroupVersionKind', fields: { group: text, version: text, kind: text } }
const gvr: CelType = { kind: 'object', name: 'kubernetes.GroupVersionResource', fields: { group: text, version: text, resource: text } }
const texts: CelType = { kind: 'list', items: text }
const userInfo: CelType = { kind: 'object', name: 'kubernetes.UserInfo', fields: { username: text, uid: text, groups: texts, extra: { kind: 'map', items: texts } } }

/** The variable `request`: an AdmissionRequest without its objects. */
const requestType: CelType = {
  kind: 'object', name: 'kubernetes.AdmissionRequest',
  fields: {
    kind: gvk, resource: gvr, subResource: text, requestKind: gvk, requestResource: gvr, requestSubResource: text, name: text, namespace: text, operation: text,
    userInfo, dryRun: { kind: 'bool' }, options: { kind: 'dyn' },
  },
}

export const any: CelType = Object.freeze({ kind: 'dyn' })

/** What match conditions may mention. */
export const conditionEnvironment: CelEnvironment = Object.freeze({ variables: { object: any, oldObject: any, request: requestType }, authorizer: true, result: 'bool', costLimit: 2_500_000 })

export interface Review {
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string }
  readonly subResource?: string
  readonly requestKind: Review['kind']
  readonly requestResource: Review['resource']
  readonly requestSubResource?: string
  readonly name?: string
  readonly namespace?: string
  readonly operation: string
  readonly userInfo: Readonly<Record<string, unknown>>
  readonly dryRun: boolean
  readonly options?: unknown
}

/** The request as webhooks and expressions see it; `seen` is the kind in whose form they see the object. */
export function reviewOf(request: AdmissionRequest, seen: Kind): Review {
  const facts = factsOf(request)
  const { kind, subresource, user, object, old, dryRun, options } = request
  const given = object ?? old
  const own = (of: Kind) => (given && given.kind !== kind.kind ? kindOf(given) : { group: of.group, version: of.version, kind: of.kind })
  const resource = (of: Kind) => ({ group: of.group, version: of.version, resource: of.resource })
  return {
    kind: own(seen), resource: resource(seen), ...(subresource && { subResource: subresource }),
    requestKind: own(kind), requestResource: resource(kind), ...(subresource && { requestSubResource: subresource }),
    ...(request.name && { name: request.name }), ...(facts.namespace && { namespace: facts.namespace }), operation: facts.operation, userInfo: userInfoOf(user), dryRun, ...(options && { options }),
  }
}

function kindOf({ apiVersion = '', kind }: { apiVersion?: string; kind: string }): Review['kind'] {
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

const userInfoOf = ({ name, uid, groups, extra }: UserInfo): Record<string, unknown> => ({ username: name, ...(uid && { uid }), groups, ...(extra && { extra }) })

export { requestType }
