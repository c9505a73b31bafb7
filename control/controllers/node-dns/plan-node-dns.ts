import type { Draft } from '../../../api/client/client.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import { managedByLabel, serviceNameLabel } from '../endpointslice/plan-family.ts'
import { same, sameMap } from '../shared/same.ts'

export const managedBy = 'node-dns-controller.k8ts.io'
/** What an agent says of its node once it answers DNS there, and at which port. A node without it (of another kubelet, say) is no endpoint. */
export const dnsPortAnnotation = 'k8ts.io/dns-port'
export const dnsService = { namespace: 'kube-system', name: 'kube-dns' } as const

/** The API takes a thousand endpoints in a slice; every change of one sends all of them to every node. */
const mostEndpoints = 500

/** The Service by which pods reach the DNS of their nodes: as kubeadm's, but that its endpoints are nodes, the caller's own first. */
export function dnsServiceOf(addresses: readonly string[]): Draft<Service> {
  return {
    metadata: {
      ...dnsService,
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      clusterIP: addresses[0]!, clusterIPs: [...addresses], ipFamilies: addresses.map(familyOf), ipFamilyPolicy: addresses.length > 1 ? 'RequireDualStack' : 'SingleStack',
      ports: [{ name: 'dns', protocol: 'UDP', port: 53 }, { name: 'dns-tcp', protocol: 'TCP', port: 53 }],
      trafficDistribution: 'PreferSameNode',
    } as Service['spec'],
  }
}

/** Somebody else answers for this Service: who gives it a selector (a stock CoreDNS) wants his pods asked. */
export const isTakenOver = ({ spec }: Service): boolean => spec.type === 'ExternalName' || Object.keys(spec.selector ?? {}).length > 0

export interface NodeDnsPlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** What has to change so that the slices of ours name the nodes that answer DNS. Pure. Without a Service, or with one that is taken over, there are none. */
export function planNodeDns(service: Service | undefined, nodes: readonly Node[], existing: readonly EndpointSlice[]): NodeDnsPlan {
  const wanted = service && !isTakenOver(service) ? slicesOf(service, nodes) : []
  const byName = new Map(existing.map((slice) => [slice.metadata.name, slice]))
  const names = new Set(wanted.map(({ metadata }) => metadata.name))
  // The family of a slice cannot be changed; the names differ with it, but for hands other than ours.
  const unfit = (slice: EndpointSlice) => slice.addressType !== byName.get(slice.metadata.name)?.addressType
  return {
    create: wanted.filter(({ metadata }) => !byName.has(metadata.name)),
    update: wanted.flatMap((slice) => {
      const old = byName.get(slice.metadata.name)
      if (!old || unfit(slice) || isEqual(old, slice)) return []
      return [{ ...old, metadata: { ...old.metadata, labels: slice.metadata.labels!, ownerReferences: slice.metadata.ownerReferences! }, ports: slice.ports!, endpoints: slice.endpoints! }]
    }),
    remove: [...existing.filter(({ metadata }) => !names.has(metadata.name)), ...wanted.filter(unfit).flatMap(({ metadata }) => byName.get(metadata.name) ?? [])],
  }
}

function isEqual(old: EndpointSlice, slice: EndpointSlice): boolean {
  return sameMap(old.metadata.labels, slice.metadata.labels) && same(old.metadata.ownerReferences, slice.metadata.ownerReferences) && same(old.ports, slice.ports) && same(old.endpoints, slice.endpoints)
}

/** One slice for each family of the Service and each port at which nodes answer; more when they are very many. */
function slicesOf(service: Service, nodes: readonly Node[]): EndpointSlice[] {
  const families = service.spec.ipFamilies?.length ? service.spec.ipFamilies : [familyOf(service.spec.clusterIP ?? '')]
  const answering = nodes.filter((node) => !node.metadata.deletionTimestamp).sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
  return families.flatMap((family) => {
    const ports = Map.groupBy(answering.filter((node) => portOf(node) !== undefined && addressOf(node, family) !== undefined), (node) => portOf(node)!)
    return [...ports].flatMap(([port, those]) => Array.from({ length: Math.ceil(those.length / mostEndpoints) }, (_, part) =>
      sliceOf(service, family, port, part, those.slice(part * mostEndpoints, (part + 1) * mostEndpoints))))
  })
}

function sliceOf(service: Service, family: string, port: number, part: number, nodes: readonly Node[]): EndpointSlice {
  const { namespace, name, uid = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: {
      namespace: namespace!, name: `${name}-nodes-${family.toLowerCase()}-${port}${part ? `-${part}` : ''}`,
      labels: { [serviceNameLabel]: name!, [managedByLabel]: managedBy, ...(service.metadata.labels?.['k8s-app'] && { 'k8s-app': service.metadata.labels['k8s-app'] }) },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: name!, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: family,
    ports: (service.spec.ports ?? []).map((each) => ({ name: each.name ?? '', protocol: each.protocol ?? 'TCP', port })),
    endpoints: nodes.map((node) => endpointOf(node, family)),
  } as EndpointSlice
}

function endpointOf(node: Node, family: string): Endpoint {
  const ready = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  const zone = node.metadata.labels?.['topology.kubernetes.io/zone']
  return {
    addresses: [addressOf(node, family)!], nodeName: node.metadata.name, ...(zone && { zone }),
    conditions: { ready, serving: ready, terminating: false },
    hints: { forNodes: [{ name: node.metadata.name! }], ...(zone && { forZones: [{ name: zone }] }) },
    targetRef: { kind: 'Node', name: node.metadata.name!, uid: node.metadata.uid! },
  }
}

function portOf({ metadata }: Node): number | undefined {
  const port = Number(metadata.annotations?.[dnsPortAnnotation])
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}

const addressOf = ({ status }: Node, family: string): string | undefined => status?.addresses?.find(({ type, address }) => type === 'InternalIP' && familyOf(address) === family)?.address
const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4')
