import type { FieldError } from '../../errors.ts'
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Taint, Toleration } from '../../types/core-v1/common.ts'
import type { Affinity, NodeAffinity, PodAffinity, PodAffinityTerm, TopologySpreadConstraint } from '../../types/core-v1/scheduling.ts'
import type { LabelSelector } from '../../types/meta-v1/meta.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notPositiveMessage, notSupported, optionallyOneOf, required } from './field.ts'
import { validateLabelName, validateLabelSelector } from './labels.ts'
import { dnsLabel, dnsSubdomain, labelValueRule } from './names.ts'

export function validateAffinity(affinity: Affinity | undefined, field: string): FieldError[] {
  if (!affinity) return []
  return [
    ...(affinity.nodeAffinity ? validateNodeAffinity(affinity.nodeAffinity, `${field}.nodeAffinity`) : []),
    ...(affinity.podAffinity ? validatePodAffinity(affinity.podAffinity, `${field}.podAffinity`) : []),
    ...(affinity.podAntiAffinity ? validatePodAffinity(affinity.podAntiAffinity, `${field}.podAntiAffinity`) : []),
  ]
}

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'
const weightOf = (weight: number, field: string): FieldError[] => (weight > 0 && weight <= 100 ? [] : [invalid(`${field}.weight`, weight ?? 0, 'must be in the range 1-100')])

function validateNodeAffinity(affinity: NodeAffinity, field: string): FieldError[] {
  const selector = affinity[hard]
  return [
    ...(selector ? validateNodeSelector(selector, `${field}.${hard}`) : []),
    ...each(affinity[soft], `${field}.${soft}`, ({ weight, preference }, path) => [...weightOf(weight, path), ...validateNodeSelectorTerm(preference, `${path}.preference`, false)]),
  ]
}

