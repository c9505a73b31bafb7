import type { Kind } from '../kinds/kind.ts'
import { noFields, setOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'

const status = setOf(['f:status'])
const spec = setOf(['f:spec'])
const specAndMetadata = setOf(['f:spec'], ['f:metadata'])
const specAndLabels = setOf(['f:spec'], ['f:metadata', 'f:labels'])

/** Kinds whose rule is another than "the main resource writes no status, the status writes no spec". */
const special: Readonly<Record<string, FieldSet>> = {
  'apps/deployments/status': specAndLabels,
  '/pods/status': setOf(['f:spec'], ['f:metadata', 'f:deletionTimestamp'], ['f:metadata', 'f:ownerReferences']),
  '/pods/ephemeralcontainers': setOf(['f:status']),
  '/pods/resize': setOf(['f:status']),
  '/namespaces/finalize': setOf(['f:status']),
  'networking.k8s.io/networkpolicies': noFields,
  'certificates.k8s.io/certificatesigningrequests/approval': spec,
}

/** What a write to this resource or subresource cannot change: trying makes nobody its owner. */
export function resetFields(kind: Kind, subresource: string): FieldSet {
  const known = special[`${kind.group}/${kind.resource}${subresource && `/${subresource}`}`]
  if (known) return known
  // Through the status of a custom resource not even labels change.
  if (subresource === 'status') return kind.jsonOnly ? specAndMetadata : spec
  return subresource === '' && kind.subresources?.['status'] ? status : noFields
}
