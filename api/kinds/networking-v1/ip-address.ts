import type { FieldError } from '../../errors.ts'
import { IPAddress } from '../../types/networking-v1/ip-address.ts'
import type { ParentReference } from '../../types/networking-v1/ip-address.ts'
import { text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { immutableMessage, invalid, invalidFor, required } from '../validation/field.ts'
import { canonicalIP, ipFamily } from '../validation/ip.ts'
import { dnsSubdomain, pathSegment } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

/** The label, and its value, of addresses that an API server gave to a Service. */
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
export const ipAllocator = 'ipallocator.k8s.io'

export const ipAddresses: Kind<IPAddress> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', resource: 'ipaddresses', singular: 'ipaddress', shortNames: ['ip'],
  namespaced: false, verbs: allVerbs, schema: IPAddress, storage: 'ipaddresses', nameRule: addressRule,
  doc: 'One address and the object that holds it.',
  validate: ({ spec }) => (spec.parentRef ? validateParent(spec.parentRef, 'spec.parentRef') : [required('spec.parentRef')]),
  validateUpdate: ({ spec }, old) => (semanticEqual(spec.parentRef, old.spec.parentRef) ? [] : [invalid('spec.parentRef', spec.parentRef ?? null, immutableMessage)]),
  ageless: true,
  columns: [text('ParentRef', ({ spec }) => formatParent(spec.parentRef), 'Who holds it.')],
  fieldLabels: {
    'spec.parentRef.group': ({ spec }) => spec.parentRef?.group ?? '',
    'spec.parentRef.resource': ({ spec }) => spec.parentRef?.resource ?? '',
    'spec.parentRef.namespace': ({ spec }) => spec.parentRef?.namespace ?? '',
    'spec.parentRef.name': ({ spec }) => spec.parentRef?.name ?? '',
  },
}

/** The name is the address, in the one form each address has. */
function addressRule(name: string): string[] {
  if (!ipFamily(name)) return [`ParseAddr(${JSON.stringify(name)}): unable to parse IP`]
  return canonicalIP(name) === name ? [] : ['must be a canonical format IP address']
}

function validateParent({ group, resource, namespace, name }: ParentReference, field: string): FieldError[] {
  return [
    ...(group ? invalidFor(`${field}.group`, group, dnsSubdomain(group)) : []),
    ...(resource ? invalidFor(`${field}.resource`, resource, pathSegment(resource)) : [required(`${field}.resource`)]),
    ...(name ? invalidFor(`${field}.name`, name, pathSegment(name)) : [required(`${field}.name`)]),
    ...(namespace ? invalidFor(`${field}.namespace`, namespace, pathSegment(namespace)) : []),
  ]
}

function formatParent(parent: ParentReference | undefined): string {
  if (!parent) return '<none>'
  const { group, resource = '', namespace, name = '' } = parent
  return `${(group ? `${resource}.${group}` : resource).toLowerCase()}${namespace ? `/${namespace}` : ''}/${name}`
}
