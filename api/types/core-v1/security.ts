import type { Infer } from '../../schema/schema.ts'
import { bool, int64, list, opt, req, string, struct, text } from '../../schema/schema.ts'

export const AppArmorProfileType = text('Localhost', 'RuntimeDefault', 'Unconfined')

export const AppArmorProfile = struct('core/v1.AppArmorProfile', {
  type: req(1, AppArmorProfileType),
  localhostProfile: opt(2, string, { pointer: true }),
})
export interface AppArmorProfile extends Infer<typeof AppArmorProfile> {}

export const Capabilities = struct('core/v1.Capabilities', {
  add: opt(1, list(string), { listType: 'atomic' }),
  drop: opt(2, list(string), { listType: 'atomic' }),
})
export interface Capabilities extends Infer<typeof Capabilities> {}

export const PodFSGroupChangePolicy = text('Always', 'OnRootMismatch')

export const PodSELinuxChangePolicy = text('MountOption', 'Recursive')

export const SELinuxOptions = struct('core/v1.SELinuxOptions', {
  user: opt(1, string),
  role: opt(2, string),
  type: opt(3, string),
  level: opt(4, string),
})
export interface SELinuxOptions extends Infer<typeof SELinuxOptions> {}

export const SeccompProfileType = text('Localhost', 'RuntimeDefault', 'Unconfined')

export const SeccompProfile = struct('core/v1.SeccompProfile', {
  type: req(1, SeccompProfileType),
  localhostProfile: opt(2, string, { pointer: true }),
})
export interface SeccompProfile extends Infer<typeof SeccompProfile> {}

export const SupplementalGroupsPolicy = text('Merge', 'Strict')

export const Sysctl = struct('core/v1.Sysctl', {
  name: req(1, string),
  value: req(2, string),
})
export interface Sysctl extends Infer<typeof Sysctl> {}

export const WindowsSecurityContextOptions = struct('core/v1.WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: opt(1, string, { pointer: true }),
  gmsaCredentialSpec: opt(2, string, { pointer: true }),
  runAsUserName: opt(3, string, { pointer: true }),
  hostProcess: opt(4, bool, { pointer: true }),
})
export interface WindowsSecurityContextOptions extends Infer<typeof WindowsSecurityContextOptions> {}

export const PodSecurityContext = struct('core/v1.PodSecurityContext', {
  seLinuxOptions: opt(1, SELinuxOptions),
  windowsOptions: opt(8, WindowsSecurityContextOptions),
  runAsUser: opt(2, int64, { pointer: true }),
  runAsGroup: opt(6, int64, { pointer: true }),
  runAsNonRoot: opt(3, bool, { pointer: true }),
  supplementalGroups: opt(4, list(int64), { listType: 'atomic' }),
  supplementalGroupsPolicy: opt(12, SupplementalGroupsPolicy, { pointer: true }),
  fsGroup: opt(5, int64, { pointer: true }),
  sysctls: opt(7, list(Sysctl), { listType: 'atomic' }),
  fsGroupChangePolicy: opt(9, PodFSGroupChangePolicy, { pointer: true }),
  seccompProfile: opt(10, SeccompProfile),
  appArmorProfile: opt(11, AppArmorProfile),
  seLinuxChangePolicy: opt(13, PodSELinuxChangePolicy, { pointer: true }),
})
export interface PodSecurityContext extends Infer<typeof PodSecurityContext> {}

export const ProcMountType = text('Default', 'Unmasked')

export const SecurityContext = struct('core/v1.SecurityContext', {
  capabilities: opt(1, Capabilities),
  privileged: opt(2, bool, { pointer: true }),
  seLinuxOptions: opt(3, SELinuxOptions),
  windowsOptions: opt(10, WindowsSecurityContextOptions),
  runAsUser: opt(4, int64, { pointer: true }),
  runAsGroup: opt(8, int64, { pointer: true }),
  runAsNonRoot: opt(5, bool, { pointer: true }),
  readOnlyRootFilesystem: opt(6, bool, { pointer: true }),
  allowPrivilegeEscalation: opt(7, bool, { pointer: true }),
  procMount: opt(9, ProcMountType, { pointer: true }),
  seccompProfile: opt(11, SeccompProfile),
  appArmorProfile: opt(12, AppArmorProfile),
})
export interface SecurityContext extends Infer<typeof SecurityContext> {}
