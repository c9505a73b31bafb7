import { compileRE2 } from '../re2.ts'

/*
 * Patterns come from whoever may write a definition. JavaScript's expressions can take for ever on some of them, so they
 * run on a port of RE2: linear in the text, bounded in memory, the grammar and the messages those of Go.
 */

export interface Pattern {
  /** Whether the text has a match somewhere, as Go's `MatchString`. */
  test(text: string): boolean
}

/** A pattern that is none; the message is Go's. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

export function compilePattern(source: string): Pattern {
  try {
    return compileRE2(source)
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error))
  }
}