/** A selector of nodes on its own, as in the affinity of a volume; `field` ends where its terms begin. */
export const validateNodeSelector = ({ nodeSelectorTerms: terms }: NodeSelector, field: string): FieldError[] =>
  (terms?.length ? each(terms, `${field}.nodeSelectorTerms`, (term, path) => validateNodeSelectorTerm(term, path, true)) : [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')])

const validateNodeSelectorTerm = (term: NodeSelectorTerm, field: string, strict: boolean): FieldError[] => [
  ...each(term.matchExpressions, `${field}.matchExpressions`, (requirement, path) => validateNodeRequirement(requirement, path, strict)),
  ...each(term.matchFields, `${field}.matchFields`, validateNodeField),
]

function validateNodeRequirement({ key, operator, values = [] }: NodeSelectorRequirement, field: string, strict: boolean): FieldError[] {
  return [
    ...nodeOperator(operator, values, field),
    ...validateLabelName(key, `${field}.key`),
    ...(strict ? each(values, `${field}.values`, (value, path) => invalidFor(path, value, labelValueRule(value))) : []),
  ]
}

function nodeOperator(operator: string, values: readonly string[], field: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') return values.length ? [] : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  if (operator === 'Exists' || operator === 'DoesNotExist') return values.length ? [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []
  if (operator === 'Gt' || operator === 'Lt') return values.length === 1 ? [] : [required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
  return [invalid(`${field}.operator`, operator, 'not a valid selector operator')]
}

function validateNodeField({ key, operator, values = [] }: NodeSelectorRequirement, field: string): FieldError[] {
  const knownOperator = operator === 'In' || operator === 'NotIn'
  return [
    ...(knownOperator ? [] : [invalid(`${field}.operator`, operator, 'not a valid selector operator')]),
    ...(knownOperator && values.length !== 1 ? [required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")] : []),
    ...(key === 'metadata.name' ? each(values, `${field}.values`, (value, path) => invalidFor(path, value, dnsSubdomain(value))) : [invalid(`${field}.key`, key, 'not a valid field selector key')]),
  ]
}

const validatePodAffinity = (affinity: PodAffinity, field: string): FieldError[] => [
  ...each(affinity[hard], `${field}.${hard}`, validatePodAffinityTerm),
  ...each(affinity[soft], `${field}.${soft}`, ({ weight, podAffinityTerm }, path) => [...weightOf(weight, path), ...validatePodAffinityTerm(podAffinityTerm, `${path}.podAffinityTerm`)]),
]

function validatePodAffinityTerm(term: PodAffinityTerm, field: string): FieldError[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => invalidFor(`${field}.namespace`, name, dnsLabel(name))),
    ...validateMatchKeys(term, field),
    ...(term.topologyKey ? [] : [required(`${field}.topologyKey`, 'can not be empty')]),
    ...validateLabelName(term.topologyKey ?? '', `${field}.topologyKey`),
  ]
}

interface MatchKeys { matchLabelKeys?: string[] | undefined; mismatchLabelKeys?: string[] | undefined; labelSelector?: LabelSelector | undefined }

function validateMatchKeys({ matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: MatchKeys, field: string): FieldError[] {
  if (!matchLabelKeys.length && !mismatchLabelKeys.length) return []
  const keys = (list: readonly string[], path: string): FieldError[] => {
    if (!list.length) return []
    return labelSelector ? each(list, path, validateLabelName) : [forbidden(path, 'must not be specified when labelSelector is not set')]
  }
  return [
    ...keys(matchLabelKeys, `${field}.matchLabelKeys`),
    ...keys(mismatchLabelKeys, `${field}.mismatchLabelKeys`),
    ...selectedTwice(matchLabelKeys, labelSelector, field),
    ...each(matchLabelKeys, `${field}.matchLabelKeys`, (key, path) => (mismatchLabelKeys.includes(key) ? [invalid(path, key, 'exists in both matchLabelKeys and mismatchLabelKeys')] : [])),
  ]
}

/** The keys have already become expressions of the selector (in a pod); one that it selects by besides is refused. Its path is, as in the original, the list's. */
function selectedTwice(keys: readonly string[], selector: LabelSelector | undefined, field: string): FieldError[] {
  const seen = new Set(Object.keys(selector?.matchLabels ?? {})), at = new Map(keys.map((key, index) => [key, index]))
  return (selector?.matchExpressions ?? []).flatMap(({ key }) => {
    const twice = seen.has(key) && at.has(key)
    seen.add(key)
    return twice ? [invalid(`${field}[${at.get(key)}]`, key, 'exists in both matchLabelKeys and labelSelector')] : []
  })
}

const policies = ['Honor', 'Ignore']

export const validateTopologySpread = (constraints: readonly TopologySpreadConstraint[] | undefined, field: string): FieldError[] =>
  each(constraints, field, (constraint, path, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint
    const repeated = constraints!.slice(index + 1).some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action)
    return [
      ...(maxSkew > 0 ? [] : [invalid(`${path}.maxSkew`, maxSkew ?? 0, notPositiveMessage)]),
      ...(topologyKey ? [] : [required(`${path}.topologyKey`, 'can not be empty')]),
      ...(action === 'DoNotSchedule' || action === 'ScheduleAnyway' ? [] : [notSupported(`${path}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway'])]),
      ...(repeated ? [duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`)] : []),
      ...(minDomains !== undefined && minDomains <= 0 ? [invalid(`${path}.minDomains`, minDomains, notPositiveMessage)] : []),
      ...(minDomains !== undefined && action !== 'DoNotSchedule' ? [invalid(`${path}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`)] : []),
      ...optionallyOneOf(constraint.nodeAffinityPolicy, policies, `${path}.nodeAffinityPolicy`),
      ...optionallyOneOf(constraint.nodeTaintsPolicy, policies, `${path}.nodeTaintsPolicy`),
      ...validateMatchKeys({ matchLabelKeys: constraint.matchLabelKeys, labelSelector: constraint.labelSelector }, path),
      ...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`),
    ]
  })

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export const validateTolerations = (tolerations: readonly Toleration[] | undefined, field: string): FieldError[] => each(tolerations, field, (toleration, path) => {
  const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
  return [
    ...(key ? validateLabelName(key, `${path}.key`) : []),
    ...(!key && operator !== 'Exists' ? [invalid(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')] : []),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute' ? [invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")] : []),
    ...tolerationValue(operator, toleration.value ?? '', `${path}.operator`),
    ...(effect && !effects.includes(effect) ? [notSupported(`${path}.effect`, effect, effects)] : []),
  ]
})

function tolerationValue(operator: string, value: string, field: string): FieldError[] {
  if (operator === '' || operator === 'Equal') {
    const wrong = labelValueRule(value)
    return wrong.length ? [invalid(field, value, wrong.join(';'))] : []
  }
  if (operator === 'Exists') return value ? [invalid(field, value, "value must be empty when `operator` is 'Exists'")] : []
  return [notSupported(field, operator, operator === 'Lt' || operator === 'Gt' ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists'])]
}

/** `spec.taints` of a node; in the original their path is `metadata.taints`. */
export function validateTaints(taints: readonly Taint[] | undefined, field: string): FieldError[] {
  const seen = new Set<string>()
  return each(taints, field, (taint, path) => {
    const pair = `${taint.effect} ${taint.key}`
    const repeated = seen.has(pair)
    seen.add(pair)
    const wrongValue = labelValueRule(taint.value ?? '')
    return [
      ...validateLabelName(taint.key ?? '', `${path}.key`),
      ...(wrongValue.length ? [invalid(`${path}.value`, taint.value, wrongValue.join(';'))] : []),
      ...(taint.effect ? effects.includes(taint.effect) ? [] : [notSupported(`${path}.effect`, taint.effect, effects)] : [required(`${path}.effect`)]),
      ...(repeated ? [duplicate(path, taint, 'taints must be unique by key and effect pair')] : []),
    ]
  })
}
