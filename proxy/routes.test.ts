import { describe, expect, test } from 'vitest'
import { healthCheckOf, routesOf } from './routes.ts'
import { aService, aSlice } from './testing/objects.ts'

const node = { name: 'n1', clusterCIDRs: ['10.244.0.0/16'] }
const ips = (targets: readonly { ip: string }[] | undefined) => targets?.map((target) => target.ip)

describe('routesOf', () => {
  test('one route a port, ready endpoints in a fixed order', () => {
    const service = aService({ type: 'NodePort', ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }, { name: 'dns', protocol: 'UDP', port: 53 }] })
    const slice = aSlice(['10.244.0.3', '10.244.0.2'], { ports: [{ name: 'http', port: 8080 }, { name: 'dns', port: 8053 }] })
    expect(routesOf(service, [slice], node)).toEqual([
      expect.objectContaining({ id: 'default/web:http/tcp', port: 80, nodePort: 30080, internal: [{ ip: '10.244.0.2', port: 8080 }, { ip: '10.244.0.3', port: 8080 }] }),
      expect.objectContaining({ id: 'default/web:dns/udp', protocol: 'UDP', nodePort: undefined, internal: [{ ip: '10.244.0.2', port: 8053 }, { ip: '10.244.0.3', port: 8053 }] }),
    ])
  })

  test.for([
    { name: 'headless', spec: { clusterIP: 'None' } },
    { name: 'ExternalName', spec: { type: 'ExternalName', externalName: 'example.com' } },
    { name: 'not yet allocated', spec: { clusterIP: '' } },
  ])('$name Services have no routes', ({ spec }) => expect(routesOf(aService(spec), [aSlice(['10.244.0.2'])], node)).toEqual([]))

  test.for([
    { name: 'unready endpoints get nothing', endpoints: [{ addresses: ['10.244.0.2'], conditions: { ready: false } }, '10.244.0.3'], expected: ['10.244.0.3'] },
    { name: 'terminating ones serve while none is ready', endpoints: [{ addresses: ['10.244.0.2'], conditions: { ready: false, serving: true, terminating: true } }, { addresses: ['10.244.0.3'], conditions: { ready: false } }], expected: ['10.244.0.2'] },
    { name: 'the same endpoint in two slices counts once', endpoints: ['10.244.0.2', '10.244.0.2'], expected: ['10.244.0.2'] },
    { name: 'loopback, link-local, multicast and words are no targets', endpoints: ['127.0.0.1', '169.254.169.254', '224.0.0.1', '0.0.0.0', 'localhost', '10.244.0.9'], expected: ['10.244.0.9'] },
  ])('$name', ({ endpoints, expected }) => expect(ips(routesOf(aService(), [aSlice(endpoints)], node)[0]?.internal)).toEqual(expected))

  test('Local policies keep to this node and say when others could serve', () => {
    const slice = aSlice([{ addresses: ['10.244.0.2'], nodeName: 'n1' }, { addresses: ['10.244.1.2'], nodeName: 'n2' }])
    const [route] = routesOf(aService({ type: 'NodePort', externalTrafficPolicy: 'Local' }), [slice], node)
    expect(route).toMatchObject({ masqueradeExternal: false, dropExternal: false })
    expect([ips(route?.internal), ips(route?.external)]).toEqual([['10.244.0.2', '10.244.1.2'], ['10.244.0.2']])
    expect(routesOf(aService({ externalTrafficPolicy: 'Local' }), [slice], { ...node, name: 'n3' })[0]).toMatchObject({ external: [], dropExternal: true })
    expect(ips(routesOf(aService({ internalTrafficPolicy: 'Local' }), [slice], node)[0]?.internal)).toEqual(['10.244.0.2'])
  })

  test('dual stack: a route a family, with the endpoints of that family', () => {
    const service = aService({ clusterIPs: ['10.96.0.10', 'fd00::10'], externalIPs: ['198.51.100.7', '2001:db8::7'] })
    const slices = [aSlice(['10.244.0.2']), aSlice(['fd01::2'], { name: 'web-2', addressType: 'IPv6' })]
    expect(routesOf(service, slices, node)).toEqual([
      expect.objectContaining({ family: 'ipv4', clusterIP: '10.96.0.10', externalIPs: ['198.51.100.7'], internal: [{ ip: '10.244.0.2', port: 8080 }] }),
      expect.objectContaining({ id: 'default/web:http/tcp/v6', family: 'ipv6', clusterIP: 'fd00::10', externalIPs: ['2001:db8::7'], internal: [{ ip: 'fd01::2', port: 8080 }] }),
    ])
  })

  test('external addresses are kept apart by who vouches for them', () => {
    const service = {
      ...aService({ externalIPs: ['198.51.100.7', '192.0.2.1', '127.0.0.1'], loadBalancerSourceRanges: ['203.0.113.0/24 ', '2001:db8::/32'] }),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }, { ip: '203.0.113.10', ipMode: 'Proxy' }, { hostname: 'lb.example' }] } },
    }
    expect(routesOf(service, [], { ...node, nodeAddresses: new Set(['192.0.2.1']) })[0]).toMatchObject({
      externalIPs: ['198.51.100.7'], loadBalancerIPs: ['203.0.113.9'], loadBalancerSourceRanges: ['203.0.113.0/24'],
    })
  })

  test('callers inside the cluster are not held to externalTrafficPolicy Local', () => {
    const [route] = routesOf(aService({ externalTrafficPolicy: 'Local' }), [aSlice([{ addresses: ['10.244.1.2'], nodeName: 'n2' }])], node)
    expect([ips(route?.external), ips(route?.insiders)]).toEqual([[], ['10.244.1.2']])
  })

  test('internalTrafficPolicy Local without an endpoint here drops while others have one', () => {
    const slice = aSlice([{ addresses: ['10.244.1.2'], nodeName: 'n2' }])
    expect(routesOf(aService({ internalTrafficPolicy: 'Local' }), [slice], node)[0]).toMatchObject({ internal: [], dropInternal: true })
    expect(routesOf(aService({ internalTrafficPolicy: 'Local' }), [], node)[0]).toMatchObject({ internal: [], dropInternal: false })
  })

  test('session affinity has the timeout of the Service', () => {
    expect(routesOf(aService({ sessionAffinity: 'ClientIP' }), [], node)[0]?.affinitySeconds).toBe(10_800)
    expect(routesOf(aService({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }), [], node)[0]?.affinitySeconds).toBe(5)
  })

  const hinted = (ip: string, forNodes: string[], forZones: string[]) => ({ addresses: [ip], hints: { forNodes: forNodes.map((name) => ({ name })), forZones: forZones.map((name) => ({ name })) } })
  test.for([
    { name: 'this node comes before this zone', endpoints: [hinted('10.244.0.2', ['n1'], ['east']), hinted('10.244.0.3', ['n2'], ['east'])], expected: ['10.244.0.2'] },
    { name: 'this zone when no endpoint is meant for this node', endpoints: [hinted('10.244.0.2', ['n2'], ['east']), hinted('10.244.0.3', ['n2'], ['west'])], expected: ['10.244.0.2'] },
    { name: 'all when one has no hint', endpoints: [hinted('10.244.0.2', [], ['east']), hinted('10.244.0.3', [], [])], expected: ['10.244.0.2', '10.244.0.3'] },
    { name: 'all when none is meant for us', endpoints: [hinted('10.244.0.2', [], ['west']), hinted('10.244.0.3', [], ['north'])], expected: ['10.244.0.2', '10.244.0.3'] },
    { name: 'unready ones have no say', endpoints: [hinted('10.244.0.2', [], ['east']), { addresses: ['10.244.0.3'], conditions: { ready: false } }], expected: ['10.244.0.2'] },
  ])('topology hints: $name', ({ endpoints, expected }) =>
    expect(ips(routesOf(aService(), [aSlice(endpoints)], { ...node, zone: 'east' })[0]?.internal)).toEqual(expected))
})

