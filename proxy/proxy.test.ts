import { pino } from 'pino'
import { Registry } from 'prom-client'
import { describe, expect, test, vi } from 'vitest'
import type { Informer, InformerHandler } from '../api/client/informer.ts'
import type { KubeObject } from '../api/object.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { Service } from '../api/types/core-v1/service.ts'
import { systemClock, type Clock } from '../host/clock.ts'
import { createManualClock } from '../host/manual-clock.ts'
import { startProxy } from './proxy.ts'
import type { ForwardingTable } from './table.ts'
import { aService, aSlice } from './testing/objects.ts'

/** An informer whose events the test sends by hand. */
function handInformer<T extends KubeObject>() {
  const { promise: synced, resolve } = Promise.withResolvers<void>()
  const handlers: InformerHandler<T>[] = []
  const state = { hasSynced: false }
  const informer = {
    synced, get hasSynced() { return state.hasSynced }, get: () => undefined, list: () => [], byIndex: () => [], stop: async () => {},
    on: (handler: InformerHandler<T>) => { handlers.push(handler); return () => {} },
  } satisfies Informer<T>
  return { informer, add: (object: T) => handlers.forEach((handler) => handler.add?.(object)), sync: () => { state.hasSynced = true; resolve() } }
}

function bench(apply: (table: ForwardingTable) => Promise<void>, { clock = systemClock, intact = async () => true }: { clock?: Clock; intact?: () => Promise<boolean> } = {}) {
  const services = handInformer<Service>()
  const slices = handInformer<EndpointSlice>()
  const backend = { name: 'nftables' as const, supported: async () => undefined, intact, cleanup: async () => {}, apply }
  const proxy = startProxy({
    services: services.informer, endpointSlices: slices.informer, backend, conntrack: { deleteUdp: async () => 0, listUdp: async () => [] },
    node: { name: 'n1', clusterCIDRs: [] }, clock, log: pino({ level: 'silent' }), metrics: new Registry(), retryMs: 1,
  })
  return { proxy, services, slices }
}

describe('startProxy', () => {
  test('writes nothing before both caches are complete, then everything in one transaction', async () => {
    const apply = vi.fn(async (_table: ForwardingTable) => {})
    const { proxy, services, slices } = bench(apply)
    services.add(aService())
    services.sync()
    slices.add(aSlice(['10.244.0.2']))
    expect(apply).not.toHaveBeenCalled()
    slices.sync()
    await proxy.ready
    expect(apply.mock.calls.map(([table]) => table.routes.map((route) => route.internal.length))).toEqual([[1]])
    await proxy.stop()
  })

  test('a refused transaction is tried again, with what came in between', async () => {
    const tables: number[] = []
    const { proxy, services, slices } = bench(async (table) => {
      tables.push(table.routes.length)
      if (tables.length === 1) {
        services.add(aService({ clusterIP: '10.96.0.11' }, 'api'))
        throw new Error('the kernel says no')
      }
    })
    services.add(aService())
    services.sync()
    slices.sync()
    await proxy.ready
    expect(tables).toEqual([1, 2])
    await proxy.stop()
  })

  test('rules that others altered are written anew within one period', async () => {
    const apply = vi.fn(async (_table: ForwardingTable) => {})
    const clock = createManualClock()
    let right = true
    const { proxy, services, slices } = bench(apply, { clock, intact: async () => { const answer = right; right = true; return answer } })
    services.add(aService())
    services.sync()
    slices.sync()
    await clock.advance(100)
    await proxy.ready
    await clock.advance(31_000)
    expect(apply).toHaveBeenCalledTimes(1)
    right = false
    await clock.advance(31_000)
    expect(apply).toHaveBeenCalledTimes(2)
    await proxy.stop()
  })

  test('is not healthy while a change waits for two sync periods, and again once it is written', async () => {
    const clock = createManualClock()
    let refuses = false
    const { proxy, services, slices } = bench(async () => { if (refuses) throw new Error('the kernel says no') }, { clock })
    services.add(aService())
    services.sync()
    slices.sync()
    await clock.advance(100)
    await proxy.ready
    await clock.advance(300_000)
    expect(proxy.health().healthy).toBe(true)
    refuses = true
    services.add(aService({ clusterIP: '10.96.0.11' }, 'api'))
    await clock.advance(59_999)
    expect(proxy.health().healthy).toBe(true)
    await clock.advance(1)
    expect(proxy.health().healthy).toBe(false)
    refuses = false
    await clock.advance(30_000)
    expect(proxy.health().healthy).toBe(true)
    await proxy.stop()
  })
})
