import type { Tools } from '../tools.ts'
import type { Authorizer } from './authorizer.ts'
import { nodeAuthorizer } from './node/node-authorizer.ts'
import { rbacAuthorizer } from './rbac/rbac.ts'
import { alwaysAllow, alwaysDeny, masters } from './simple.ts'
import { union } from './union.ts'

/** The names of `kube-apiserver --authorization-mode`. */
export type AuthorizationMode = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny'

/** As kubeadm sets it: the nodes by what runs on them, everybody else by their roles. */
export const standardModes: readonly AuthorizationMode[] = Object.freeze(['Node', 'RBAC'])

const authorizers: Readonly<Record<AuthorizationMode, (tools: Pick<Tools, 'resources'>) => Authorizer>> = {
  Node: nodeAuthorizer, RBAC: rbacAuthorizer, AlwaysAllow: () => alwaysAllow, AlwaysDeny: () => alwaysDeny,
}

/** The authorizers in the order in which they are asked; the masters come before all. Throws a `RangeError` for a mode there is not. */
export function authorizerFor(modes: readonly AuthorizationMode[], tools: Pick<Tools, 'resources'>): Authorizer {
  const chosen = modes.map((mode) => {
    if (!Object.hasOwn(authorizers, mode)) throw new RangeError(`There is no authorization mode ${JSON.stringify(mode)}; there are ${Object.keys(authorizers).join(', ')}`)
    return authorizers[mode](tools)
  })
  return union([masters, ...chosen])
}
