import type { Container, ContainerPort, EphemeralContainer } from '../../types/core-v1/container.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { seccompContainerPrefix } from '../validation/profile-annotations.ts'
import { fractionWarnings } from './fraction.ts'

type Any = Container | EphemeralContainer
const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** Of the containers of every sort; ports of different ones may be in each other's way. */
export function eachContainerWarnings(spec: PodSpec, annotations: Readonly<Record<string, string>> | undefined, at: string): string[] {
  const warnings: string[] = [], ports = new Map<string, Claimed[]>(), ofPorts: string[] = []
  for (const list of lists) {
    (spec[list] as readonly Any[] | undefined)?.forEach((container, index) => {
      const field = `${at}spec.${list}[${index}]`
      warnings.push(...containerWarnings(container, annotations, field, at))
      container.ports?.forEach((port, i) => ofPorts.push(...portWarnings(port, `${field}.ports[${i}]`, ports)))
    })
  }
  return [...warnings, ...ofPorts]
}

function containerWarnings({ name, resources, env, securityContext }: Any, annotations: Readonly<Record<string, string>> | undefined, field: string, at: string): string[] {
  const seccomp = seccompContainerPrefix + name
  return [
    ...(annotations?.[seccomp] !== undefined && !securityContext?.seccompProfile ? [`${at}metadata.annotations[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`] : []),
    ...(resources?.limits ? fractionWarnings(resources.limits, `${field}.resources.limits`) : []),
    ...(resources?.requests ? fractionWarnings(resources.requests, `${field}.resources.requests`) : []),
    ...(env && env.length > 1 ? envWarnings(env, field) : []),
  ]
}

/** A variable may be built from its predecessor (`$(PATH):/more`), but not silently replace it. */
function envWarnings(env: NonNullable<Container['env']>, field: string): string[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    if (!seen.has(name)) { seen.add(name); return [] }
    const reference = `$(${name})`
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference)
    return hides ? [`${field}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`] : []
  })
}

interface Claimed { readonly field: string; readonly port: ContainerPort }

/** Told of at most this many others, so that many alike cost no more than that each. */
const mostOthers = 10

function portWarnings(port: ContainerPort, field: string, ports: Map<string, Claimed[]>): string[] {
  const key = `${port.containerPort}/${port.protocol ?? ''}`
  const others = ports.get(key) ?? []
  if (others.length < mostOthers) ports.set(key, [...others, { field, port }])
  return [
    ...(port.hostIP && !port.hostPort ? [`${field}: hostIP set without hostPort: ${printed(port)}`] : []),
    ...others.flatMap((other) => clash(port, other, field)),
  ]
}

function clash({ hostIP = '', hostPort = 0 }: ContainerPort, { field: other, port: { hostIP: otherIP = '', hostPort: otherPort = 0 } }: Claimed, field: string): string[] {
  if (hostIP === otherIP && hostPort === otherPort) return [`${field}: duplicate port definition with ${other}`]
  if (hostPort === 0 || otherPort === 0) return [`${field}: overlapping port definition with ${other}`]
  return hostPort === otherPort && (hostIP === '') !== (otherIP === '') ? [`${field}: dangerously ambiguous port definition with ${other}`] : []
}

/** As Go prints a struct. */
const printed = ({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
