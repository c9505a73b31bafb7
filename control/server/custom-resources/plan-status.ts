import { conditionIs, conditionOf, withCondition } from '../../../api/crd/conditions.ts'
import { isCaBundle } from '../../../api/crd/conversion-rules.ts'
import { approvalOf } from '../../../api/crd/definition-names.ts'
import type { Approval } from '../../../api/crd/definition-names.ts'
import { fieldErrorBody } from '../../../api/errors.ts'
import { schemaOf } from '../../../api/crd/json-schema.ts'
import { validateStructural } from '../../../api/crd/structural-rules.ts'
import { whyNotStructural } from '../../../api/crd/unsupported.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionStatus } from '../../../api/types/apiextensions-v1/custom-resource-definition.ts'
import { planNames } from './plan-names.ts'
import type { TakenNames } from './plan-names.ts'

/** The status a definition should have, given what names others have; `now` as RFC 3339. Times change only with what they are the times of. */
export function planStatus(definition: CustomResourceDefinition, taken: TakenNames, now: string): CustomResourceDefinitionStatus {
  const { accepted, conflict } = planNames(definition, taken)
  let conditions: CustomResourceDefinitionCondition[] = [...definition.status?.conditions ?? []]
  const set = (type: string, status: 'True' | 'False', reason: string, message: string): void => { conditions = withCondition(conditions, { type, status, reason, message }, now) }
  if (conflict) set('NamesAccepted', 'False', conflict.reason, conflict.message)
  else set('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found')
  // What is established stays so.
  if (!conditionIs(definition, 'Established', 'True')) {
    if (conflict) set('Established', 'False', 'NotAccepted', 'not all names are accepted')
    else if (!isCaBundle(definition.spec.conversion?.webhook?.clientConfig?.caBundle)) set('Established', 'False', 'InvalidCABundle', 'The conversion webhook CABundle is invalid')
    else set('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted')
  }
  const violations = violationsOf(definition)
  if (violations) set('NonStructuralSchema', 'True', violations.reason, violations.message)
  else conditions = conditions.filter(({ type }) => type !== 'NonStructuralSchema')
  const approval = approvalOf(definition)
  if (approval) set('KubernetesAPIApprovalPolicyConformant', approval.state === 'Approved' ? 'True' : 'False', approvalReasons[approval.state], approval.reason)
  const { conditions: _, acceptedNames: __, ...rest } = definition.status ?? {}
  return { conditions, acceptedNames: accepted, ...rest }
}

const approvalReasons: Readonly<Record<Approval['state'], string>> = {
  Missing: 'MissingAnnotation', Unapproved: 'UnapprovedAnnotation', Approved: 'ApprovedAnnotation', Invalid: 'InvalidAnnotation',
}

/** Only definitions that came by way of v1beta1 can have such schemas. */
function violationsOf({ spec }: CustomResourceDefinition): { reason: string; message: string } | undefined {
  if (!spec.preserveUnknownFields) return undefined
  const told = ['spec.preserveUnknownFields: Invalid value: true: must be false']
  for (const [i, version] of spec.versions.entries()) {
    const schema = schemaOf(version)
    if (!schema) continue
    const why = whyNotStructural(schema)
    if (why) return { reason: 'StructuralError', message: `failed to check validation schema for version ${version.name}: ${why}` }
    told.push(...validateStructural(schema, `spec.versions[${i}].schema.openAPIV3Schema`).map((error) => `${error.field}: ${fieldErrorBody(error)}`))
  }
  return { reason: 'Violations', message: told.length === 1 ? told[0]! : `[${told.join(', ')}]` }
}

/** Whether objects of the definition are served: from the acceptance of its names until it is gone. */
export const isServed = (definition: CustomResourceDefinition): boolean =>
  conditionOf(definition, 'Established')?.status === 'True' || (conditionIs(definition, 'NamesAccepted', 'True') && conditionOf(definition, 'Established')?.reason !== 'InvalidCABundle')
