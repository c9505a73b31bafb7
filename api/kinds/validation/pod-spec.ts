import type { FieldError } from '../../errors.ts'
import type { PodDNSConfig, PodSpec } from '../../types/core-v1/pod.ts'
import type { Volume } from '../../types/core-v1/volume.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container.ts'
import { duplicate, each, forbidden, inclusiveRange, invalid, invalidFor, notFound, oneOf, required, tooLong } from './field.ts'
import { validIP } from './ip.ts'
import { validateLabels } from './labels.ts'
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from './names.ts'
import { eachContainer } from './each-container.ts'
import { isMirrorPod } from './pod-annotations.ts'
import { validateHostProcess, validateOS } from './operating-system.ts'
import { validateResourcesOfPod } from './pod-resources.ts'
import { validateContainerResources } from './resources.ts'
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts'
import { validatePodSecurityContext } from './security-context.ts'
import type { VolumeOwner } from './volume-sources.ts'
import { validateVolumes } from './volumes.ts'

/** Every failed check of a pod's spec, in a pod or in a template. */
export function validatePodSpec(spec: PodSpec, field: string, owner: VolumeOwner): FieldError[] {
  const volumes = validateVolumes(spec.volumes, `${field}.volumes`, owner)
  const claimNames = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const scope = { spec, volumes: volumes.known, claimNames }
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${field}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...(owner.annotations && isMirrorPod(owner.annotations) ? (spec.resourceClaims ?? []).map(() => forbidden('', 'static pods do not support resource claims')) : validateClaims(spec, `${field}.resourceClaims`)),
    ...validateContainers(scope, `${field}.containers`),
    ...validateInitContainers(scope, `${field}.initContainers`),
    ...validateEphemeralContainers(scope, `${field}.ephemeralContainers`),
    ...validateResourcesOfPod(spec, `${field}.resources`),
    ...validateHostPorts(spec, field, owner.isPod),
    ...oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${field}.restartPolicy`),
    ...oneOf(spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], `${field}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validatePodSecurityContext(spec.securityContext, spec, `${field}.securityContext`),
    ...validateAffinity(spec.affinity, `${field}.affinity`),
    ...validateDNS(spec, `${field}.dnsConfig`),
    ...each(spec.readinessGates, `${field}.readinessGates`, ({ conditionType }, path) => invalidFor(`${path}.conditionType`, conditionType, qualifiedName(conditionType ?? ''))),
    ...validateSchedulingGates(spec, `${field}.schedulingGates`),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`),
    ...validateHostProcess(spec, field),
    ...validateHostUsers(spec, field),
    ...validateHostnameOverride(spec, `${field}.hostnameOverride`),
    ...validateNames(spec, field),
    ...validateDeadline(spec.activeDeadlineSeconds, `${field}.activeDeadlineSeconds`),
    ...validateTolerations(spec.tolerations, `${field}.tolerations`),
    ...validateHostAliases(spec, `${field}.hostAliases`),
    ...(spec.preemptionPolicy === undefined ? [] : oneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${field}.preemptionPolicy`)),
    ...(spec.overhead ? validateContainerResources({ limits: spec.overhead }, new Set(), `${field}.overhead`) : []),
    ...validateOS(spec, field),
    ...validateFilesOfEnv(spec, field),
  ]
}

/** Variables from a file: it must be in an empty directory of the pod. */
function validateFilesOfEnv(spec: PodSpec, field: string): FieldError[] {
  let volumes: Map<string, Volume> | undefined
  return eachContainer(spec, field, ({ env }, path) => each(env, `${path}.env`, ({ valueFrom }, at) => {
    if (!valueFrom?.fileKeyRef) return []
    volumes ??= new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]))
    const { volumeName } = valueFrom.fileKeyRef, volume = volumes.get(volumeName)
    if (!volume) return [notFound(`${at}.valueFrom.fileKeyRef.volumeName`, volumeName)]
    return volume.emptyDir ? [] : [invalid(`${at}.valueFrom.fileKeyRef.volumeName`, volumeName, 'referenced volume must be of type emptyDir')]
  }))
}

function validateNames(spec: PodSpec, field: string): FieldError[] {
  const subdomains = ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const
  const labels = ['hostname', 'subdomain'] as const
  return [
    ...subdomains.flatMap((name) => (spec[name] ? invalidFor(`${field}.${name}`, spec[name], dnsSubdomain(spec[name])) : [])),
    ...labels.flatMap((name) => (spec[name] ? invalidFor(`${field}.${name}`, spec[name], dnsLabel(spec[name])) : [])),
  ]
}

