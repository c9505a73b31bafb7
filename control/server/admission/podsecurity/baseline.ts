import type { Container } from '../../../../api/types/core-v1/container.ts'
import type { Pod, PodSpec } from '../../../../api/types/core-v1/pod.ts'
import type { SecurityContext } from '../../../../api/types/core-v1/security.ts'
import { containersOf } from '../pod-request.ts'
import { badContainers, hasUserNamespace, named, plural, quoted, setters, sortedSet } from './words.ts'
import type { Violation } from './words.ts'

/** A pod or a template of one. */
export type Checked = Pick<Pod, 'metadata' | 'spec'>
export type Check = (pod: Checked) => Violation | undefined

const defaultCapabilities = new Set([
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
])

export const capabilities: Check = ({ spec }) => {
  const added = ({ securityContext }: Container) => (securityContext?.capabilities?.add ?? []).filter((name) => !defaultCapabilities.has(name))
  const bad = badContainers(spec, (container) => added(container).length > 0)
  if (bad.length === 0) return undefined
  return { reason: 'non-default capabilities', detail: `${named('container', bad)} must not include ${quoted(sortedSet(containersOf(spec).flatMap(added)))} in securityContext.capabilities.add` }
}

export const hostNamespaces: Check = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name])
  return shared.length > 0 ? { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') } : undefined
}

export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  return names.length > 0 ? { reason: 'hostPath volumes', detail: named('volume', names) } : undefined
}

export const hostPorts: Check = ({ spec }) => {
  const taken = ({ ports = [] }: Container) => ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))
  const bad = badContainers(spec, (container) => taken(container).length > 0)
  if (bad.length === 0) return undefined
  const ports = sortedSet(containersOf(spec).flatMap(taken))
  return { reason: 'hostPort', detail: `${named('container', bad)} ${plural('uses', bad.length, 'use')} ${plural('hostPort', ports.length)} ${ports.join(', ')}` }
}

/** From v1.34: a probe of another host lets the node's agent knock wherever the pod's author likes. */
export const hostProbes: Check = ({ spec }) => {
  const hosts = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container) =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter((host): host is string => Boolean(host))
  const bad = sortedSet(badContainers(spec, (container) => hosts(container).length > 0))
  if (bad.length === 0) return undefined
  const all = sortedSet(containersOf(spec).flatMap(hosts))
  return { reason: 'probe or lifecycle host', detail: `${named('container', bad)} ${plural('uses', bad.length, 'use')} ${named('probe or lifecycle host', all)}` }
}

export const privileged: Check = ({ spec }) => {
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.privileged === true)
  return bad.length > 0 ? { reason: 'privileged', detail: `${named('container', bad)} must not set securityContext.privileged=true` } : undefined
}

export const procMount: Check = ({ spec }) => {
  const given = ({ securityContext }: Container) => (securityContext?.procMount !== undefined && securityContext.procMount !== 'Default' ? [securityContext.procMount] : [])
  const bad = badContainers(spec, (container) => given(container).length > 0)
  return bad.length > 0 ? { reason: 'procMount', detail: `${named('container', bad)} must not set securityContext.procMount to ${quoted(sortedSet(containersOf(spec).flatMap(given)))}` } : undefined
}

/** From v1.35 a pod in a user namespace may see all of its /proc. */
export const procMountWithoutUserNamespace: Check = (pod) => (hasUserNamespace(pod.spec) ? undefined : procMount(pod))

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']

