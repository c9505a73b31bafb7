import { expect, test } from 'vitest'
import { forgetFlows, staleFlows } from './conntrack.ts'
import type { Route } from './table.ts'
import { aRoute } from './testing/objects.ts'

const udp = (over: Partial<Route>) => aRoute({ protocol: 'UDP', port: 53, ...over })
const a = { ip: '10.244.0.2', port: 53 }
const b = { ip: '10.244.0.3', port: 53 }

test.for<{ name: string; before: Route[]; after: Route[]; flows: unknown[] }>([
  { name: 'TCP ends by itself', before: [aRoute({})], after: [], flows: [] },
  { name: 'nothing changed', before: [udp({ internal: [a] })], after: [udp({ internal: [a] })], flows: [] },
  { name: 'an endpoint went', before: [udp({ internal: [a, b], external: [] })], after: [udp({ internal: [b], external: [] })], flows: [{ dst: '10.96.0.10', port: 53, family: 'IPv4', endpoint: a.ip }] },
  { name: 'the Service went', before: [udp({ internal: [a], external: [a], nodePort: 30053 })], after: [], flows: [{ dst: '10.96.0.10', port: 53, family: 'IPv4', endpoint: a.ip }, { port: 30053, family: 'IPv4', endpoint: a.ip }] },
  { name: 'the first endpoint came', before: [udp({ internal: [], external: [] })], after: [udp({ internal: [a], external: [] })], flows: [{ dst: '10.96.0.10', port: 53, family: 'IPv4' }] },
])('$name', ({ before, after, flows }) => expect(staleFlows({ routes: before, healthChecks: [] }, { routes: after, healthChecks: [] })).toEqual(flows))

test('ways by which a Service was not served before: a node port, a load balancer', () => {
  const before = udp({ internal: [a], external: [a], insiders: [a] })
  const after = udp({ internal: [a], external: [a], insiders: [a], nodePort: 30053, loadBalancerIPs: ['198.51.100.1'] })
  expect(staleFlows({ routes: [before], healthChecks: [] }, { routes: [after], healthChecks: [] })).toEqual([{ dst: '198.51.100.1', port: 53, family: 'IPv4' }, { port: 30053, family: 'IPv4' }])
})

test('of many flows only those are deleted that the kernel remembers', async () => {
  const deleted: unknown[] = []
  const many = Array.from({ length: 5000 }, (_, index) => ({ dst: `10.96.${index >> 8}.${index & 255}`, port: 53, family: 'IPv4' as const }))
  const gone = { port: 30053, family: 'IPv4', endpoint: '10.244.0.9' } as const
  await forgetFlows([...many, gone], {
    listUdp: async () => [{ dst: '10.96.0.7', port: 53, endpoint: '10.244.0.2', family: 'IPv4' }, { dst: '192.0.2.1', port: 30053, endpoint: '10.244.0.9', family: 'IPv4' }, { dst: '10.96.0.8', port: 54, endpoint: '10.96.0.8', family: 'IPv4' }],
    deleteUdp: async (flow) => deleted.push(flow),
  })
  expect(deleted).toEqual([{ dst: '10.96.0.7', port: 53, family: 'IPv4' }, gone])
})
