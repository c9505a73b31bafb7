import type { FieldError } from '../../errors.ts'
import type { TypedLocalObjectReference } from '../../types/core-v1/common.ts'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressLoadBalancerIngress, IngressRule, IngressTLS } from '../../types/networking-v1/ingress.ts'
import { each, invalid, invalidFor, notSupported, required } from './field.ts'
import { ipFamily, validIP } from './ip.ts'
import { dnsLabel1035, dnsSubdomain, pathSegment, portName, portNumber, wildcardSubdomain } from './names.ts'

export const classAnnotation = 'kubernetes.io/ingress.class'

export function validateIngressCreate(ingress: Ingress): FieldError[] {
  const annotation = ingress.metadata.annotations?.[classAnnotation]
  const name = ingress.spec.ingressClassName
  return [
    ...validateIngress(ingress, undefined),
    ...(annotation !== undefined && name !== undefined && annotation !== name ? [invalid(`annotations.${classAnnotation}`, annotation, 'must match `ingressClassName` when both are specified')] : []),
  ]
}

/** Names of secrets that were wrong before the rule was there may stay. */
export function validateIngress({ spec }: Ingress, old: Ingress | undefined): FieldError[] {
  const { defaultBackend, rules = [], tls, ingressClassName: name } = spec
  const lenient = (old?.spec.tls ?? []).some(({ secretName }) => secretName && dnsSubdomain(secretName).length > 0)
  return [
    ...(rules.length || defaultBackend ? [] : [invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified')]),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...each(rules, 'spec.rules', validateRule),
    ...each(tls, 'spec.tls', (entry, path) => validateTLS(entry, path, lenient)),
    ...(name === undefined ? [] : invalidFor('spec.ingressClassName', name, dnsSubdomain(name))),
  ]
}

function validateRule({ host, http }: IngressRule, field: string): FieldError[] {
  return [
    ...(host && ipFamily(host) ? [invalid(`${field}.host`, host, 'must be a DNS name, not an IP address')] : []),
    ...(host ? invalidFor(`${field}.host`, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host)) : []),
    ...(http && !http.paths?.length ? [required(`${field}.http.paths`)] : []),
    ...each(http?.paths, `${field}.http.paths`, validatePath),
  ]
}

const wrongSequences = ['//', '/./', '/../', '%2f', '%2F']
const wrongEnds = ['/..', '/.']

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, field: string): FieldError[] {
  if (!pathType) return [required(`${field}.pathType`, 'pathType must be specified')]
  const at = `${field}.path`
  const relative = !path.startsWith('/') && (pathType !== 'ImplementationSpecific' || path !== '') ? [invalid(at, path, 'must be an absolute path')] : []
  const wrong = pathType === 'Exact' || pathType === 'Prefix' ? [
    ...relative,
    ...wrongSequences.filter((sequence) => path.includes(sequence)).map((sequence) => invalid(at, path, `must not contain '${sequence}'`)),
    ...wrongEnds.filter((end) => path.endsWith(end)).map((end) => invalid(at, path, `cannot end with '${end}'`)),
  ] : pathType === 'ImplementationSpecific' ? relative : [notSupported(`${field}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])]
  return [...wrong, ...validateBackend(backend, `${field}.backend`)]
}

function validateBackend({ resource, service }: IngressBackend, field: string): FieldError[] {
  if (resource && service) return [invalid(field, '', 'cannot set both resource and service backends')]
  if (resource) return validateObjectReference(resource, `${field}.resource`)
  if (!service) return [invalid(field, '', 'resource or service backend is required')]
  const { name, port: { name: portOf = '', number = 0 } = {} } = service
  return [
    ...(name ? invalidFor(`${field}.service.name`, name, dnsLabel1035(name)) : [required(`${field}.service.name`)]),
    ...(portOf && number ? [invalid(field, '', 'cannot set both port name & port number')]
      : portOf ? invalidFor(`${field}.service.port.name`, portOf, portName(portOf))
        : number ? invalidFor(`${field}.service.port.number`, number, portNumber(number)) : [required(field, 'port name or number is required')]),
  ]
}

/** A reference to any object by group, kind and name. */
export function validateObjectReference({ apiGroup, kind, name }: TypedLocalObjectReference, field: string): FieldError[] {
  return [
    ...(apiGroup === undefined ? [] : invalidFor(`${field}.apiGroup`, apiGroup, dnsSubdomain(apiGroup))),
    ...(kind ? invalidFor(`${field}.kind`, kind, pathSegment(kind)) : [required(`${field}.kind`, 'kind is required')]),
    ...(name ? invalidFor(`${field}.name`, name, pathSegment(name)) : [required(`${field}.name`, 'name is required')]),
  ]
}

const validateTLS = ({ hosts, secretName }: IngressTLS, field: string, lenient: boolean): FieldError[] => [
  ...each(hosts, `${field}.hosts`, (host, path) => invalidFor(path, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host))),
  ...(secretName && !lenient ? invalidFor(`${field}.secretName`, secretName, dnsSubdomain(secretName)) : []),
]

export const validateIngressStatusUpdate = ({ status }: Ingress): FieldError[] =>
  each(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }: IngressLoadBalancerIngress, path) => [
    ...(ip ? validIP(ip, `${path}.ip`) : []),
    ...(hostname ? invalidFor(`${path}.hostname`, hostname, dnsSubdomain(hostname)) : []),
    ...(hostname && ipFamily(hostname) ? [invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
  ])
