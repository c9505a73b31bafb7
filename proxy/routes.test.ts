import { describe, expect, test } from 'vitest'
import { routesOf } from './routes.ts'
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
})
