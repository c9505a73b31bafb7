import type { FieldError } from '../../errors.ts'
import type { ContainerStatus } from '../../types/core-v1/pod-status.ts'
import type { Pod } from '../../types/core-v1/pod.ts'
import { duplicate, each, forbidden, immutableMessage, invalid, invalidFor } from './field.ts'
import { ipFamily, isDualStack, validIP } from './ip.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'

/** A change through `pods/status`, mostly by the node's agent. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const now = pod.status ?? {}, before = old.status ?? {}
  const { restartPolicy } = old.spec
  const sidecars = new Set((old.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name))
  return [
    ...each(now.conditions, 'metadata.conditions', ({ type }, path) => invalidFor(`${path}.Type`, type, qualifiedName(type ?? ''))),
    ...(now.nominatedNodeName && now.nominatedNodeName !== before.nominatedNodeName ? invalidFor('status.nominatedNodeName', now.nominatedNodeName, dnsSubdomain(now.nominatedNodeName)) : []),
    ...((now.qosClass ?? '') === (before.qosClass ?? '') ? [] : [invalid('status.qosClass', now.qosClass ?? '', immutableMessage)]),
    ...noResurrection(now.containerStatuses, before.containerStatuses, 'status.containerStatuses', restartPolicy, new Set()),
    ...noResurrection(now.initContainerStatuses, before.initContainerStatuses, 'status.initContainerStatuses', restartPolicy, sidecars),
    ...noResurrection(now.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', 'Never', new Set()),
    ...validateAddresses(now.podIPs ?? [], 'status.podIPs'),
    ...(now.hostIPs?.length && now.hostIP !== now.hostIPs[0]!.ip ? [invalid('status.hostIPs[0].ip', now.hostIPs[0]!.ip, 'must be equal to `hostIP`')] : []),
    ...validateAddresses(now.hostIPs ?? [], 'status.hostIPs'),
  ]
}

/** A container that ended for good stays ended. */
function noResurrection(now: ContainerStatus[] = [], before: ContainerStatus[] = [], field: string, restartPolicy: string | undefined, exempt: ReadonlySet<string>): FieldError[] {
  if (restartPolicy === 'Always') return []
  return each(before, field, ({ name, state }, path) => {
    const ended = state?.terminated
    if (!ended || exempt.has(name) || (ended.exitCode !== 0 && restartPolicy === 'OnFailure')) return []
    const back = now.some((status) => status.name === name && !status.state?.terminated)
    return back ? [forbidden(`${path}.state`, 'may not be transitioned to non-terminated state')] : []
  })
}

function validateAddresses(addresses: readonly { ip: string }[], field: string): FieldError[] {
  const ips = addresses.map(({ ip }) => ip)
  return [
    ...each(ips, field, validIP),
    ...(ips.length > 1 && !isDualStack(ips, ipFamily) ? [invalid(field, addresses, 'may specify no more than one IP for each IP family')] : []),
    ...each(ips, field, (ip, path, index) => (ips.indexOf(ip) < index ? [duplicate(path, { ip })] : [])),
  ]
}