test('a health check counts the ready endpoints of this node once each', () => {
  const service = aService({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32100, ports: [{ name: 'http', port: 80 }, { name: 'https', port: 443 }] })
  const slice = aSlice([{ addresses: ['10.244.0.2'], nodeName: 'n1' }, { addresses: ['10.244.0.3'], nodeName: 'n1', conditions: { ready: false } }, { addresses: ['10.244.1.2'], nodeName: 'n2' }],
    { ports: [{ name: 'http', port: 8080 }, { name: 'https', port: 8443 }] })
  expect(healthCheckOf(service, [slice], node)).toEqual({ service: 'default/web', port: 32100, localEndpoints: 1 })
  expect(healthCheckOf(aService({ healthCheckNodePort: 32100 }), [slice], node)).toBeUndefined()
})

test('UDP flows stay with all that serve, also where new ones do not go', () => {
  const ports = [{ name: 'dns', protocol: 'UDP', port: 53 }]
  const service = aService({ ports })
  const slice = (conditions: object) => aSlice(['10.244.0.2', { addresses: ['10.244.0.3'], conditions }], { ports: [{ name: 'dns', protocol: 'UDP', port: 53 }] })
  const serving = (conditions: object) => routesOf(service, [slice(conditions)], node)[0]!.serving?.map(({ ip }) => ip)
  expect(serving({ ready: true })).toBeUndefined()
  expect(serving({ ready: false, serving: true, terminating: true })).toEqual(['10.244.0.2', '10.244.0.3'])
  expect(serving({ ready: false, serving: false, terminating: true })).toBeUndefined()
  expect(routesOf(aService(), [aSlice(['10.244.0.2', { addresses: ['10.244.0.3'], conditions: { ready: false, serving: true, terminating: true } }])], node)[0]).not.toHaveProperty('serving')
})
