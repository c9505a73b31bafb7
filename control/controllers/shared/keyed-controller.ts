import type { Controller, Outcome } from '../../../api/client/controller.ts'
import { startController } from '../../../api/client/controller.ts'
import type { Informer } from '../../../api/client/informer.ts'
import type { ControllerDeps } from '../deps.ts'

export interface KeyedOptions {
  readonly name: string
  /** Work begins when these have synced; none of them wakes a key by itself. */
  readonly informers: readonly Informer<any>[]
  readonly workers?: number
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>
}

/** A controller whose keys are not those of one kind's objects: they come by `enqueue` alone. */
export function startKeyed({ client, clock, log, signal, metrics }: ControllerDeps, { informers, ...options }: KeyedOptions): Controller {
  const watches = informers.map((informer) => ({ informer, map: () => [] }))
  return startController({ ...options, client, clock, log, signal, metrics, for: silent, watches })
}

const silent: Informer = Object.freeze({
  synced: Promise.resolve(), hasSynced: true, get: () => undefined, list: () => [], byIndex: () => [], on: () => () => {}, stop: async () => {},
})
