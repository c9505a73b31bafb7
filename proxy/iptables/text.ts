import type { TableChange } from './rule-table.ts'
import { isOurChain, jumps, type Ruleset, type Table } from './rules.ts'

/** The part of one table in what `iptables-save` shows of all. */
export function savedTable(text: string, table: Table): Saved {
  const begin = text.split('\n').indexOf(`*${table}`)
  return parseSaved(begin < 0 ? '' : text.split('\n').slice(begin).join('\n').split('\nCOMMIT')[0]!)
}

/** Whether our chains hold just these rules, and the built-in ones lead to them. */
export function isAsWritten(table: Table, { chains, rules }: Saved, written: Ruleset[Table]): boolean {
  const ours = [...chains].filter(isOurChain)
  if (ours.length !== written.size || !ours.every((name) => written.has(name))) return false
  const found = new Map<string, string[]>(ours.map((name) => [name, []]))
  for (const line of rules) found.get(chainOf(line))?.push(line.slice(`-A ${chainOf(line)} `.length))
  return [...written].every(([name, wanted]) => sameLines(found.get(name), wanted))
    && jumps.every((jump) => jump.table !== table || rules.some((rule) => jumpsTo(rule, jump.from, jump.rule)))
}

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

/**
 * Text for `iptables-restore --noflush` that takes one table a step on. Naming a chain empties it, so only chains whose
 * rules changed are named (their round-robin counters start anew); chains no longer wanted go last. `saved` is given when
 * the kernel's state is not known, and `step` is from nothing: then jumps and left-over chains are mended too.
 */
export function restoreText(table: Table, { changed, gone: dropped }: TableChange, saved?: Saved): string {
  const gone = saved ? [...saved.chains].filter((name) => isOurChain(name) && !changed.has(name)) : dropped
  const missing = saved ? jumps.filter((jump) => jump.table === table && !saved.rules.some((rule) => jumpsTo(rule, jump.from, jump.rule))) : []
  if (changed.size + gone.length + missing.length === 0) return ''
  const lines = [`*${table}`]
  for (const name of changed.keys()) lines.push(`:${name} - [0:0]`)
  for (const name of gone) lines.push(`:${name} - [0:0]`)
  for (const [name, rules] of changed) for (const rule of rules) lines.push(`-A ${name} ${rule}`)
  for (const jump of missing) lines.push(`-I ${jump.from} ${jump.rule}`)
  for (const name of gone) lines.push(`-X ${name}`)
  return `${lines.join('\n')}\nCOMMIT\n`
}

/** Text that removes all that is ours from one table; empty when nothing is. */
export function cleanupText(table: Table, saved: Saved): string {
  const ours = [...saved.chains].filter(isOurChain)
  const theirs = saved.rules.filter((rule) => !isOurChain(chainOf(rule)) && isOurChain(targetOf(rule) ?? ''))
  if (ours.length + theirs.length === 0) return ''
  return [`*${table}`, ...ours.map((name) => `:${name} - [0:0]`), ...theirs.map((rule) => rule.replace('-A', '-D')), ...ours.map((name) => `-X ${name}`), 'COMMIT', ''].join('\n')
}

const chainOf = (rule: string): string => rule.split(' ', 2)[1]!
const targetOf = (rule: string): string | undefined => / -[jg] (\S+)/.exec(rule)?.[1]
const jumpsTo = (line: string, from: string, rule: string): boolean => line.startsWith(`-A ${from} `) && targetOf(line) === targetOf(` ${rule}`)
const sameLines = (a: readonly string[] | undefined, b: readonly string[]): boolean => a !== undefined && a.length === b.length && a.every((line, index) => line === b[index])
