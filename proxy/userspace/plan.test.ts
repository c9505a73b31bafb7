import { expect, test } from 'vitest'
import { aRoute } from '../testing/objects.ts'
import { listenersOf, redirect } from './plan.ts'

const pod = (last: number) => ({ ip: `10.244.0.${last}`, port: 8080 })
const keys = (route: Parameters<typeof listenersOf>[0]) => listenersOf(route).map(({ key }) => key)

test.for([
  { name: 'only the cluster IP: one', route: {}, expected: ['internal'] },
  { name: 'node port, policy Cluster: two', route: { nodePort: 30080 }, expected: ['internal', 'external'] },
  { name: 'external IP, policy Local: one more for those inside', route: { externalIPs: ['198.51.100.7'], masqueradeExternal: false }, expected: ['internal', 'external', 'insiders'] },
  { name: 'policy Local, endpoints elsewhere only', route: { nodePort: 30080, masqueradeExternal: false, external: [], dropExternal: true }, expected: ['internal', 'insiders'] },
  { name: 'no endpoints: none', route: { nodePort: 30080, internal: [], external: [], insiders: [] }, expected: [] },
  { name: 'SCTP: none', route: { protocol: 'SCTP' as const, nodePort: 30080 }, expected: [] },
])('listeners of a route: $name', ({ route, expected }) => {
  expect(keys(aRoute(route))).toEqual(expected.map((way) => `default/web:http/tcp ${way}`))
})

test('a listener is the same one when endpoints come and go', () => {
  const all = { nodePort: 30080, masqueradeExternal: false, internal: [pod(2), pod(3)], insiders: [pod(2), pod(3)] }
  expect(keys(aRoute({ ...all, external: [pod(2)] }))).toEqual(keys(aRoute({ ...all, external: [pod(2), pod(3)] })))
})

test('a route is led to its listeners, all else stays', () => {
  const route = aRoute({ nodePort: 30080, masqueradeExternal: false, affinitySeconds: 10, loadBalancerSourceRanges: ['203.0.113.0/24'], external: [], dropExternal: true })
  const at = new Map([['default/web:http/tcp internal', { ip: '169.254.0.1', port: 40_001 }], ['default/web:http/tcp insiders', { ip: '169.254.0.1', port: 40_002 }]])
  expect(redirect(route, (key) => at.get(key))).toEqual({
    ...route, affinitySeconds: undefined,
    internal: [{ ip: '169.254.0.1', port: 40_001 }], external: [], insiders: [{ ip: '169.254.0.1', port: 40_002 }],
  })
})

test('under policy Cluster insiders go where all go', () => {
  const redirected = redirect(aRoute({ nodePort: 30080 }), (key) => (key.endsWith('external') ? { ip: '169.254.0.1', port: 40_001 } : undefined))
  expect(redirected.insiders).toBe(redirected.external)
})

test('what cannot be carried is refused, never dropped', () => {
  expect(redirect(aRoute({ protocol: 'SCTP', nodePort: 30080, dropInternal: true, dropExternal: true }), () => undefined))
    .toMatchObject({ internal: [], external: [], insiders: [], dropInternal: false, dropExternal: false })
})