export const seLinuxOptions = (more: readonly string[] = []): Check => {
  const allowed = new Set([...seLinuxTypes, ...more])
  const wrong = (context: Pick<SecurityContext, 'seLinuxOptions'> | undefined) => {
    const options = context?.seLinuxOptions
    return { type: options && !allowed.has(options.type ?? '') ? options.type : undefined, user: Boolean(options?.user), role: Boolean(options?.role) }
  }
  const isWrong = (context: Pick<SecurityContext, 'seLinuxOptions'> | undefined) => Object.values(wrong(context)).some(Boolean)
  return ({ spec }) => {
    const pod = isWrong(spec.securityContext), bad = badContainers(spec, ({ securityContext }) => isWrong(securityContext))
    if (!pod && bad.length === 0) return undefined
    const all = [wrong(spec.securityContext), ...containersOf(spec).map(({ securityContext }) => wrong(securityContext))]
    const types = sortedSet(all.flatMap(({ type }) => type ?? []))
    const what = [...(types.length > 0 ? [named('type', types)] : []), ...(all.some(({ user }) => user) ? ['user may not be set'] : []), ...(all.some(({ role }) => role) ? ['role may not be set'] : [])]
    return { reason: 'seLinuxOptions', detail: `${setters(pod, bad)} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}` }
  }
}

const isGoodProfile = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost'

/** Who has set a seccomp profile that is none, and to what; for both levels. */
export function badSeccomp(spec: PodSpec): Violation | undefined {
  const given = (context: Pick<SecurityContext, 'seccompProfile'> | undefined) => (context?.seccompProfile && !isGoodProfile(context.seccompProfile.type) ? [context.seccompProfile.type] : [])
  const pod = given(spec.securityContext), bad = badContainers(spec, ({ securityContext }) => given(securityContext).length > 0)
  if (pod.length === 0 && bad.length === 0) return undefined
  const values = sortedSet([...pod, ...containersOf(spec).flatMap(({ securityContext }) => given(securityContext))])
  return { reason: 'seccompProfile', detail: `${setters(pod.length > 0, bad)} must not set securityContext.seccompProfile.type to ${quoted(values)}` }
}

export const seccomp: Check = ({ spec }) => badSeccomp(spec)

/** Before v1.19 profiles stood in annotations. */
export const seccompAnnotations: Check = ({ metadata, spec }) => {
  const keys = ['seccomp.security.alpha.kubernetes.io/pod', ...containersOf(spec).map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`)]
  const good = (value: string) => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
  const annotations = metadata.annotations ?? {}
  const bad = sortedSet(keys.filter((key) => Object.hasOwn(annotations, key) && !good(annotations[key]!)).map((key) => `${key}=${JSON.stringify(annotations[key])}`))
  return bad.length > 0 ? { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad.length)} ${bad.join(', ')}` } : undefined
}

export const appArmor: Check = ({ metadata, spec }) => {
  const given = (context: Pick<SecurityContext, 'appArmorProfile'> | undefined) => (context?.appArmorProfile && !isGoodProfile(context.appArmorProfile.type) ? [context.appArmorProfile.type] : [])
  const pod = given(spec.securityContext), bad = badContainers(spec, ({ securityContext }) => given(securityContext).length > 0)
  const good = (value: string) => value === '' || value === 'runtime/default' || value.startsWith('localhost/')
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key, value]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/') && !good(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort()
  const who = [setters(pod.length > 0, bad), annotations.length > 0 ? plural('annotation', annotations.length) : ''].filter(Boolean)
  if (who.length === 0) return undefined
  const values = [...sortedSet([...pod, ...containersOf(spec).flatMap(({ securityContext }) => given(securityContext))]), ...annotations]
  return { reason: plural('forbidden AppArmor profile', values.length), detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}` }
}

const safeSysctls = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']
/** Which more are safe from which minor version on. */
const laterSysctls: readonly (readonly [since: number, names: readonly string[]])[] = [
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
]

export const sysctls = (minor: number): Check => {
  const allowed = new Set([...safeSysctls, ...laterSysctls.flatMap(([since, names]) => (minor >= since ? names : []))])
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.has(name))
    return bad.length > 0 ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined
  }
}

export const windowsHostProcess: Check = ({ spec }) => {
  const pod = spec.securityContext?.windowsOptions?.hostProcess === true
  const bad = badContainers(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true)
  return pod || bad.length > 0 ? { reason: 'hostProcess', detail: `${setters(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true` } : undefined
}
