import type { Container } from '../../types/core-v1/container.ts'
import type { Pod, PodSpec, PodTemplateSpec } from '../../types/core-v1/pod.ts'
import type { PodStatus } from '../../types/core-v1/pod-status.ts'
import { containerLimits, containerRequests } from '../pod-requests.ts'
import { defaultContainer, defaultResources, requestWhatIsLimited, roundToMilli } from './container.ts'
import { isHugePages } from '../validation/resources.ts'
import { defaultVolume } from './volume.ts'

/** Defaults of a spec in a pod or a template, in place. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  mirrorServiceAccount(spec)
  for (const container of allContainers(spec)) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  if (spec.resources) defaultResources(spec.resources)
  if (spec.overhead) roundToMilli(spec.overhead)
}

/** `serviceAccount` is the old name of `serviceAccountName`; the new one wins and both are shown. */
function mirrorServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (!name) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

const allContainers = ({ containers = [], initContainers = [], ephemeralContainers = [] }: PodSpec): Container[] => [...initContainers, ...containers, ...ephemeralContainers]

/** `spec.template` of a workload. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  template.metadata ??= {} as PodTemplateSpec['metadata']
  template.spec ??= { containers: [] }
  defaultPodSpec(template.spec)
}

/** Defaults only a pod gets, beside those of its spec. */
export function defaultPod({ spec, status }: Pod): void {
  if (status) mirrorAddress(status)
  defaultPodSpec(spec)
  for (const container of [...spec.containers ?? [], ...spec.initContainers ?? []]) {
    requestWhatIsLimited(container)
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
  if (spec.resources?.limits || spec.resources?.requests) defaultWholePod(spec)
  spec.enableServiceLinks ??= true
}

/** `podIP` is the first of `podIPs`; where they differ, it wins. */
function mirrorAddress(status: PodStatus): void {
  const { podIP, podIPs } = status
  if (podIP && podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }]
  else if (podIPs?.length && !podIP) status.podIP = podIPs[0]!.ip
}

/**
 * A pod that speaks of itself as a whole is limited to the huge pages its containers are limited to, and when it is limited
 * asks for what its containers ask for, or else for its limit.
 */
function defaultWholePod(spec: PodSpec): void {
  const resources = spec.resources!
  const pages = Object.entries(containerLimits(spec)).filter(([name]) => isHugePages(name) && resources.requests?.[name] === undefined)
  if (pages.length > 0) resources.limits = { ...Object.fromEntries(pages), ...resources.limits }
  if (!resources.limits) return
  const ofContainers = Object.entries(containerRequests(spec)).filter(([name]) => name === 'cpu' || name === 'memory')
  const known = Object.entries(resources.limits).filter(([name]) => name === 'cpu' || name === 'memory' || isHugePages(name))
  resources.requests = { ...Object.fromEntries(known), ...Object.fromEntries(ofContainers), ...resources.requests }
}
