import type { FieldError } from '../../errors.ts'
import { Endpoints } from '../../types/core-v1/endpoints.ts'
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../types/core-v1/endpoints.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { protocols } from '../validation/container.ts'
import { each, invalidFor, oneOf, required } from '../validation/field.ts'
import { nonSpecialIP, validIP } from '../validation/ip.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const endpoints: Kind<Endpoints> = {
  group: '', version: 'v1', kind: 'Endpoints', resource: 'endpoints', singular: 'endpoints', shortNames: ['ep'],
  namespaced: true, verbs: allVerbs, schema: Endpoints, storage: 'services/endpoints', createOnUpdate: true,
  deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  doc: 'The addresses behind a Service in the old form; EndpointSlice replaces it.',
  default({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP'
  },
  validate: ({ subsets }) => each(subsets, 'subsets', validateSubset),
  validateUpdate: ({ subsets }) => each(subsets, 'subsets', validateSubset),
  columns: [text('Endpoints', format, 'The ready addresses with their ports.'), age],
}

function validateSubset({ addresses, notReadyAddresses, ports }: EndpointSubset, field: string): FieldError[] {
  return [
    ...(addresses?.length || notReadyAddresses?.length ? [] : [required(field, 'must specify `addresses` or `notReadyAddresses`')]),
    ...each(addresses, `${field}.addresses`, validateAddress),
    ...each(notReadyAddresses, `${field}.notReadyAddresses`, validateAddress),
    ...each(ports, `${field}.ports`, (port, path) => validatePort(port, ports!.length > 1, path)),
  ]
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, field: string): FieldError[] {
  return [
    ...validIP(ip ?? '', `${field}.ip`),
    ...(hostname ? invalidFor(`${field}.hostname`, hostname, dnsLabel(hostname)) : []),
    ...(nodeName === undefined ? [] : invalidFor(`${field}.nodeName`, nodeName, dnsSubdomain(nodeName))),
    ...nonSpecialIP(ip ?? '', `${field}.ip`),
  ]
}

function validatePort({ name, port, protocol, appProtocol }: EndpointPort, requireName: boolean, field: string): FieldError[] {
  return [
    ...(name ? invalidFor(`${field}.name`, name, dnsLabel(name)) : requireName ? [required(`${field}.name`)] : []),
    ...invalidFor(`${field}.port`, port ?? 0, portNumber(port)),
    ...oneOf(protocol, protocols, `${field}.protocol`),
    ...(appProtocol === undefined ? [] : invalidFor(`${field}.appProtocol`, appProtocol, qualifiedName(appProtocol))),
  ]
}

const shown = 3

function format({ subsets = [] }: Endpoints): string {
  if (!subsets.length) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    (ports.length ? ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`)) : addresses.map(({ ip }) => ip)))
  const list = all.slice(0, shown).join(',')
  return all.length > shown ? `${list} + ${all.length - shown} more...` : list
}
