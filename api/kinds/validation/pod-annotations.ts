import type { FieldError } from '../../errors.ts'
import type { Toleration } from '../../types/core-v1/common.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { allContainers } from './each-container.ts'
import { forbidden, invalid } from './field.ts'
import { localDescending } from './paths.ts'
import { appArmorPrefix, seccompContainerPrefix, seccompPod } from './profile-annotations.ts'
import { validateTolerations } from './scheduling.ts'

type Annotations = Readonly<Record<string, string>> | undefined

/** The annotation that marks a static pod's image in the API. */
export const mirrorPodAnnotation = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const tolerations = 'scheduler.alpha.kubernetes.io/tolerations'

export const isMirrorPod = (annotations: Annotations): boolean => annotations?.[mirrorPodAnnotation] !== undefined

/** Annotations that mean something for pods and must then be right. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  if (!annotations) return []
  const mirrorOf = annotations[mirrorPodAnnotation], cost = annotations[deletionCost]
  return [
    ...(mirrorOf !== undefined && !spec.nodeName ? [invalid(`${field}[${mirrorPodAnnotation}]`, mirrorOf, 'must set spec.nodeName if mirror pod annotation is set')] : []),
    ...(annotations[tolerations] ? validateWrittenTolerations(annotations[tolerations], field) : []),
    ...(cost !== undefined && !isInt32(cost) ? [invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer')] : []),
    ...validateProfiles(annotations, spec, field),
  ]
}

/** Without a plus sign and without leading noughts, unless behind a minus. */
const isInt32 = (text: string): boolean => /^(0|-\d+|[1-9]\d*)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31

function validateWrittenTolerations(text: string, field: string): FieldError[] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) && parsed.every((each) => typeof each === 'object' && each !== null)) return validateTolerations(parsed as Toleration[], `${field}.${tolerations}`)
    return [invalid(field, tolerations, 'json: cannot unmarshal into Go value of type []core.Toleration')]
  } catch (error) {
    return [invalid(field, tolerations, (error as Error).message)]
  }
}

function validateProfiles(annotations: Readonly<Record<string, string>>, spec: PodSpec, field: string): FieldError[] {
  let names: Set<string> | undefined
  const known = (name: string): boolean => (names ??= new Set(allContainers(spec).map((container) => container.name))).has(name)
  return Object.keys(annotations).flatMap((key) => validateProfile(key, annotations[key]!, known, field))
}

function validateProfile(key: string, value: string, known: (container: string) => boolean, field: string): FieldError[] {
  if (key === seccompPod || key.startsWith(seccompContainerPrefix)) return validateSeccomp(value, `${field}.${key}`)
  if (!key.startsWith(appArmorPrefix)) return []
  const name = key.slice(appArmorPrefix.length), at = `${field}[${key}]`
  const good = value === '' || value === 'runtime/default' || value === 'unconfined' || value.startsWith('localhost/')
  return [
    ...(known(name) ? [] : [invalid(at, name, 'container not found')]),
    ...(good ? [] : [invalid(at, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`)]),
  ]
}

function validateSeccomp(value: string, field: string): FieldError[] {
  if (value === 'runtime/default' || value === 'docker/default' || value === 'unconfined') return []
  return value.startsWith('localhost/') ? localDescending(value.slice('localhost/'.length), field) : [invalid(field, value, 'must be a valid seccomp profile')]
}

/** Of a change: what marks a static pod, and what AppArmor was told, stays. */
export function validatePodAnnotationsUpdate(now: Annotations = {}, before: Annotations = {}, field: string): FieldError[] {
  const fixed: readonly [(key: string) => boolean, string][] = [[(key) => key.startsWith(appArmorPrefix), 'AppArmor annotations'], [(key) => key === mirrorPodAnnotation, 'mirror pod annotation']]
  const refuse = (key: string, verb: string): FieldError[] => fixed.filter(([concerns]) => concerns(key)).map(([, what]) => forbidden(`${field}[${key}]`, `may not ${verb} ${what}`))
  return [
    ...Object.keys(before).filter((key) => now[key] !== before[key]).flatMap((key) => refuse(key, 'remove or update')),
    ...Object.keys(now).filter((key) => before[key] === undefined).flatMap((key) => refuse(key, 'add')),
  ]
}
