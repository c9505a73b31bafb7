import { expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import type { FlowMatch } from '../../host/conntrack.ts'
import { aRoute } from '../testing/objects.ts'
import type { Backend } from '../backend.ts'
import type { Family, ForwardingTable, Route, Target } from '../table.ts'
import { createUserspaceBackend, listenerIP } from './backend.ts'
import type { Listener, ListenerOptions } from './listener.ts'

const [a, b] = [{ ip: '10.244.0.2', port: 8080 }, { ip: '10.244.0.3', port: 8080 }]
const to = (...targets: Target[]): Partial<Route> => ({ internal: targets, external: targets, insiders: targets })
const udp = { protocol: 'UDP' as const, id: 'default/dns:dns/udp' }

/** The backend over one that notes what it is told, with listeners that are numbers. */
function start() {
  const happened: string[] = []
  const tables: ForwardingTable[] = []
  const sockets = new Map<number, { alive: boolean; changes: number; options: ListenerOptions }>()
  const state = { nextPort: 40_001, guardIntact: true, failInner: false, addresses: new Set<string>() }
  const inner: Backend = {
    name: 'nftables', supported: async () => undefined, intact: async () => true,
    apply: async (table) => {
      if (state.failInner) throw new Error('refused')
      happened.push('apply')
      tables.push(table)
    },
    cleanup: async () => void happened.push('cleanup'),
  }
  const open = async (options: ListenerOptions): Promise<Listener> => {
    const port = state.nextPort++
    const socket = { alive: true, changes: 0, options }
    sockets.set(port, socket)
    happened.push(`open ${port}`)
    return { port, get alive() { return socket.alive }, endpointsChanged: () => { socket.changes += 1 }, close: () => { socket.alive = false; happened.push(`close ${port}`) } }
  }
  const warnings: unknown[] = []
  const backend = createUserspaceBackend({
    inner, open: { TCP: open, UDP: open }, clock: createManualClock(), log: { warn: (what: unknown) => void warnings.push(what) },
    guard: { ensure: async (family: Family) => { state.guardIntact = true; happened.push(`guard ${family}`) }, intact: async () => state.guardIntact, remove: async () => void happened.push('unguard') },
    addresses: { add: async (ip) => { state.addresses.add(ip); happened.push(`address ${ip}`) }, has: async (ip) => state.addresses.has(ip), remove: async (ip) => { state.addresses.delete(ip); happened.push(`no address ${ip}`) } },
    conntrack: { deleteUdp: async (match: FlowMatch) => { happened.push(`forget ${match.endpoint} ${match.endpointPort ?? 'all'}`); return 0 } },
  })
  const apply = (...routes: Route[]) => backend.apply({ routes, healthChecks: [] })
  const since = () => happened.splice(0)
  return { backend, apply, since, tables, sockets, state, warnings, last: () => tables.at(-1)!.routes }
}
const ip = listenerIP.ipv4

test('shuts the door, opens the listeners, and only then leads packets there', async () => {
  const { apply, since, last } = start()
  await apply(aRoute(to(a, b)), aRoute({ ...udp, ...to(a) }))
  expect(since()).toEqual(['guard ipv4', `address ${ip}`, 'open 40001', 'open 40002', 'apply', `forget ${ip} all`])
  expect(last().map((route) => route.internal)).toEqual([[{ ip, port: 40_001 }], [{ ip, port: 40_002 }]])
})

test('without endpoints there is nothing to open', async () => {
  const { apply, since, last } = start()
  const route = aRoute(to())
  await apply(route)
  expect(since()).toEqual(['apply'])
  expect(last()).toEqual([route])
})

test('an endpoint more or less keeps the listener; what did not change is the same object below', async () => {
  const { apply, since, last, sockets } = start()
  const [web, other] = [aRoute(to(a)), aRoute({ id: 'default/other:http/tcp', ...to(b) })]
  await apply(web, other)
  const [, otherBefore] = last()
  since()
  await apply(aRoute(to(a, b)), other)
  expect(since()).toEqual(['apply'])
  expect(last()[1]).toBe(otherBefore)
  expect([sockets.get(40_001)!.changes, sockets.get(40_002)!.changes]).toEqual([1, 0])
  const { balancer } = sockets.get(40_001)!.options
  expect([balancer.choose('x'), balancer.choose('x')]).toEqual([a, b])
})

test('a listener goes after the rules that lead to it, and the kernel forgets its flows', async () => {
  const { apply, since } = start()
  const tcp = aRoute(to(a))
  await apply(tcp, aRoute({ ...udp, ...to(a) }))
  since()
  await apply(tcp)
  expect(since()).toEqual(['apply', 'close 40002', `forget ${ip} 40002`])
})

test('when the kernel refuses, the listeners it leads to stay', async () => {
  const { apply, since, state } = start()
  const route = aRoute(to(a))
  await apply(route)
  since()
  state.failInner = true
  await expect(apply()).rejects.toThrow('refused')
  expect(since()).toEqual([])
  state.failInner = false
  await apply(route)
  expect(since()).toEqual(['apply'])
})

test('affinity is the Service’s, for all its ways in, and survives other changes', async () => {
  const { apply, sockets } = start()
  const faithful = { nodePort: 30_080, affinitySeconds: 60 }
  await apply(aRoute({ ...faithful, ...to(a, b) }))
  const [internal, external] = [sockets.get(40_001)!.options.balancer, sockets.get(40_002)!.options.balancer]
  expect([internal.choose('x'), internal.choose('y'), external.choose('y')]).toEqual([a, b, b])
  await apply(aRoute({ ...faithful, affinitySeconds: 70, ...to(a, b) }))
  expect([internal.choose('y'), external.choose('x')]).toEqual([b, a])
})

test('a door that was broken, or a listener that died, is noticed and mended', async () => {
  const { backend, apply, since, state, sockets, last } = start()
  const route = aRoute(to(a))
  await apply(route)
  expect(await backend.intact()).toBe(true)
  since()
  state.guardIntact = false
  expect(await backend.intact()).toBe(false)
  await apply(route)
  expect(since()).toEqual(['guard ipv4', `address ${ip}`, 'apply'])
  state.addresses.clear()
  expect(await backend.intact()).toBe(false)
  await apply(route)
  expect(await backend.intact()).toBe(true)
  sockets.get(40_001)!.alive = false
  expect(await backend.intact()).toBe(false)
  await apply(route)
  expect(last()[0]!.internal).toEqual([{ ip, port: 40_002 }])
  expect(await backend.intact()).toBe(true)
})

test('SCTP is refused by name, once', async () => {
  const { apply, warnings, last } = start()
  const sctp = aRoute({ id: 'default/s:s/sctp', protocol: 'SCTP' })
  await apply(sctp)
  await apply({ ...sctp })
  expect(warnings).toEqual([{ route: 'default/s:s/sctp' }])
  expect(last()[0]).toMatchObject({ internal: [], external: [] })
})

test('clean-up takes all away, also what another process left', async () => {
  const { backend, apply, since, state } = start()
  await apply(aRoute(to(a)))
  since()
  await backend.cleanup()
  expect(since()).toEqual(['cleanup', 'close 40001', `forget ${ip} all`, `no address ${ip}`, 'unguard'])
  state.addresses.add(ip)
  await backend.cleanup()
  expect(since()).toEqual(['cleanup', `forget ${ip} all`, `no address ${ip}`, 'unguard'])
})
