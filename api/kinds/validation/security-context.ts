import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext, Sysctl } from '../../types/core-v1/security.ts'
import { duplicate, each, invalid, invalidFor, notSupported, optionallyOneOf, required, tooLong } from './field.ts'
import { unixId } from './names.ts'
import { localDescending } from './paths.ts'
import { validateWindowsOptions } from './windows-options.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const id = (value: number | undefined, field: string): FieldError[] => (value === undefined ? [] : invalidFor(field, value, unixId(value)))

function seccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const wrong = !type ? [required(`${field}.type`, 'type is required when seccompProfile is set')] : profileTypes.includes(type) ? [] : [notSupported(`${field}.type`, type, profileTypes)]
  if (type !== 'Localhost') return localhostProfile === undefined ? wrong : [...wrong, invalid(`${field}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost')]
  return localhostProfile === undefined
    ? [...wrong, required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')]
    : [...wrong, ...localDescending(localhostProfile, `${field}.localhostProfile`)]
}

function appArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const path = `${field}.localhostProfile`
  if (!type) return [required(`${field}.type`, 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)]
  if (type !== 'Localhost') return localhostProfile === undefined ? [] : [invalid(path, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  if (!localhostProfile) return [required(path, 'must be set when AppArmor type is Localhost')]
  return [
    ...(localhostProfile.trim() === localhostProfile ? [] : [invalid(path, localhostProfile, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(localhostProfile) > 4095 ? [tooLong(path, 4095)] : []),
  ]
}

/** `securityContext` of a container. */
export function validateSecurityContext(context: SecurityContext | undefined, field: string, hostUsers: boolean): FieldError[] {
  if (!context) return []
  const { runAsUser, runAsGroup, procMount, privileged, allowPrivilegeEscalation, capabilities } = context
  const escalates: string[] = []
  if (allowPrivilegeEscalation === false && privileged) escalates.push('cannot set `allowPrivilegeEscalation` to false and `privileged` to true')
  if (allowPrivilegeEscalation === false && capabilities?.add?.includes('CAP_SYS_ADMIN')) escalates.push('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')
  return [
    ...id(runAsUser, `${field}.runAsUser`),
    ...id(runAsGroup, `${field}.runAsGroup`),
    ...optionallyOneOf(procMount, ['Default', 'Unmasked'], `${field}.procMount`),
    ...(hostUsers && procMount === 'Unmasked' ? [invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`')] : []),
    ...seccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...escalates.map((detail) => invalid(field, context, detail)),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...appArmor(context.appArmorProfile, `${field}.appArmorProfile`),
  ]
}

/** `spec.securityContext`, and what it must not be together with in `spec`. */
export function validatePodSecurityContext(context: PodSecurityContext | undefined, spec: PodSpec, field: string): FieldError[] {
  if (!context) return []
  return [
    ...id(context.fsGroup, `${field}.fsGroup`),
    ...id(context.runAsUser, `${field}.runAsUser`),
    ...id(context.runAsGroup, `${field}.runAsGroup`),
    ...each(context.supplementalGroups, `${field}.supplementalGroups`, id),
    ...(spec.shareProcessNamespace && spec.hostPID ? [invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')] : []),
    ...validateSysctls(context.sysctls ?? [], spec, `${field}.sysctls`),
    ...optionallyOneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${field}.fsGroupChangePolicy`),
    ...seccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${field}.windowsOptions`),
    ...appArmor(context.appArmorProfile, `${field}.appArmorProfile`),
    ...optionallyOneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${field}.supplementalGroupsPolicy`),
    ...optionallyOneOf(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${field}.seLinuxChangePolicy`),
  ]
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlName = `^(${segment}[\\./])*${segment}$`

function validateSysctls(sysctls: readonly Sysctl[], spec: PodSpec, field: string): FieldError[] {
  const seen = new Set<string>()
  return each(sysctls, field, ({ name }, path) => {
    const at = `${path}.name`
    const repeated = seen.has(name)
    seen.add(name)
    if (!name) return [required(at)]
    if (name.length > 253 || !new RegExp(sysctlName).test(name)) return [invalid(at, name, `must have at most 253 characters and match regex ${sysctlName}`)]
    return [...(repeated ? [duplicate(at, name)] : []), ...hostSysctl(name, spec, at)]
  })
}

const ipcSysctl = /^(kernel\.shm|kernel\.msg|fs\.mqueue\.|kernel\.sem$)/

/** A sysctl of a namespace that the pod shares with its node would change the node. */
function hostSysctl(name: string, spec: PodSpec, field: string): FieldError[] {
  const dotted = name.replaceAll('/', '.')
  if (spec.hostNetwork && dotted.startsWith('net.')) return [invalid(field, name, "may not be specified when 'hostNetwork' is true")]
  return spec.hostIPC && ipcSysctl.test(dotted) ? [invalid(field, name, "may not be specified when 'hostIPC' is true")] : []
}
