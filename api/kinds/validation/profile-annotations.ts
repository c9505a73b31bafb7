import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import type { AppArmorProfile, SeccompProfile } from '../../types/core-v1/security.ts'
import { eachContainer } from './each-container.ts'
import { forbidden } from './field.ts'

/*
 * Profiles of seccomp and AppArmor were annotations before they were fields. Where both are given they must agree.
 */

export const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
export const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

type Annotations = Readonly<Record<string, string>> | undefined
type Profile = SeccompProfile | AppArmorProfile

/** Of a new pod or of a template; `field` is where its spec stands. */
export function validateProfilesMatch(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  if (!annotations) return []
  const seccomp = spec.securityContext?.seccompProfile
  return [
    ...disagreement(annotations[seccompPod], seccomp, 'seccomp', `${field}.securityContext.seccompProfile`),
    ...eachContainer(spec, field, ({ name, securityContext }, path) =>
      disagreement(annotations[seccompContainerPrefix + name], securityContext?.seccompProfile, 'seccomp', `${path}.securityContext.seccompProfile`)),
    ...(spec.os?.name === 'windows' ? [] : eachContainer(spec, field, ({ name, securityContext }, path) =>
      disagreement(annotations[appArmorPrefix + name], securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile, 'apparmor', `${path}.securityContext.appArmorProfile`))),
  ]
}

function disagreement(annotation: string | undefined, profile: Profile | undefined, what: string, field: string): FieldError[] {
  if (annotation === undefined || !profile) return []
  const { type, localhostProfile } = profile
  const wrongType = [forbidden(`${field}.type`, `${what} type in annotation and field must match`)]
  if (type === 'Unconfined') return annotation === 'unconfined' ? [] : wrongType
  if (type === 'RuntimeDefault') return annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default') ? [] : wrongType
  if (type !== 'Localhost') return []
  if (!annotation.startsWith('localhost/')) return wrongType
  return annotation.slice('localhost/'.length) === localhostProfile ? [] : [forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)]
}

/** The field an AppArmor annotation means; undefined for what means none. */
export function appArmorProfileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const localhostProfile = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : ''
  return localhostProfile && localhostProfile.trim() === localhostProfile && localhostProfile.length <= 4095 ? { type: 'Localhost', localhostProfile } : undefined
}

/** Old annotations become fields, where they say something else than the pod as a whole. In place, of a new pod. */
export function takeAppArmorAnnotations(annotations: Annotations, spec: PodSpec): void {
  if (!annotations || spec.os?.name === 'windows') return
  const ofPod = spec.securityContext?.appArmorProfile
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const container of spec[list] ?? []) {
      const profile = container.securityContext?.appArmorProfile ? undefined : appArmorProfileOf(annotations[appArmorPrefix + container.name] ?? '')
      if (profile && !(profile.type === ofPod?.type && profile.localhostProfile === ofPod.localhostProfile)) (container.securityContext ??= {}).appArmorProfile = profile
    }
  }
}
