import type { FieldError } from '../errors.ts'
import { invalid, required } from '../kinds/validation/field.ts'
import { dnsLabel1035 } from '../kinds/validation/names.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../types/apiextensions-v1/custom-resource-definition.ts'
import { at, child } from './paths.ts'

/** The form of names, whether wanted (`spec.names`) or accepted (`status.acceptedNames`); empty ones are left alone. */
export function validateNames(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const label = (name: string, value: string): FieldError[] => {
    const wrong = value ? dnsLabel1035(value) : []
    return wrong.length > 0 ? [invalid(child(path, name), value, wrong.join(','))] : []
  }
  const mixedCase = (name: string, value: string): FieldError[] => {
    const wrong = value ? dnsLabel1035(value.toLowerCase()) : []
    return wrong.length > 0 ? [invalid(child(path, name), value, `may have mixed case, but should otherwise match: ${wrong.join(',')}`)] : []
  }
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names
  return [
    ...label('plural', plural), ...label('singular', singular), ...mixedCase('kind', kind), ...mixedCase('listKind', listKind),
    ...shortNames.flatMap((name, i) => listed(at(child(path, 'shortNames'), i), name)),
    ...(kind && kind === listKind ? [invalid(child(path, 'listKind'), listKind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, i) => listed(at(child(path, 'categories'), i), name)),
  ]
}

function listed(path: string, name: string): FieldError[] {
  const wrong = dnsLabel1035(name)
  return wrong.length > 0 ? [invalid(path, name, wrong.join(','))] : []
}

/** What of `spec.names` must be there. */
export const requiredNames = ({ plural, singular, kind, listKind }: CustomResourceDefinitionNames): FieldError[] =>
  Object.entries({ plural, singular, kind, listKind }).filter(([, value]) => !value).map(([name]) => required(`spec.names.${name}`))

const approvalAnnotation = 'api-approved.kubernetes.io'

export type Approval = { readonly state: 'Missing' | 'Unapproved' | 'Approved' | 'Invalid'; readonly reason: string }

/** Groups of the Kubernetes community are served only with a word on who approved of them; undefined for all others. */
export function approvalOf({ spec: { group }, metadata }: CustomResourceDefinition): Approval | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return undefined
  const annotations: Readonly<Record<string, string>> = metadata.annotations ?? {}
  const annotation = Object.hasOwn(annotations, approvalAnnotation) ? annotations[approvalAnnotation]! : ''
  const must = `protected groups must have approval annotation ${JSON.stringify(approvalAnnotation)}`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  if (!annotation) return { state: 'Missing', reason: `${must}, ${see}` }
  if (annotation.startsWith('unapproved')) return { state: 'Unapproved', reason: `not approved: ${JSON.stringify(annotation)}` }
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/]/.test(annotation) && URL.canParse(annotation)) return { state: 'Approved', reason: `approved in ${annotation}` }
  return { state: 'Invalid', reason: `${must} with either a URL or a reason starting with "unapproved", ${see}` }
}

/** An approval that was not good before need not become so. */
export function validateApproval(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const approval = approvalOf(definition)
  if (!approval || (old && approvalOf(old)?.state === approval.state)) return []
  const path = `metadata.annotations[${approvalAnnotation}]`
  if (approval.state === 'Missing') return [required(path, approval.reason)]
  return approval.state === 'Invalid' ? [invalid(path, definition.metadata.annotations?.[approvalAnnotation], approval.reason)] : []
}
