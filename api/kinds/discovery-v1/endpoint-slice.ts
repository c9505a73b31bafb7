import type { FieldError } from '../../errors.ts'
import { EndpointSlice } from '../../types/discovery-v1.ts'
import type { Endpoint, EndpointPort } from '../../types/discovery-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { protocols } from '../validation/container.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, immutableMessage, invalid, invalidFor, notSupported, oneOf, required, tooMany } from '../validation/field.ts'
import { nonSpecialIP, validIPv4, validIPv6 } from '../validation/ip.ts'
import { validateLabels } from '../validation/labels.ts'
import { dnsLabel, dnsSubdomain, labelValueRule, qualifiedName } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { ipWarnings } from '../warnings/address.ts'

export const endpointSlices: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', singular: 'endpointslice',
  namespaced: true, verbs: allVerbs, schema: EndpointSlice, storage: 'endpointslices',
  doc: 'Some of the addresses behind a Service, all of one family.',
  default({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate(slice) {
    slice.metadata.generation = 1
    for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology
  },
  prepareForUpdate,
  validate: (slice) => validate(slice, ['FQDN', 'IPv4', 'IPv6']),
  validateUpdate: (slice, old) => [
    ...validate(slice, ['FQDN', 'IP', 'IPv4', 'IPv6']),
    ...(slice.addressType === old.addressType ? [] : [invalid('addressType', slice.addressType, immutableMessage)]),
  ],
  warnings: ({ endpoints = [] }) => endpoints.flatMap(({ addresses }, i) => addresses.flatMap((address, j) => ipWarnings(address, `endpoints[${i}].addresses[${j}]`))),
  columns: [
    text('AddressType', ({ addressType }) => addressType, 'The family of the addresses.'),
    text('Ports', ({ ports }) => listed((ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port)))), 'The ports.'),
    text('Endpoints', ({ endpoints }) => listed((endpoints ?? []).flatMap(({ addresses }) => addresses)), 'The addresses.'),
    age,
  ],
}

const listed = (all: readonly string[]): string => {
  const list = all.slice(0, 3).join(',') || '<unset>'
  return all.length > 3 ? `${list} + ${all.length - 3} more...` : list
}

/** The labels say which service the slice is of, so they count as what is wanted. */
function prepareForUpdate(slice: EndpointSlice, old: EndpointSlice): void {
  const content = ({ metadata, addressType, endpoints, ports }: EndpointSlice) => [metadata.labels, addressType, endpoints, ports]
  raiseGeneration(slice, old, !semanticEqual(content(slice), content(old)))
}

function validate({ addressType, endpoints = [], ports = [] }: EndpointSlice, types: readonly string[]): FieldError[] {
  return [
    ...(addressType ? types.includes(addressType) ? [] : [notSupported('addressType', addressType, types)] : [required('addressType')]),
    ...(endpoints.length > 1000 ? [tooMany('endpoints', endpoints.length, 1000)] : each(endpoints, 'endpoints', (endpoint, path) => validateEndpoint(endpoint, addressType, path))),
    ...(ports.length > 20_000 ? [tooMany('ports', ports.length, 20_000)] : validatePorts(ports)),
  ]
}

function validateEndpoint(endpoint: Endpoint, type: string, field: string): FieldError[] {
  const { addresses = [], deprecatedTopology: topology, hostname, nodeName, hints } = endpoint
  const at = `${field}.addresses`
  return [
    ...(addresses.length ? addresses.length > 100 ? [tooMany(at, addresses.length, 100)] : [] : [required(at, 'must contain at least 1 address')]),
    ...each(addresses, at, (address, path) => validateAddress(address, type, path)),
    ...(Object.keys(topology ?? {}).length > 16 ? [tooMany(`${field}.deprecatedTopology`, Object.keys(topology!).length, 16)] : []),
    ...validateLabels(topology, `${field}.deprecatedTopology`),
    ...(nodeName === undefined ? [] : invalidFor(`${field}.nodeName`, nodeName, dnsSubdomain(nodeName))),
    ...(hostname === undefined ? [] : invalidFor(`${field}.hostname`, hostname, dnsLabel(hostname))),
    ...validateHints(hints?.forZones, labelValueRule, `${field}.hints.forZones`),
    ...validateHints(hints?.forNodes, dnsSubdomain, `${field}.hints.forNodes`),
  ]
}

function validateHints(places: readonly { name: string }[] | undefined, rule: (name: string) => string[], field: string): FieldError[] {
  if ((places?.length ?? 0) > 8) return [tooMany(field, places!.length, 8)]
  return each(places, field, ({ name }, path, index) => [
    ...(places!.findIndex((other) => other.name === name) < index ? [duplicate(`${path}.name`, name)] : []), ...invalidFor(`${path}.name`, name, rule(name)),
  ])
}

function validateAddress(address: string, type: string, field: string): FieldError[] {
  if (type === 'IPv4') return [...validIPv4(address, field), ...nonSpecialIP(address, field)]
  if (type === 'IPv6') return [...validIPv6(address, field), ...nonSpecialIP(address, field)]
  if (type !== 'FQDN') return []
  const name = address.replace(/\.$/, '')
  const wrong = dnsSubdomain(name)
  if (wrong.length) return [invalid(field, name, wrong.join(','))]
  return name.includes('.') ? [] : [invalid(field, name, 'should be a domain with at least two segments separated by dots')]
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  const names = new Set<string>()
  return each(ports, 'ports', ({ name = '', protocol, appProtocol }, path) => {
    const repeated = names.has(name)
    names.add(name)
    return [
      ...(name ? invalidFor(`${path}.name`, name, dnsLabel(name)) : []),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
      ...oneOf(protocol, protocols, `${path}.protocol`),
      ...(appProtocol === undefined ? [] : invalidFor(`${path}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
    ]
  })
}
