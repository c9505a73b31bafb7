import { isOurChain, jumps, type Ruleset } from './rules.ts'

/** What `iptables-save` showed of one table: the chains there are, and the rule lines. */
export interface Saved {
  readonly chains: ReadonlySet<string>
  readonly rules: readonly string[]
}

export function parseSaved(text: string): Saved {
  const lines = text.split('\n')
  return {
    chains: new Set(lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1, line.indexOf(' ')))),
    rules: lines.filter((line) => line.startsWith('-A ')),
  }
}

type Table = 'nat' | 'filter'

/**
 * Text for `iptables-restore --noflush` that makes our chains of one table equal to `after`. Naming a chain empties it,
 * so only chains whose rules changed are named (their round-robin counters start anew); chains no longer wanted go last.
 * `saved` is given when the kernel's state is not known from `before`: then jumps and left-over chains are mended too.
 */
export function restoreText(table: Table, before: Ruleset[Table] | undefined, after: Ruleset[Table], saved?: Saved): string {
  const had = saved ? [...saved.chains].filter(isOurChain) : [...(before?.keys() ?? [])]
  const gone = had.filter((name) => !after.has(name))
  const changed = [...after].filter(([name, rules]) => saved || !before || !sameLines(before.get(name), rules))
  const missing = saved ? jumps.filter((jump) => jump.table === table && !saved.rules.some((rule) => jumpsTo(rule, jump.from, jump.rule))) : []
  if (changed.length + gone.length + missing.length === 0) return ''
  return [
    `*${table}`,
    ...changed.map(([name]) => `:${name} - [0:0]`),
    ...gone.map((name) => `:${name} - [0:0]`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    ...missing.map((jump) => `-I ${jump.from} ${jump.rule}`),
    ...gone.map((name) => `-X ${name}`),
    'COMMIT', '',
  ].join('\n')
}

/** Text that removes all that is ours from one table; empty when nothing is. */
export function cleanupText(table: Table, saved: Saved): string {
  const ours = [...saved.chains].filter(isOurChain)
  const theirs = saved.rules.filter((rule) => !isOurChain(rule.split(' ')[1]!) && isOurChain(targetOf(rule) ?? ''))
  if (ours.length + theirs.length === 0) return ''
  return [`*${table}`, ...ours.map((name) => `:${name} - [0:0]`), ...theirs.map((rule) => rule.replace('-A', '-D')), ...ours.map((name) => `-X ${name}`), 'COMMIT', ''].join('\n')
}

const targetOf = (rule: string): string | undefined => / -[jg] (\S+)/.exec(rule)?.[1]
const jumpsTo = (line: string, from: string, rule: string): boolean => line.startsWith(`-A ${from} `) && targetOf(line) === targetOf(` ${rule}`)
const sameLines = (a: readonly string[] | undefined, b: readonly string[]): boolean => a !== undefined && a.length === b.length && a.every((line, index) => line === b[index])
