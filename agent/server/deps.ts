import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock } from '../../host/clock.ts'
import type { Machine } from '../machine.ts'
import type { Pods } from '../pods/pods.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What the server's handlers are handed. */
export interface ServerDeps {
  readonly runtime: Runtime
  readonly machine: Machine
  readonly pods: Pods
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Logger
  readonly nodeName: string
  readonly podLogsDir: string
}
