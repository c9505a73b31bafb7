import {
  appArmor, capabilities, hostNamespaces, hostPathVolumes, hostPorts, hostProbes, privileged, procMount, procMountWithoutUserNamespace, seccomp, seccompAnnotations, seLinuxOptions,
  sysctls, windowsHostProcess,
} from './baseline.ts'
import type { Check, Checked } from './baseline.ts'
import type { LevelVersion } from './policy.ts'
import { allowPrivilegeEscalation, exceptUserNamespace, exceptWindows, restrictedCapabilities, restrictedSeccomp, restrictedVolumes, runAsNonRoot, runAsUser } from './restricted.ts'
import type { Violation } from './words.ts'

/** A rule of one level, with the minor version from which each form of it holds, and the baseline rule it stands in for. */
interface Rule {
  readonly id: string
  readonly forms: readonly (readonly [since: number, check: Check])[]
  readonly instead?: string
}

/** The newest rules we know: those of `latest` and of every version after. */
const newest = 36

/* Both lists in the order of ids, which is the order in which violations are told. */
const baseline: readonly Rule[] = [
  { id: 'appArmorProfile', forms: [[0, appArmor]] },
  { id: 'capabilities_baseline', forms: [[0, capabilities]] },
  { id: 'hostNamespaces', forms: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', forms: [[0, hostPathVolumes]] },
  { id: 'hostPorts', forms: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', forms: [[34, hostProbes]] },
  { id: 'privileged', forms: [[0, privileged]] },
  { id: 'procMount', forms: [[0, procMount], [35, procMountWithoutUserNamespace]] },
  { id: 'seLinuxOptions', forms: [[0, seLinuxOptions()], [31, seLinuxOptions(['container_engine_t'])]] },
  { id: 'seccompProfile_baseline', forms: [[0, seccompAnnotations], [19, seccomp]] },
  { id: 'sysctls', forms: [[0, sysctls(0)], [27, sysctls(27)], [29, sysctls(29)], [32, sysctls(32)]] },
  { id: 'windowsHostProcess', forms: [[0, windowsHostProcess]] },
]
const restricted: readonly Rule[] = [
  { id: 'allowPrivilegeEscalation', forms: [[8, allowPrivilegeEscalation], [25, exceptWindows(allowPrivilegeEscalation)]] },
  { id: 'capabilities_restricted', forms: [[22, restrictedCapabilities], [25, exceptWindows(restrictedCapabilities)]], instead: 'capabilities_baseline' },
  { id: 'procMount_restricted', forms: [[35, procMount]], instead: 'procMount' },
  { id: 'restrictedVolumes', forms: [[0, restrictedVolumes]], instead: 'hostPathVolumes' },
  { id: 'runAsNonRoot', forms: [[0, runAsNonRoot], [35, exceptUserNamespace(runAsNonRoot)]] },
  { id: 'runAsUser', forms: [[23, runAsUser], [35, exceptUserNamespace(runAsUser)]] },
  { id: 'seccompProfile_restricted', forms: [[19, restrictedSeccomp], [25, exceptWindows(restrictedSeccomp)]], instead: 'seccompProfile_baseline' },
]

/** Made at first use: pods come by the thousand, policies by the handful. */
const known = new Map<string, readonly Check[]>()

/** The checks of a level and version, in the order in which they are told. */
export function checksOf({ level, minor }: LevelVersion): readonly Check[] {
  if (level === 'privileged') return []
  const version = Math.min(minor, newest)
  const key = `${level} ${version}`
  const made = known.get(key) ?? makeChecks(level, version)
  known.set(key, made)
  return made
}

function makeChecks(level: LevelVersion['level'], version: number): readonly Check[] {
  const formOf = ({ forms }: Rule): Check | undefined => forms.findLast(([since]) => since <= version)?.[1]
  const strict = level === 'restricted' ? restricted.filter((rule) => formOf(rule)) : []
  const replaced = new Set(strict.map(({ instead }) => instead))
  return [...baseline.filter(({ id }) => !replaced.has(id)), ...strict].flatMap((rule) => formOf(rule) ?? [])
}

/** What a policy has against a pod. */
export const violationsOf = (policy: LevelVersion, pod: Checked): Violation[] => checksOf(policy).flatMap((check) => check(pod) ?? [])

/** `host namespaces (hostPID=true), privileged (…)` */
export const inDetail = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ')
/** `host namespaces, privileged` */
export const inBrief = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ')
