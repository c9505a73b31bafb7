import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Client } from '../../api/client/client.ts'
import type { Informers } from '../../api/client/informers.ts'
import { startScheduler } from '../../control/scheduler/scheduler.ts'
import type { Clock } from '../../host/clock.ts'

/** A part of the cluster that can be taken away and brought back. */
export interface Switch {
  readonly running: boolean
  /** Without effect on a part that runs. */
  start(): Promise<void>
  /** Resolves when the part does nothing any more. */
  stop(): Promise<void>
}

export interface SchedulerDeps {
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Registry
  readonly signal: AbortSignal
}

export function schedulerSwitch(deps: SchedulerDeps): Switch {
  let scheduler: Awaited<ReturnType<typeof startScheduler>> | undefined
  return {
    get running() { return scheduler !== undefined },
    async start() { scheduler ??= await startScheduler(deps) },
    async stop() {
      const stopping = scheduler
      scheduler = undefined
      await stopping?.stop()
    },
  }
}
