import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { eachContainer } from './each-container.ts'
import { forbidden, invalid, notSupported, required } from './field.ts'

const notForPods = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy'] as const
const notForContainers = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'] as const
const notOnWindows = 'cannot be set for a windows pod'

/** What a pod must not say that is for the other sort of node. A pod that says nothing of its system may say everything. */
export function validateOS(spec: PodSpec, field: string): FieldError[] {
  if (!spec.os) return []
  const { name } = spec.os
  if (!name) return [required(`${field}.os.name`)]
  if (name === 'linux') return validateLinux(spec, field)
  return name === 'windows' ? validateWindows(spec, field) : [notSupported(`${field}.os`, name, ['linux', 'windows'])]
}

function validateLinux(spec: PodSpec, field: string): FieldError[] {
  const refuse = (path: string): FieldError => forbidden(`${path}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod')
  return [
    ...(spec.securityContext?.windowsOptions ? [refuse(field)] : []),
    ...eachContainer(spec, field, ({ securityContext }, path) => (securityContext?.windowsOptions ? [refuse(path)] : [])),
  ]
}

function validateWindows(spec: PodSpec, field: string): FieldError[] {
  const refused = (path: string, names: readonly string[], of: object): FieldError[] =>
    names.filter((name) => (of as Record<string, unknown>)[name] !== undefined).map((name) => forbidden(`${path}.${name}`, notOnWindows))
  return [
    ...refused(`${field}.securityContext`, notForPods, spec.securityContext ?? {}),
    ...refused(field, ['hostUsers'], spec),
    ...(['hostPID', 'hostIPC'] as const).filter((name) => spec[name]).map((name) => forbidden(`${field}.${name}`, notOnWindows)),
    ...refused(field, ['shareProcessNamespace'], spec),
    ...eachContainer(spec, field, ({ securityContext }, path) => (securityContext ? refused(`${path}.securityContext`, notForContainers, securityContext) : [])),
  ]
}

/** Containers that are processes of a Windows node: all of a pod or none, and on its network. */
export function validateHostProcess(spec: PodSpec, field: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let all = 0, ofHost = 0
  const wrong = eachContainer(spec, field, ({ securityContext }, path) => {
    const own = securityContext?.windowsOptions?.hostProcess
    all++
    if (own ?? ofPod) ofHost++
    return ofPod !== undefined && own !== undefined && own !== ofPod
      ? [invalid(`${path}.securityContext.windowsOptions.hostProcess`, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`)] : []
  })
  if (ofHost === 0) return wrong
  return [
    ...wrong,
    ...(ofHost === all ? [] : [invalid(field, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers')]),
    ...(spec.hostNetwork ? [] : [invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers')]),
  ]
}
