import type { Call, Node } from './ast.ts'
import { pattern } from './library/regex.ts'
import type { Issue } from './syntax-error.ts'
import { parseDuration, parseTimestamp } from './time.ts'

const checks: Readonly<Record<string, { readonly members: boolean; readonly read: (text: string) => unknown }>> = {
  duration: { members: false, read: parseDuration }, timestamp: { members: false, read: parseTimestamp }, matches: { members: true, read: pattern },
}

/** Times and patterns that are written out and can only fail are found before anything runs. */
export function literalIssue({ name, target, args }: Call): Issue | undefined {
  const check = Object.hasOwn(checks, name) ? checks[name]! : undefined
  const literal: Node | undefined = args.at(-1)
  if (!check || (target && !check.members) || literal?.node !== 'literal' || literal.type !== 'string') return undefined
  try {
    check.read(literal.value as string)
    return undefined
  } catch {
    return { offset: literal.at, message: `invalid ${name} argument` }
  }
}
