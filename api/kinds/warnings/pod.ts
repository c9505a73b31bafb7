import { quantityMilliValue } from '../../schema/quantity.ts'
import type { Container } from '../../types/core-v1/container.ts'
import type { Pod, PodSpec, PodTemplateSpec } from '../../types/core-v1/pod.ts'
import type { ObjectMeta } from '../../types/meta-v1/meta.ts'
import { dnsLabel } from '../validation/names.ts'

/*
 * What is allowed and yet hardly meant. Told in `Warning` headers, which kubectl prints.
 */

export const podWarnings = ({ metadata, spec }: Pod, old?: Pod): string[] =>
  [...(old ? [] : nameWarnings(metadata, "in the Pod's hostname")), ...podSpecWarnings(spec, 'spec')]

/** Of a template anywhere: `field` is where it stands. */
export const podTemplateWarnings = (template: PodTemplateSpec, field: string): string[] => podSpecWarnings(template.spec, `${field}.spec`)

interface Workload { metadata: ObjectMeta; spec: { template?: { spec: PodSpec } | undefined } }

/** Of a workload: once at its birth for its name, and whenever what is wanted has changed for its template. */
export function workloadWarnings({ metadata, spec }: Workload, old?: Workload): string[] {
  const template = spec.template && metadata.generation !== old?.metadata.generation ? podSpecWarnings(spec.template.spec, 'spec.template.spec') : []
  return [...(old ? [] : nameWarnings(metadata, 'in Pod names and hostnames')), ...template]
}

/** A name that becomes a part of host names and would not fit there. */
export function nameWarnings({ name, generateName }: ObjectMeta, where: string): string[] {
  const wrong = name && !generateName ? dnsLabel(name) : []
  return wrong.length > 0 ? [`metadata.name: this is used ${where}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`] : []
}

const replacedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'since v1.17; use "node.kubernetes.io/instance-type" instead',
}

/** Why a label of nodes is no longer used; undefined for all others. */
export const replacedLabel = (key: string): string | undefined => (Object.hasOwn(replacedLabels, key) ? `deprecated ${replacedLabels[key]}` : undefined)

function podSpecWarnings(spec: PodSpec, field: string): string[] {
  const labels = Object.keys(spec.nodeSelector ?? {}).filter((key) => Object.hasOwn(replacedLabels, key))
  return [
    ...labels.map((key) => `${field}.nodeSelector[${key}]: deprecated ${replacedLabels[key]}`),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
    ...(spec.initContainers ?? []).flatMap((container, i) => containerWarnings(container, `${field}.initContainers[${i}]`)),
    ...(spec.containers ?? []).flatMap((container, i) => containerWarnings(container, `${field}.containers[${i}]`)),
  ]
}

const containerWarnings = (container: Container, field: string): string[] =>
  [...fractionWarnings(container, field), ...envWarnings(container, field), ...portWarnings(container, field)]

function fractionWarnings({ resources }: Container, field: string): string[] {
  return (['limits', 'requests'] as const).flatMap((list) => (['memory', 'ephemeral-storage'] as const).flatMap((name) => {
    const quantity = resources?.[list]?.[name]
    return quantity !== undefined && quantityMilliValue(quantity) % 1000 !== 0 ? [`${field}.resources.${list}[${name}]: fractional byte value ${JSON.stringify(quantity)} is invalid, must be an integer`] : []
  }))
}

/** A variable may be built from its predecessor (`$(PATH):/more`), but not silently replace it. */
function envWarnings({ env = [] }: Container, field: string): string[] {
  const names = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    const known = names.has(name)
    names.add(name)
    const reference = `$(${name})`
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference)
    return known && hides ? [`${field}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`] : []
  })
}

function portWarnings({ ports = [] }: Container, field: string): string[] {
  const first = new Map<string, number>()
  return ports.flatMap(({ containerPort, protocol = '', hostPort = '', hostIP = '' }, i) => {
    const key = `${containerPort} ${protocol} ${hostPort} ${hostIP}`
    const same = first.get(key)
    if (same === undefined) first.set(key, i)
    return same === undefined ? [] : [`${field}.ports[${i}]: duplicate port definition with ${field}.ports[${same}]`]
  })
}
