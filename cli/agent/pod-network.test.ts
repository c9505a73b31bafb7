import { expect, test } from 'vitest'
import type { Informer, InformerHandler } from '../../api/client/informer.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import { followNodes, syncPeriodMs } from './pod-network.ts'

const node = (name: string, n: number, address = `192.0.2.${n}`, status: object = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { podCIDRs: [`10.244.${n}.0/24`] },
  status: { addresses: [{ type: 'Hostname', address: name }, { type: 'InternalIP', address }], ...status },
} as unknown as Node)

/** A network that notes what it is asked for, and an informer in the test's hand. */
function scene({ synced = Promise.resolve() }: { synced?: Promise<void> } = {}) {
  const clock = createManualClock()
  const ending = new AbortController()
  const calls: string[] = []
  const trouble = { times: 0 }
  const all = new Map<string, Node>()
  const handlers: InformerHandler<Node>[] = []
  const note = (call: string) => async () => {
    calls.push(call)
    if (trouble.times > 0 && trouble.times-- > 0) throw new Error('no')
  }
  const informer: Pick<Informer<Node>, 'on' | 'list' | 'synced'> = {
    synced, list: () => [...all.values()],
    on(handler) {
      handlers.push(handler)
      for (const object of all.values()) handler.add?.(object)
      return () => {}
    },
  }
  const ended = followNodes({
    nodes: informer, nodeName: 'n1', clock, signal: ending.signal, log: { error: () => {} },
    network: { setPeers: peers => note(`peers ${peers.map(({ name, addresses }) => `${name}=${addresses}`).join(' ')}`)(), setPodCIDRs: cidrs => note(`own ${cidrs.join()}`)(), sync: note('sync') },
  })
  return {
    clock, trouble, end: () => { ending.abort(); return ended },
    seen: async () => { await clock.settle(); return calls.splice(0) },
    set: (object: Node) => { all.set(object.metadata.name, object); for (const handler of handlers) handler.update?.(object, object) },
    remove: (name: string) => { const old = all.get(name)!; all.delete(name); for (const handler of handlers) handler.delete?.(old) },
  }
}

test('peers before the own share; then only what changed; then a look every 30 s', async () => {
  const it = scene()
  it.set(node('n1', 1))
  it.set(node('n2', 2))
  expect(await it.seen()).toEqual(['peers n2=192.0.2.2', 'own 10.244.1.0/24'])
  it.set(node('n2', 2, '192.0.2.2', { conditions: [] }))
  expect(await it.seen()).toEqual([])
  it.set(node('n2', 2, '198.51.100.2'))
  expect(await it.seen()).toEqual(['peers n2=198.51.100.2', 'own 10.244.1.0/24'])
  it.remove('n2')
  expect(await it.seen()).toEqual(['peers ', 'own 10.244.1.0/24'])
  await it.clock.advance(syncPeriodMs - 1)
  expect(await it.seen()).toEqual([])
  await it.clock.advance(1)
  expect(await it.seen()).toEqual(['sync'])
  await it.end()
})

test('what fails is tried again, ever more slowly, whole', async () => {
  const it = scene()
  it.trouble.times = 3
  it.set(node('n1', 1))
  const whole = ['peers ', 'own 10.244.1.0/24']
  expect(await it.seen()).toEqual(whole)
  await it.clock.advance(499)
  it.set(node('n1', 1, '192.0.2.1', { conditions: [] }))
  expect(await it.seen()).toEqual([])
  await it.clock.advance(1)
  expect(await it.seen()).toEqual(whole)
  await it.clock.advance(1000)
  expect(await it.seen()).toEqual(whole)
  await it.clock.advance(syncPeriodMs)
  expect(await it.seen()).toEqual(['sync'])
  await it.end()
})

test('nothing is done before all nodes are known, and nothing after the end', async () => {
  let sync = () => {}
  const it = scene({ synced: new Promise(resolve => { sync = resolve }) })
  it.set(node('n1', 1))
  expect(await it.seen()).toEqual([])
  sync()
  expect(await it.seen()).toEqual(['peers ', 'own 10.244.1.0/24'])
  await it.end()
  it.set(node('n2', 2))
  await it.clock.advance(2 * syncPeriodMs)
  expect(await it.seen()).toEqual([])
  const never = scene({ synced: new Promise(() => {}) })
  await never.end()
})
