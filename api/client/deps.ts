import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'

/** What everything long-lived in this folder is handed: time, a log, and the signal that ends it. */
export interface Deps {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}
