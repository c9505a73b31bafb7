import type { FieldError } from '../../../../api/errors.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'
/** The minor version of Kubernetes whose rules count; Infinity is `latest`. */
export interface LevelVersion { readonly level: Level; readonly minor: number }
export interface Policy { readonly enforce: LevelVersion; readonly audit: LevelVersion; readonly warn: LevelVersion }

const strictness: readonly Level[] = ['privileged', 'baseline', 'restricted']
export const compareLevels = (a: Level, b: Level): number => strictness.indexOf(a) - strictness.indexOf(b)
export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor
/** `restricted:latest`, `baseline:v1.28` */
export const printed = ({ level, minor }: LevelVersion): string => `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`
export const isPrivileged = ({ enforce, audit, warn }: Policy): boolean => [enforce, audit, warn].every(({ level }) => level === 'privileged')

const open: LevelVersion = Object.freeze({ level: 'privileged', minor: Infinity })
const standard: Policy = Object.freeze({ enforce: open, audit: open, warn: open })
const label = (mode: string): string => `pod-security.kubernetes.io/${mode}`

/**
 * The policy that a namespace's labels ask for. One that cannot be read is the strictest where it is enforced and no
 * policy where it would only warn; `errors` says what is wrong.
 */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): { readonly policy: Policy; readonly errors: FieldError[] } {
  if (!labels || !Object.keys(labels).some((key) => key.startsWith('pod-security.kubernetes.io/'))) return { policy: standard, errors: [] }
  const errors: FieldError[] = []
  const refused = (key: string, detail: string) => void errors.push({ type: 'Invalid', field: `metadata.labels[${key}]`, value: labels[key], detail })
  const read = (mode: 'enforce' | 'audit' | 'warn', otherwise: Level): LevelVersion => {
    const level = labels[label(mode)], version = labels[label(`${mode}-version`)]
    const known = strictness.find((one) => one === level)
    if (level !== undefined && !known) refused(label(mode), 'must be one of privileged, baseline, restricted')
    const minor = version === undefined ? Infinity : minorOf(version)
    if (minor === undefined) refused(label(`${mode}-version`), 'must be "latest" or "v1.x"')
    return { level: known ?? (level === undefined ? 'privileged' : otherwise), minor: minor ?? Infinity }
  }
  const enforce = read('enforce', 'restricted'), audit = read('audit', 'privileged')
  let warn = read('warn', 'privileged')
  // Who enforces a level is told of it where pods only come later, in workloads.
  const explicit = strictness.some((one) => one === labels[label('enforce')])
  if (labels[label('warn')] === undefined && explicit && compareLevels(enforce.level, warn.level) > 0) {
    warn = { level: enforce.level, minor: labels[label('warn-version')] === undefined ? enforce.minor : warn.minor }
  }
  return { policy: { enforce, audit, warn }, errors }
}

function minorOf(version: string): number | undefined {
  if (version === 'latest') return Infinity
  const minor = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(version)?.[1]
  return minor === undefined || minor.length > 9 ? undefined : Number(minor)
}
