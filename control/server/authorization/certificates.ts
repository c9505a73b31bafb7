import { isOpenPath } from '../authentication/open-paths.ts'
import type { Authorizer, Decision } from './authorizer.ts'

const yes: Decision = Object.freeze({ verdict: 'allow' })
const no: Decision = Object.freeze({ verdict: 'noOpinion' })

/**
 * The rule until RBAC decides: whoever holds a certificate of the cluster's own parts (masters, nodes and the
 * `system:kube-*` components) may do everything, all others nothing but read health and version.
 */
export const certificates: Authorizer = {
  authorize({ user, ...info }) {
    if (isOpenPath(info)) return yes
    if (user.groups.includes('system:masters') || user.groups.includes('system:nodes')) return yes
    return user.name.startsWith('system:kube-') || user.name.startsWith('system:node:') ? yes : no
  },
}
