import type { FieldSelector } from '../../../api/selectors/fields.ts'
import type { Selector } from '../../../api/selectors/labels.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { RequestInfo } from '../request-info.ts'

/** What somebody wants to do: that part of a `RequestInfo` on which it is decided, or what a SubjectAccessReview asks about. */
export interface Attributes extends Pick<RequestInfo, 'isResource' | 'path' | 'verb' | 'group' | 'version' | 'namespace' | 'resource' | 'name' | 'subresource'> {
  readonly user: UserInfo
  /** What a list, watch or collection deletion is narrowed to; absent: not at all, or nobody could read it. */
  readonly fieldSelector?: FieldSelector | undefined
  readonly labelSelector?: Selector | undefined
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
  readonly resourceRules: readonly ResourceRule[]
  readonly nonResourceRules: readonly NonResourceRule[]
  /** Some authorizer could not say all. */
  readonly incomplete?: boolean
  readonly error?: string
}

export interface ResourceRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly resourceNames?: readonly string[] | undefined
}
export interface NonResourceRule { readonly verbs: readonly string[]; readonly nonResourceURLs?: readonly string[] | undefined }