function validateHostnameOverride({ hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpec, field: string): FieldError[] {
  if (name === undefined) return []
  return [
    ...(setHostnameAsFQDN ? [forbidden(field, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork ? [forbidden(field, 'may not be specified when hostNetwork is true')] : []),
    ...(Buffer.byteLength(name) > 64 ? [tooLong(field, 64)] : []),
    ...invalidFor(field, name, dnsSubdomain(name)),
  ]
}

function validateClaims(spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>()
  return each(spec.resourceClaims, field, (claim, path) => {
    const { name, resourceClaimName: direct, resourceClaimTemplateName: template } = claim
    const repeated = seen.has(name)
    seen.add(name)
    return [
      ...(name ? repeated ? [duplicate(`${path}.name`, name)] : invalidFor(`${path}.name`, name, dnsLabel(name)) : [required(`${path}.name`)]),
      ...(direct !== undefined && template !== undefined ? [invalid(path, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')] : []),
      ...(direct === undefined && template === undefined ? [invalid(path, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')] : []),
      ...(direct === undefined ? [] : invalidFor(`${path}.resourceClaimName`, direct, dnsSubdomain(direct))),
      ...(template === undefined ? [] : invalidFor(`${path}.resourceClaimTemplateName`, template, dnsSubdomain(template))),
    ]
  })
}

/** On the node's own network a container port is a port of the node; a template may still leave it to defaulting. */
function validateHostPorts(spec: PodSpec, field: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return []
  return each(spec.containers, `${field}.containers`, (container, path) => each(container.ports, `${path}.ports`, ({ hostPort = 0, containerPort }, at) =>
    ((isPod || hostPort !== 0) && hostPort !== containerPort ? [invalid(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')] : [])))
}

function validateDNS({ dnsPolicy, dnsConfig }: PodSpec, field: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!dnsConfig.nameservers?.length) return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  return dnsConfig ? validateDNSConfig(dnsConfig, field) : []
}

function validateDNSConfig({ nameservers = [], searches = [], options }: PodDNSConfig, field: string): FieldError[] {
  return [
    ...(nameservers.length > 3 ? [invalid(`${field}.nameservers`, nameservers, 'must not have more than 3 nameservers')] : []),
    ...each(nameservers, `${field}.nameservers`, validIP),
    ...(searches.length > 32 ? [invalid(`${field}.searches`, searches, 'must not have more than 32 search paths')] : []),
    ...(searches.join(' ').length > 2048 ? [invalid(`${field}.searches`, searches, 'must not have more than 2048 characters (including spaces) in the search list')] : []),
    ...each(searches, `${field}.searches`, (search, path) => {
      const name = search.replace(/\.$/, '')
      return search === '.' ? [] : invalidFor(path, name, dnsSubdomainWithUnderscore(name))
    }),
    ...each(options, `${field}.options`, ({ name }, path) => (name ? [] : [required(path, 'must not be empty')])),
  ]
}

function validateSchedulingGates(spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>()
  return each(spec.schedulingGates, field, ({ name }, path) => {
    const repeated = seen.has(name)
    seen.add(name)
    return [...invalidFor(path, name, qualifiedName(name ?? '')), ...(repeated ? [duplicate(path, name)] : [])]
  })
}

function validateHostUsers(spec: PodSpec, field: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const shared = [['hostNetwork', 'hostNetwork'], ['hostPID', 'HostPID'], ['hostIPC', 'HostIPC']] as const
  const detail = 'when `hostUsers` is false'
  return [
    ...shared.filter(([name]) => spec[name]).map(([, path]) => forbidden(`${field}.${path}`, detail)),
    ...eachContainer(spec, field, ({ volumeDevices }, path) => (volumeDevices?.length ? [forbidden(`${path}.volumeDevices`, detail)] : [])),
  ]
}

const validateDeadline = (seconds: number | undefined, field: string): FieldError[] =>
  (seconds !== undefined && (seconds < 1 || seconds > 2 ** 31 - 1) ? [invalid(field, seconds, inclusiveRange(1, 2 ** 31 - 1))] : [])

const validateHostAliases = (spec: PodSpec, field: string): FieldError[] => each(spec.hostAliases, field, ({ ip, hostnames }, path) => [
  ...validIP(ip ?? '', `${path}.ip`),
  ...each(hostnames, `${path}.hostnames`, (name, at) => invalidFor(at, name, dnsSubdomain(name))),
])
