import type { FieldError } from '../../errors.ts'
import type { Container } from '../../types/core-v1/container.ts'
import type { ContainerStatus, PodCondition, PodStatus } from '../../types/core-v1/pod-status.ts'
import type { Pod, PodSpec } from '../../types/core-v1/pod.ts'
import { validateContainerStatuses } from './container-status.ts'
import { each, forbidden, immutableMessage, invalid, invalidFor } from './field.ts'
import { ipFamily, isDualStack, validIP } from './ip.ts'
import { dnsSubdomain, qualifiedName } from './names.ts'
import { validateClaimStatuses, validateExtendedResourceClaim } from './pod-claim-status.ts'
import { validatePodAnnotationsUpdate } from './pod-annotations.ts'

/** A change through `pods/status`, mostly by the node's agent. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const now = pod.status ?? {}, before = old.status ?? {}
  return [
    ...validatePodAnnotationsUpdate(pod.metadata.annotations, old.metadata.annotations, 'metadata.annotations'),
    ...each(now.conditions, 'status.conditions', validateCondition),
    ...validateNomination(now, before, old.spec),
    ...notNegative(now.observedGeneration, 'status.observedGeneration'),
    ...((now.qosClass ?? '') === (before.qosClass ?? '') ? [] : [invalid('status.qosClass', now.qosClass ?? '', immutableMessage)]),
    ...noResurrections(now, before, old.spec),
    ...validateClaimStatuses(now.resourceClaimStatuses, pod.spec, 'status.resourceClaimStatuses'),
    ...validateExtendedResourceClaim(now.extendedResourceClaimStatus, pod.spec, 'status.extendedResourceClaimStatus'),
    ...validateAddresses(now.podIPs ?? [], before.podIPs ?? [], 'status.podIPs'),
    ...(now.hostIPs?.length && now.hostIP !== now.hostIPs[0]!.ip ? [invalid('status.hostIPs[0].ip', now.hostIPs[0]!.ip, 'must be equal to `hostIP`')] : []),
    ...validateAddresses(now.hostIPs ?? [], before.hostIPs ?? [], 'status.hostIPs'),
    ...validateContainerStatuses(now, pod.spec),
  ]
}

const notNegative = (generation: number | undefined, field: string): FieldError[] => ((generation ?? 0) < 0 ? [invalid(field, generation, 'must be a non-negative integer')] : [])

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized'])

const validateCondition = ({ type, observedGeneration }: PodCondition, field: string): FieldError[] => [
  ...notNegative(observedGeneration, `${field}.observedGeneration`),
  ...(systemConditions.has(type) ? [] : invalidFor(`${field}.Type`, type, qualifiedName(type ?? ''))),
]

function validateNomination({ nominatedNodeName: now }: PodStatus, { nominatedNodeName: before }: PodStatus, { nodeName }: PodSpec): FieldError[] {
  const field = 'status.nominatedNodeName'
  if (!now || now === before) return []
  return [...invalidFor(field, now, dnsSubdomain(now)), ...(nodeName ? [forbidden(field, 'may not be set on pods that are already bound to a node')] : [])]
}

/** A container that ended for good stays ended. */
function noResurrections(now: PodStatus, before: PodStatus, spec: PodSpec): FieldError[] {
  const { containers = [], initContainers = [] } = spec
  const allRestart = [...containers, ...initContainers].some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'))
  const ofList = (list: readonly Container[]) => {
    const known = new Map(list.map((container) => [container.name, container]))
    return (name: string, exitCode: number): boolean => known.has(name) && restarts(known.get(name)!, spec, exitCode)
  }
  return [
    ...(allRestart ? [] : noResurrection(now.containerStatuses, before.containerStatuses, 'status.containerStatuses', ofList(containers))),
    ...(allRestart ? [] : noResurrection(now.initContainerStatuses, before.initContainerStatuses, 'status.initContainerStatuses', ofList(initContainers))),
    ...noResurrection(now.ephemeralContainerStatuses, before.ephemeralContainerStatuses, 'status.ephemeralContainerStatuses', () => false),
  ]
}

/** Whether a container that ended so is started again: by a rule of its own, its own policy, or the pod's. */
function restarts({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  const byRule = restartPolicy !== undefined && restartPolicyRules.some(({ exitCodes }) => exitCodes && (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In'))
  const policy = restartPolicy ?? spec.restartPolicy
  return byRule || (policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never')
}

function noResurrection(now: ContainerStatus[] = [], before: ContainerStatus[] = [], field: string, mayRestart: (name: string, exitCode: number) => boolean): FieldError[] {
  const running = new Set(now.filter(({ state }) => !state?.terminated).map(({ name }) => name))
  return each(before, field, ({ name, state }, path) => {
    const back = state?.terminated && running.has(name)
    return back && !mayRestart(name, state.terminated!.exitCode) ? [forbidden(`${path}.state`, 'may not be transitioned to non-terminated state')] : []
  })
}

/** What the stored object has already is not judged again. */
function validateAddresses(addresses: readonly { ip: string }[], before: readonly { ip: string }[], field: string): FieldError[] {
  const ips = addresses.map(({ ip }) => ip), known = new Set(before.map(({ ip }) => ip))
  return [
    ...each(ips, field, (ip, path) => (known.has(ip) ? [] : validIP(ip, path))),
    ...(ips.length > 1 && !isDualStack(ips, ipFamily) ? [invalid(field, addresses, 'may specify no more than one IP for each IP family')] : []),
  ]
}
