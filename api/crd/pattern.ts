import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'

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

let engine: typeof RE2JS | undefined

/** Loaded at first use, and synchronously: validation has nowhere to wait. */
const re2 = (): typeof RE2JS => (engine ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS)

export function compilePattern(source: string): Pattern {
  try {
    return re2().compile(source)
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error))
  }
}
