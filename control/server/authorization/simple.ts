import type { Authorizer, Decision, Rules } from './authorizer.ts'

const yes: Decision = Object.freeze({ verdict: 'allow' })
const no: Decision = Object.freeze({ verdict: 'noOpinion' })
const nothing: Rules = Object.freeze({ resourceRules: Object.freeze([]), nonResourceRules: Object.freeze([]) })
const everything: Rules = Object.freeze({
  resourceRules: Object.freeze([Object.freeze({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] })]),
  nonResourceRules: Object.freeze([Object.freeze({ verbs: ['*'], nonResourceURLs: ['*'] })]),
})

/** The group whose members no rule can stop: the cluster's owners, and the server's own internals. */
export const mastersGroup = 'system:masters'

/** Masters may do everything, whatever the roles say: nobody can lock them out. */
export const masters: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(mastersGroup) ? yes : no),
  // What they see of it in `can-i --list` comes from their role.
  rulesFor: () => nothing,
}

/** Mode `AlwaysAllow`: everybody may do everything. */
export const alwaysAllow: Authorizer = { authorize: () => yes, rulesFor: () => everything }

/** Mode `AlwaysDeny`: for tests. */
export const alwaysDeny: Authorizer = { authorize: () => ({ verdict: 'noOpinion', reason: 'Everything is forbidden.' }), rulesFor: () => nothing }
