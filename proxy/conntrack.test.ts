import { expect, test } from 'vitest'
import { staleFlows } from './conntrack.ts'
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
