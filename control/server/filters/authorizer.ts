import type { UserInfo } from '../../../api/transport.ts'
import type { RequestInfo } from '../request-info.ts'

/** The verdict on one request; `reason` is told to the client behind the sentence of the refusal. */
export interface Decision { readonly allowed: boolean; readonly reason?: string }

/** Says whether `user` may do what `info` describes. RBAC and the Node authorizer take this place. */
export type Authorizer = (user: UserInfo, info: RequestInfo) => Decision | Promise<Decision>

const yes: Decision = Object.freeze({ allowed: true })
const no: Decision = Object.freeze({ allowed: false })
const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])

/** Paths that anyone may read, without saying who they are. */
export const isOpenPath = (info: RequestInfo): boolean =>
  !info.isResource && (info.verb === 'get' || info.verb === 'head') && (openPaths.has(info.path) || /^\/(healthz|livez|readyz)\//.test(info.path))

/**
 * The rule until RBAC decides: whoever holds a certificate of the cluster's own parts (masters, nodes and the
 * `system:kube-*` components) may do everything, all others nothing but read health and version.
 */
export const certificateAuthorizer: Authorizer = (user, info) => {
  if (isOpenPath(info)) return yes
  if (user.groups.includes('system:masters') || user.groups.includes('system:nodes')) return yes
  return user.name.startsWith('system:kube-') || user.name.startsWith('system:node:') ? yes : no
}
