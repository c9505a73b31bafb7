import type { FieldError } from '../../errors.ts'
import { formatLabelSelector } from '../../selectors/labels.ts'
import { NetworkPolicy } from '../../types/networking-v1/network-policy.ts'
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/networking-v1/network-policy.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { each, forbidden, invalid, invalidFor, notSupported, required } from '../validation/field.ts'
import { cidrFamily, isStrictSubset, validCIDR } from '../validation/ip.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { portName, portNumber } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const networkPolicies: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', resource: 'networkpolicies', singular: 'networkpolicy', shortNames: ['netpol'],
  namespaced: true, verbs: allVerbs, schema: NetworkPolicy, storage: 'networkpolicies',
  doc: 'Says who may talk to the pods it selects.',
  default: defaultNetworkPolicy,
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  prepareForUpdate: (policy, old) => raiseGeneration(policy, old, !semanticEqual(policy.spec, old.spec)),
  validate,
  validateUpdate: validate,
  columns: [text('Pod-Selector', ({ spec }) => formatLabelSelector(spec.podSelector ?? {}), 'The pods it is for.'), age],
}

/** Without a word about directions it is about what comes in, and about what goes out where it has rules for that. */
function defaultNetworkPolicy({ spec }: NetworkPolicy): void {
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  for (const rule of [...spec.ingress ?? [], ...spec.egress ?? []]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
}

function validate({ spec }: NetworkPolicy): FieldError[] {
  const { ingress, egress, policyTypes: types = [] } = spec
  return [
    ...validateLabelSelector(spec.podSelector, 'spec.podSelector'),
    ...each(ingress, 'spec.ingress', ({ ports, from }, path) => [...each(ports, `${path}.ports`, validatePort), ...each(from, `${path}.from`, validatePeer)]),
    ...each(egress, 'spec.egress', ({ ports, to }, path) => [...each(ports, `${path}.ports`, validatePort), ...each(to, `${path}.to`, validatePeer)]),
    ...(types.length > 2 ? [invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : each(types, 'spec.policyTypes', (type, path) => (type === 'Ingress' || type === 'Egress' ? [] : [notSupported(path, type, ['Ingress', 'Egress'])]))),
  ]
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, field: string): FieldError[] {
  const known = protocol === undefined || ['TCP', 'UDP', 'SCTP'].includes(protocol)
  const wrong = known ? [] : [notSupported(`${field}.protocol`, protocol, ['TCP', 'UDP', 'SCTP'])]
  if (port === undefined) return [...wrong, ...(endPort === undefined ? [] : [invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not specified')])]
  if (typeof port === 'string') {
    return [...wrong, ...(endPort === undefined ? [] : [invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is non-numeric')]), ...invalidFor(`${field}.port`, port, portName(port))]
  }
  return [
    ...wrong, ...invalidFor(`${field}.port`, port, portNumber(port)),
    ...(endPort !== undefined && endPort < port ? [invalid(`${field}.endPort`, port, 'must be greater than or equal to `port`')] : []),
    ...(endPort === undefined ? [] : invalidFor(`${field}.endPort`, endPort, portNumber(endPort))),
  ]
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, field: string): FieldError[] {
  const given = [podSelector, namespaceSelector, ipBlock].filter((peer) => peer !== undefined).length
  return [
    ...validateLabelSelector(podSelector, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock ? validateIPBlock(ipBlock, `${field}.ipBlock`) : []),
    ...(given === 0 ? [required(field, 'must specify a peer')] : given > 1 && ipBlock ? [forbidden(field, 'may not specify both ipBlock and another peer')] : []),
  ]
}

function validateIPBlock({ cidr, except }: IPBlock, field: string): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)]
  const wrong = validCIDR(cidr, `${field}.cidr`)
  if (wrong.length) return wrong
  return each(except, `${field}.except`, (part, path) => {
    const bad = validCIDR(part, path)
    return bad.length ? bad : cidrFamily(part) === cidrFamily(cidr) && isStrictSubset(part, cidr) ? [] : [invalid(path, part, 'must be a strict subset of `cidr`')]
  })
}
