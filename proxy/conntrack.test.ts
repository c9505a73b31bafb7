import { expect, test } from 'vitest'
import { forgetFlows, staleFlows } from './conntrack.ts'
import type { Route } from './table.ts'
import { aRoute } from './testing/objects.ts'

const udp = (over: Partial<Route>) => aRoute({ protocol: 'UDP', port: 53, ...over })
const a = { ip: '10.244.0.2', port: 53 }
const b = { ip: '10.244.0.3', port: 53 }

const cluster = { dst: '10.96.0.10', port: 53, family: 'IPv4' } as const
const nodePort = { port: 30053, family: 'IPv4' } as const
const to = (target: { ip: string; port: number }) => ({ endpoint: target.ip, endpointPort: target.port })
const all = (...targets: { ip: string; port: number }[]) => ({ internal: targets, external: targets, insiders: targets })
const but = (...targets: { ip: string; port: number }[]) => ({ except: new Set(targets.map(({ ip, port }) => `${ip} ${port}`)) })

test.for<{ name: string; before: Route[]; after: Route[]; flows: unknown[] }>([
  { name: 'TCP ends by itself', before: [aRoute({})], after: [], flows: [] },
  { name: 'SCTP too', before: [aRoute({ protocol: 'SCTP' })], after: [], flows: [] },
  { name: 'nothing changed', before: [udp(all(a))], after: [udp(all(a))], flows: [] },
  { name: 'an endpoint went', before: [udp(all(a, b))], after: [udp(all(b))], flows: [{ ...cluster, ...to(a) }] },
  { name: 'its port changed', before: [udp(all(a))], after: [udp(all({ ...a, port: 54 }))], flows: [{ ...cluster, ...to(a) }] },
  { name: 'an endpoint drains', before: [udp(all(a, b))], after: [udp({ ...all(b), serving: [a, b] })], flows: [] },
  { name: 'it is gone', before: [udp({ ...all(b), serving: [a, b] })], after: [udp(all(b))], flows: [{ ...cluster, ...to(a) }] },
  { name: 'a policy sends new flows elsewhere', before: [udp(all(a, b))], after: [udp({ ...all(a, b), internal: [], external: [b], dropInternal: true })], flows: [] },
  { name: 'the Service went', before: [udp({ ...all(a), nodePort: 30053 })], after: [], flows: [{ ...cluster, ...to(a) }, { ...nodePort, ...to(a) }] },
  { name: 'the last endpoint went', before: [udp(all(a))], after: [udp(all())], flows: [{ ...cluster, ...to(a) }] },
  { name: 'the first endpoint came', before: [udp(all())], after: [udp(all(a))], flows: [{ ...cluster, ...but(a) }] },
  { name: 'the proxy was started anew', before: [], after: [udp({ ...all(a), nodePort: 30053, serving: [a, b] })], flows: [{ ...cluster, ...but(a, b) }, { ...nodePort, ...but(a, b) }] },
])('$name', ({ before, after, flows }) => expect(staleFlows({ gone: before, come: after })).toEqual(flows))

test('ways by which a Service was not served before: a node port, a load balancer', () => {
  const before = udp(all(a))
  const after = udp({ ...all(a), nodePort: 30053, loadBalancerIPs: ['198.51.100.1'] })
  expect(staleFlows({ gone: [before], come: [after] })).toEqual([{ ...cluster, dst: '198.51.100.1', ...but(a) }, { ...nodePort, ...but(a) }])
})

test('of many flows only those are deleted that the kernel remembers, and of those to a new address only what leads elsewhere', async () => {
  const deleted: unknown[] = []
  const many = Array.from({ length: 5000 }, (_, index) => ({ dst: `10.96.${index >> 8}.${index & 255}`, port: 53, family: 'IPv4' as const, ...but(a) }))
  const flow = (dst: string, port: number, target: { ip: string; port: number }) => ({ dst, port, ...to(target), family: 'IPv4' as const })
  const gone = { ip: '10.244.0.9', port: 53 }
  const stale = [flow('10.96.0.7', 53, b), flow('10.96.0.7', 53, { ip: '10.96.0.7', port: 53 }), flow('192.0.2.1', 30053, gone)]
  await forgetFlows([...many, { ...nodePort, ...to(gone) }], {
    listUdp: async () => [...stale, flow('10.96.0.7', 53, a), flow('10.96.0.8', 54, b), flow('192.0.2.1', 30053, b), flow('192.0.2.1', 30053, { ...gone, port: 54 }), stale[0]!],
    deleteUdp: async (match) => deleted.push(match),
  })
  expect(deleted).toEqual(stale)
})

test('one flow that names its endpoint is deleted without a look', async () => {
  const deleted: unknown[] = []
  await forgetFlows([{ ...cluster, ...to(a) }], { listUdp: () => Promise.reject(new Error('looked')), deleteUdp: async (match) => deleted.push(match) })
  expect(deleted).toEqual([{ ...cluster, ...to(a) }])
})
