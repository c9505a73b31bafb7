import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../../api/types/core-v1/endpoints.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { findPort } from '../service-pods/find-port.ts'
import { addressesOf, familyOf, hostnameIn, isEndpoint, isHeadless } from '../service-pods/membership.ts'
import { compareText } from '../shared/owner.ts'
import { isReady } from '../shared/pods.ts'

/** One address behind one port; `port` is absent for a headless service without ports. */
interface Entry { readonly address: EndpointAddress; readonly ready: boolean; readonly port: EndpointPort | undefined }

/** More addresses than this are not written: Endpoints are one object, and every node reads it. */
export const capacity = 1000

/** The subsets of a service: as few as can say which addresses stand behind which ports. */
export function endpointSubsets(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const publish = service.spec.publishNotReadyAddresses === true
  return repack(pods.filter((pod) => isEndpoint(pod, publish)).flatMap((pod) => entriesOf(service, pod, publish)))
}

function entriesOf(service: Service, pod: Pod, publish: boolean): Entry[] {
  const address = addressOf(service, pod)
  if (!address) return []
  const ready = publish || isReady(pod)
  const ports = service.spec.ports ?? []
  if (ports.length === 0) return isHeadless(service) ? [{ address, ready, port: undefined }] : []
  return ports.flatMap((servicePort) => {
    const port = findPort(pod, servicePort)
    if (port === undefined) return []
    const { name, protocol = 'TCP', appProtocol } = servicePort
    return [{ address, ready, port: { ...(name && { name }), port, protocol, ...(appProtocol && { appProtocol }) } }]
  })
}

function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const addresses = addressesOf(pod)
  const family = service.spec.ipFamilies?.[0] ?? familyOf(isHeadless(service) ? addresses[0]! : service.spec.clusterIP!)
  const ip = addresses.find((address) => familyOf(address) === family)
  if (!ip) return undefined
  const hostname = hostnameIn(service, pod)
  const { namespace, name, uid } = pod.metadata
  return { ip, ...(hostname && { hostname }), ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }), targetRef: { kind: 'Pod', namespace, name, uid } }
}

/** Ports with equal addresses share a subset; everything is sorted, so that equal worlds give equal objects. */
function repack(entries: readonly Entry[]): EndpointSubset[] {
  const byPort = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = portKey(entry.port)
    const group = byPort.get(key)
    if (group) group.push(entry)
    else byPort.set(key, [entry])
  }
  const byAddresses = new Map<string, { ports: EndpointPort[]; entries: readonly Entry[] }>()
  for (const [portKey, of] of [...byPort].sort(([a], [b]) => compareText(a, b))) {
    const distinct = withoutDoubles(of)
    const key = (portKey === '') + distinct.map(({ address, ready }) => `${addressKey(address)}/${ready}`).join()
    const subset = byAddresses.get(key) ?? { ports: [], entries: distinct }
    if (of[0]!.port) subset.ports.push(of[0]!.port)
    byAddresses.set(key, subset)
  }
  return [...byAddresses.values()].map(({ ports, entries: of }) => subsetOf(ports, of))
}

const portKey = (port: EndpointPort | undefined): string => (port ? `${port.name ?? ''} ${port.port} ${port.protocol} ${port.appProtocol ?? ''}` : '')

/** An address that is not ready in one entry counts as not ready. */
function withoutDoubles(entries: readonly Entry[]): Entry[] {
  const byAddress = new Map<string, Entry>()
  for (const entry of entries) {
    const key = addressKey(entry.address)
    if (!entry.ready || !byAddress.has(key)) byAddress.set(key, entry)
  }
  return [...byAddress].sort(([a], [b]) => compareText(a, b)).map(([, entry]) => entry)
}

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip}/${targetRef?.uid ?? ''}`

function subsetOf(ports: EndpointPort[], entries: readonly Entry[]): EndpointSubset {
  const addresses = entries.filter(({ ready }) => ready).map(({ address }) => address)
  const notReadyAddresses = entries.filter(({ ready }) => !ready).map(({ address }) => address)
  return { ...(addresses.length > 0 && { addresses }), ...(notReadyAddresses.length > 0 && { notReadyAddresses }), ...(ports.length > 0 && { ports }) }
}

/** Subsets cut to `capacity`: ready addresses before others, each subset in proportion to its share. */
export function truncated(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; isTruncated: boolean } {
  const count = (of: 'addresses' | 'notReadyAddresses') => subsets.reduce((sum, subset) => sum + (subset[of]?.length ?? 0), 0)
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')]
  if (ready + notReady <= capacity) return { subsets: [...subsets], isTruncated: false }
  const readyShare = Math.min(1, capacity / ready)
  const notReadyShare = notReady === 0 ? 0 : Math.max(0, capacity - ready) / notReady
  const cut = <T>(list: T[] | undefined, share: number) => list?.slice(0, Math.floor(list.length * share)) ?? []
  const kept = subsets.map((subset) => {
    const [addresses, notReadyAddresses] = [cut(subset.addresses, readyShare), cut(subset.notReadyAddresses, notReadyShare)]
    return { ...(addresses.length > 0 && { addresses }), ...(notReadyAddresses.length > 0 && { notReadyAddresses }), ...(subset.ports && { ports: subset.ports }) }
  })
  return { subsets: kept.filter((subset) => subset.addresses || subset.notReadyAddresses), isTruncated: true }
}
