import type { Kind } from '../../../../api/kinds/kind.ts'
import type { MatchResources } from '../../../../api/types/admissionregistration-v1/validating-policy.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'
import { factsOf, matchedKind } from '../matching/rules.ts'
import { matchesNamespace, matchesObject } from '../matching/selectors.ts'

/** In whose form a policy or binding looks at a request, by its rules alone; undefined: not at all. Nothing is waited for. */
export function ruledKind(tools: Tools, request: AdmissionRequest, match: MatchResources | undefined): Kind | undefined {
  if (!match) return request.kind
  const facts = factsOf(request)
  const equivalent = match.matchPolicy !== 'Exact'
  if (matchedKind(match.excludeResourceRules, equivalent, facts, request.kind, tools.kinds.all)) return undefined
  // A binding without rules of its own takes all that its policy takes.
  return match.resourceRules?.length ? matchedKind(match.resourceRules, equivalent, facts, request.kind, tools.kinds.all) : request.kind
}

export async function selects(tools: Tools, request: AdmissionRequest, match: MatchResources | undefined): Promise<boolean> {
  return !match || (matchesObject(request, match.objectSelector) && await matchesNamespace(tools, request, match.namespaceSelector))
}
