import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'

let engine: typeof RE2JS | undefined

/**
 * A pattern in Go's grammar, linear in the text whatever it says. The library is loaded at first use, and synchronously: validation and
 * evaluation have nowhere to wait. Throws an error with Go's message for what is no pattern.
 */
export const compileRE2 = (source: string): RE2JS => (engine ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS).compile(source)
