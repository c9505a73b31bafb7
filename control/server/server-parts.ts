import type { ServerPart } from './parts.ts'

/** The parts, in the order in which they start: first who decides what is allowed, then who adds to what is served. */
export const serverParts: readonly ServerPart[] = Object.freeze([])
