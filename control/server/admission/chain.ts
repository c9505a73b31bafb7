import type { AdmissionPlugin } from './admission.ts'

/** Which plugins run beside the default ones, and which of those do not; by the original's names. */
export interface AdmissionSwitches {
  /** `--enable-admission-plugins` */
  readonly enableAdmissionPlugins?: readonly string[]
  /** `--disable-admission-plugins` */
  readonly disableAdmissionPlugins?: readonly string[]
}

/** The plugins that run, in their order. Throws a `RangeError` that says which names are wrong. */
export function admissionChain(plugins: readonly AdmissionPlugin[], { enableAdmissionPlugins: on = [], disableAdmissionPlugins: off = [] }: AdmissionSwitches): readonly AdmissionPlugin[] {
  const problems = admissionProblems(plugins, { enableAdmissionPlugins: on, disableAdmissionPlugins: off })
  if (problems.length > 0) throw new RangeError(problems.join('; '))
  return Object.freeze(plugins.filter(({ name, optIn }) => !off.includes(name) && (!optIn || on.includes(name))))
}

/** What is wrong with the names, in the original's words. */
export function admissionProblems(plugins: readonly AdmissionPlugin[], { enableAdmissionPlugins: on = [], disableAdmissionPlugins: off = [] }: AdmissionSwitches): string[] {
  const known = new Set(plugins.map(({ name }) => name))
  const both = on.filter((name) => off.includes(name))
  return [
    ...on.filter((name) => !known.has(name)).map((name) => `enable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...off.filter((name) => !known.has(name)).map((name) => `disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...(both.length > 0 ? [`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`] : []),
  ]
}
