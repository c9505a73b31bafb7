import { matchesLabels, matchesRequirement, selectorOfMap } from '../../api/selectors/labels.ts'
import type { LabelOperator } from '../../api/selectors/labels.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/types/core-v1/common.ts'
import type { PodSpec } from '../../api/types/core-v1/pod.ts'
import type { NodeInfo } from './node-info.ts'

const operators: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' }

/** Whether a node is one that the pod's `nodeSelector` and required node affinity ask for; undefined when they ask for nothing. */
export function nodeMatcher({ nodeSelector, affinity }: PodSpec): ((node: NodeInfo) => boolean) | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const selector = nodeSelector && Object.keys(nodeSelector).length ? selectorOfMap(nodeSelector) : undefined
  if (!selector && !terms) return undefined
  return (node) => (!selector || matchesLabels(selector, node.labels)) && (!terms || terms.some((term) => matchesTerm(term, node)))
}

/** An empty term matches nothing. */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeInfo): boolean {
  if (!matchExpressions.length && !matchFields.length) return false
  const fields = { 'metadata.name': node.name }
  return matchExpressions.every((requirement) => matches(requirement, node.labels)) && matchFields.every((requirement) => matches(requirement, fields))
}

const matches = ({ key, operator, values = [] }: NodeSelectorRequirement, labels: Readonly<Record<string, string>>): boolean => {
  const known = operators[operator]
  return known !== undefined && matchesRequirement({ key, operator: known, values }, labels)
}
