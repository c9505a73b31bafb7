import type { Container } from '../../api/types/core-v1/container.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { SeccompProfile } from '../../api/types/core-v1/security.ts'
import type { Image, LinuxContainerSecurityContext, LinuxSandboxSecurityContext, NamespaceMode, NamespaceOption, SecurityProfile } from '../runtime/runtime.ts'
import { ConfigError } from './env.ts'
import { podLabel } from './containers.ts'

/** Paths a container does not see, or sees read-only, unless it asks for an unmasked /proc: those of the original. */
const maskedPaths = ['/proc/asound', '/proc/acpi', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap']
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export function namespaceOptions(pod: Pod, target?: string): NamespaceOption {
  const pid: NamespaceMode = target ? 'TARGET' : pod.spec.hostPID ? 'NODE' : pod.spec.shareProcessNamespace ? 'POD' : 'CONTAINER'
  return {
    network: pod.spec.hostNetwork ? 'NODE' : 'POD',
    ipc: pod.spec.hostIPC ? 'NODE' : 'POD',
    pid,
    ...(target && { targetId: target }),
  }
}

export function seccomp(profile: SeccompProfile | undefined, seccompRoot: string): SecurityProfile {
  switch (profile?.type) {
    case 'RuntimeDefault': return { profileType: 'RuntimeDefault' }
    case 'Localhost': return { profileType: 'Localhost', localhostRef: `${seccompRoot}/${profile.localhostProfile ?? ''}` }
    default: return { profileType: 'Unconfined' }
  }
}

export function sandboxSecurity(pod: Pod, seccompRoot: string): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext
  const every = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const pausePid = pod.spec.hostPID ? 'NODE' : pod.spec.shareProcessNamespace ? 'POD' : 'CONTAINER'
  return {
    namespaceOptions: { ...namespaceOptions(pod), pid: pausePid },
    privileged: every.some((container) => container.securityContext?.privileged === true),
    seccomp: context?.seccompProfile ? seccomp(context.seccompProfile, seccompRoot) : { profileType: 'RuntimeDefault' },
    ...(context?.runAsUser !== undefined && { runAsUser: { value: context.runAsUser } }),
    ...(context?.runAsUser !== undefined && context.runAsGroup !== undefined && { runAsGroup: { value: context.runAsGroup } }),
    supplementalGroups: supplementalGroups(pod),
    ...(context?.seLinuxOptions && { selinuxOptions: strings(context.seLinuxOptions) }),
  }
}

function supplementalGroups(pod: Pod): number[] {
  const context = pod.spec.securityContext
  return [...(context?.fsGroup !== undefined ? [context.fsGroup] : []), ...(context?.supplementalGroups ?? [])]
}

const strings = (options: object): Record<string, string> =>
  Object.fromEntries(Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))

/** What the container may do: its own security context over the pod's. */
export function containerSecurity(pod: Pod, container: Container, seccompRoot: string, target?: string): LinuxContainerSecurityContext {
  const of = pod.spec.securityContext
  const own = container.securityContext
  const user = own?.runAsUser ?? of?.runAsUser
  const group = own?.runAsGroup ?? of?.runAsGroup
  const unmasked = own?.procMount === 'Unmasked' || own?.privileged === true
  const apparmor = own?.appArmorProfile ?? of?.appArmorProfile
  const selinux = own?.seLinuxOptions ?? of?.seLinuxOptions
  return {
    namespaceOptions: namespaceOptions(pod, target),
    privileged: own?.privileged ?? false,
    readonlyRootfs: own?.readOnlyRootFilesystem ?? false,
    noNewPrivs: own?.allowPrivilegeEscalation === false,
    capabilities: { addCapabilities: own?.capabilities?.add ?? [], dropCapabilities: own?.capabilities?.drop ?? [] },
    supplementalGroups: supplementalGroups(pod),
    seccomp: own?.privileged ? { profileType: 'Unconfined' } : seccomp(own?.seccompProfile ?? of?.seccompProfile, seccompRoot),
    maskedPaths: unmasked ? [] : maskedPaths,
    readonlyPaths: unmasked ? [] : readonlyPaths,
    ...(user !== undefined && { runAsUser: { value: user } }),
    ...(group !== undefined && { runAsGroup: { value: group } }),
    ...(selinux && { selinuxOptions: strings(selinux) }),
    ...(apparmor?.type === 'Localhost' && { apparmor: { profileType: 'Localhost', localhostRef: apparmor.localhostProfile ?? '' } }),
    ...(apparmor?.type === 'Unconfined' && { apparmor: { profileType: 'Unconfined' } }),
  }
}

/** `runAsNonRoot` against what the image would run as. A group alone needs a user. Throws `ConfigError`. */
export function checkUser(pod: Pod, container: Container, image: Pick<Image, 'uid' | 'username'>): void {
  const of = pod.spec.securityContext
  const own = container.securityContext
  if (!(own?.runAsNonRoot ?? of?.runAsNonRoot)) return
  const user = own?.runAsUser ?? of?.runAsUser
  const who = `(pod: ${JSON.stringify(podLabel(pod))}, container: ${container.name})`
  if (user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${who}`)
  if (user !== undefined) return
  if (image.uid ? image.uid.value === 0 : !image.username) throw new ConfigError(`container has runAsNonRoot and image will run as root ${who}`)
  if (!image.uid && image.username) throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${who}`)
}
