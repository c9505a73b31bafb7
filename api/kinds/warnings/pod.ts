import type { Pod, PodSpec, PodTemplateSpec } from '../../types/core-v1/pod.ts'
import type { ObjectMeta } from '../../types/meta-v1/meta.ts'
import { dnsLabel } from '../validation/names.ts'
import { appArmorPrefix, appArmorProfileOf, seccompPod } from '../validation/profile-annotations.ts'
import { allContainers } from '../validation/each-container.ts'
import { eachContainerWarnings } from './container.ts'
import { fractionWarnings } from './fraction.ts'
import { placementWarnings } from './placement.ts'
import { podVolumeWarnings } from './pod-volume.ts'

/*
 * What is allowed and yet hardly meant. Told in `Warning` headers, which kubectl prints.
 */

/** Of a new pod: later ones would only be told to machines. */
export function podWarnings({ metadata, spec }: Pod, old?: Pod): string[] {
  if (old) return []
  return [...nameWarnings(metadata, "in the Pod's hostname"), ...specWarnings(spec, metadata, ''), ...appArmorWarnings(spec, metadata)]
}

type Template = Pick<PodTemplateSpec, 'spec'> & Partial<Pick<PodTemplateSpec, 'metadata'>>

/** Of a template anywhere: `field` is where it stands. */
export const podTemplateWarnings = (template: Template, field: string): string[] =>
  [...specWarnings(template.spec, template.metadata, `${field}.`), ...templateAppArmorWarnings(template, `${field}.`)]

interface Workload { metadata: ObjectMeta; spec: { template?: Template | undefined } }

/** Of a workload: once at its birth for its name, and whenever what is wanted has changed for its template. */
export function workloadWarnings({ metadata, spec }: Workload, old?: Workload): string[] {
  const template = spec.template && metadata.generation !== old?.metadata.generation ? podTemplateWarnings(spec.template, 'spec.template') : []
  return [...(old ? [] : nameWarnings(metadata, 'in Pod names and hostnames')), ...template]
}

/** A name that becomes a part of host names and would not fit there. */
export function nameWarnings({ name, generateName }: ObjectMeta, where: string): string[] {
  const wrong = name && !generateName ? dnsLabel(name) : []
  return wrong.length > 0 ? [`metadata.name: this is used ${where}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`] : []
}

const deadAnnotations: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

/** `at`: what stands before `spec` and `metadata` in paths. */
function specWarnings(spec: PodSpec, meta: ObjectMeta | undefined, at: string): string[] {
  const annotations = meta?.annotations
  const grace = (spec.terminationGracePeriodSeconds ?? 0) < 0
  return [
    ...placementWarnings(spec, `${at}spec`),
    ...(annotations ? deadAnnotations.filter(([key]) => Object.hasOwn(annotations, key)).map(([key, sentence]) => `${at}metadata.annotations[${key}]: ${sentence}`) : []),
    ...(spec.volumes ? podVolumeWarnings(spec.volumes, `${at}spec.volumes`) : []),
    ...(spec.hostAliases ? repeated(spec.hostAliases.map(({ ip }) => ip), (i) => `${at}spec.hostAliases[${i}].ip`, 'ip') : []),
    ...(spec.imagePullSecrets ? pullSecretWarnings(spec.imagePullSecrets.map(({ name = '' }) => name), `${at}spec.imagePullSecrets`) : []),
    ...(spec.overhead ? fractionWarnings(spec.overhead, `${at}spec.overhead`) : []),
    ...(annotations?.[seccompPod] !== undefined && !spec.securityContext?.seccompProfile ? [`${at}metadata.annotations[${seccompPod}]: non-functional in v1.27+; use the "seccompProfile" field instead`] : []),
    ...eachContainerWarnings(spec, annotations, at),
    ...(grace ? [`${at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : []),
  ]
}

function repeated(values: readonly string[], path: (index: number) => string, what: string): string[] {
  const seen = new Set<string>()
  return values.flatMap((value, i) => {
    if (!seen.has(value)) { seen.add(value); return [] }
    return [`${path(i)}: duplicate ${what} ${JSON.stringify(value)}`]
  })
}

const pullSecretWarnings = (names: readonly string[], field: string): string[] => [
  ...repeated(names, (i) => `${field}[${i}].name`, 'name'),
  ...names.flatMap((name, i) => (name === '' ? [`${field}[${i}].name: invalid empty name ""`] : [])),
]

const oldAppArmor = 'deprecated since v1.30; use the "appArmorProfile" field instead'

/** The fields have been taken from the annotations already, so that one who wrote both alike is warned too. */
function appArmorWarnings(spec: PodSpec, { annotations }: ObjectMeta): string[] {
  if (!annotations || spec.os?.name === 'windows') return []
  const ofPod = spec.securityContext?.appArmorProfile
  return allContainers(spec).map(({ name }) => appArmorPrefix + name).filter((key) => annotations[key] !== undefined).filter((key) => {
    const meant = appArmorProfileOf(annotations[key]!)
    return !meant || meant.type !== ofPod?.type || meant.localhostProfile !== ofPod.localhostProfile
  }).map((key) => `metadata.annotations[${key}]: ${oldAppArmor}`)
}

function templateAppArmorWarnings({ metadata, spec }: Template, at: string): string[] {
  const annotations = metadata?.annotations
  if (!annotations || spec.securityContext?.appArmorProfile) return []
  return allContainers(spec).filter(({ name, securityContext }) => annotations[appArmorPrefix + name] !== undefined && !securityContext?.appArmorProfile)
    .map(({ name }) => `${at}metadata.annotations[${appArmorPrefix + name}]: ${oldAppArmor}`)
}
