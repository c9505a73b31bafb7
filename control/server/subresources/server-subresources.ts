import { badRequest, unavailable } from '../../../api/errors.ts'
import type { AgentTls } from '../agent-connection.ts'
import type { Authentication } from '../authentication/create-authentication.ts'
import type { ResourceHandler } from '../router.ts'
import { accessReviews } from './access-reviews.ts'
import { bind } from './binding.ts'
import { componentStatus } from './component-status.ts'
import type { ComponentHealth } from './component-status.ts'
import { evict } from './eviction.ts'
import { finalizeNamespace } from './finalize.ts'
import { podLog } from './log.ts'
import { proxy } from './proxy.ts'
import { rollBack } from './rollback.ts'
import { reviewSelf } from './self-subject-review.ts'
import type { Subresources } from './subresources.ts'
import { reviewToken } from './token-review.ts'
import { issueToken } from './token.ts'
import type { TokenIssuer } from './token.ts'

/** Every hand-written handler of the server. */
export function serverSubresources({ agent, tokens, authentication, components }: { components: ComponentHealth | undefined; agent: AgentTls | undefined; tokens: TokenIssuer | undefined; authentication: Pick<Authentication, 'tokens' | 'audiences'> }): Subresources {
  return {
    bindings: bind,
    componentstatuses: componentStatus(components),
    'pods/binding': bind,
    'pods/eviction': evict,
    'pods/log': podLog(agent),
    'pods/exec': upgradeRequired,
    'pods/attach': upgradeRequired,
    'pods/portforward': upgradeRequired,
    'pods/proxy': proxy(agent),
    'services/proxy': proxy(agent),
    'nodes/proxy': proxy(agent),
    'namespaces/finalize': finalizeNamespace,
    'deployments/rollback': rollBack,
    'serviceaccounts/token': tokens ? issueToken(tokens) : withoutKey,
    selfsubjectreviews: reviewSelf,
    tokenreviews: reviewToken(authentication),
    ...accessReviews,
  }
}

/** Streams need a connection that becomes one. */
const upgradeRequired: ResourceHandler = async () => { throw badRequest('Upgrade request required') }

const withoutKey: ResourceHandler = async () => { throw unavailable('this server is not configured to issue service account tokens') }
