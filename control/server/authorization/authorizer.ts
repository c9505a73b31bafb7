import type { UserInfo } from '../../../api/transport.ts'
import type { RequestInfo } from '../request-info.ts'

/** What somebody wants to do: that part of a `RequestInfo` on which it is decided, or what a SubjectAccessReview asks about. */
export interface Attributes extends Pick<RequestInfo, 'isResource' | 'path' | 'verb' | 'group' | 'version' | 'namespace' | 'resource' | 'name' | 'subresource'> {
  readonly user: UserInfo
}

/**
 * `allow` and `deny` settle it; `noOpinion` asks the next authorizer, and after the last one is a refusal. `reason` is told
 * to the client behind the sentence of the refusal, and in reviews.
 */
export interface Decision { readonly verdict: 'allow' | 'deny' | 'noOpinion'; readonly reason?: string; readonly error?: string }

/** Says whether somebody may do something. Synchronous where it can be: it stands on the way of every request. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>
  /** What `user` may do in `namespace`, for SelfSubjectRulesReview (`kubectl auth can-i --list`). */
  rulesFor?(user: UserInfo, namespace: string): Rules
}

export interface Rules {
  readonly resourceRules: readonly { readonly verbs: readonly string[]; readonly apiGroups?: readonly string[]; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }[]
  readonly nonResourceRules: readonly { readonly verbs: readonly string[]; readonly nonResourceURLs?: readonly string[] }[]
  /** Some authorizer could not say all. */
  readonly incomplete?: boolean
  readonly error?: string
}
