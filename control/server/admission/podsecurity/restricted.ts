import type { Volume } from '../../../../api/types/core-v1/volume.ts'
import type { Container } from '../../../../api/types/core-v1/container.ts'
import { containersOf } from '../pod-request.ts'
import { badSeccomp } from './baseline.ts'
import type { Check } from './baseline.ts'
import { badContainers, hasUserNamespace, isWindows, named, plural, quoted, setters, sortedSet } from './words.ts'

/** From v1.25 what a Windows pod could not set is not asked of it. */
export const exceptWindows = (check: Check): Check => (pod) => (isWindows(pod.spec) ? undefined : check(pod))
/** From v1.35 root in a user namespace is as good as anybody. */
export const exceptUserNamespace = (check: Check): Check => (pod) => (hasUserNamespace(pod.spec) ? undefined : check(pod))

export const allowPrivilegeEscalation: Check = ({ spec }) => {
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  return bad.length > 0 ? { reason: 'allowPrivilegeEscalation != false', detail: `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false` } : undefined
}

export const restrictedCapabilities: Check = ({ spec }) => {
  const added = ({ securityContext }: Container) => (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  const keeps = badContainers(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const adds = badContainers(spec, (container) => added(container).length > 0)
  const details = [
    ...(keeps.length > 0 ? [`${named('container', keeps)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adds.length > 0 ? [`${named('container', adds)} must not include ${quoted(sortedSet(containersOf(spec).flatMap(added)))} in securityContext.capabilities.add`] : []),
  ]
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined
}

const volumeTypes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])
const typeOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'

export const restrictedVolumes: Check = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !volumeTypes.has(typeOf(volume)))
  if (bad.length === 0) return undefined
  const detail = `${named('volume', bad.map(({ name }) => name))} ${plural('uses', bad.length, 'use')} ${named('restricted volume type', sortedSet(bad.map(typeOf)))}`
  return { reason: 'restricted volume types', detail }
}

export const runAsNonRoot: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot
  const reason = 'runAsNonRoot != true'
  const explicit = badContainers(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  if (ofPod === false || explicit.length > 0) return { reason, detail: `${setters(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false` }
  const silent = ofPod ? [] : badContainers(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  return silent.length > 0 ? { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` } : undefined
}

export const runAsUser: Check = ({ spec }) => {
  const pod = spec.securityContext?.runAsUser === 0
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.runAsUser === 0)
  return pod || bad.length > 0 ? { reason: 'runAsUser=0', detail: `${setters(pod, bad)} must not set runAsUser=0` } : undefined
}

export const restrictedSeccomp: Check = ({ spec }) => {
  const wrong = badSeccomp(spec)
  if (wrong || spec.securityContext?.seccompProfile) return wrong
  const silent = badContainers(spec, ({ securityContext }) => !securityContext?.seccompProfile)
  return silent.length > 0 ? { reason: 'seccompProfile', detail: `pod or ${named('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` } : undefined
}
