import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer({ nodePortRange: [30000, 30063] }) })
afterAll(() => server.close())

const path = '/api/v1/namespaces/default/services'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const create = async (name: string, spec: object = {}, metadata: object = {}) =>
  (await server.call('POST', path, { apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata }, spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }], ...spec } })).body
const patch = async (name: string, spec: object) => (await server.call('PATCH', `${path}/${name}`, { spec }, merge)).body
const report = async (name: string, status: object) => (await server.call('PATCH', `${path}/${name}/status`, { status }, merge)).body
const remove = (name: string) => server.call('DELETE', `${path}/${name}`)
/** Whether a node port is free, found out by asking for it. */
const isFree = async (nodePort: number) => {
  const made = await create('probe', { type: 'NodePort', ports: [{ port: 1, nodePort }] })
  if (made.kind === 'Service') await remove('probe')
  return made.kind === 'Service'
}

describe('node ports of a load balancer', () => {
  test('are allocated unless it says not to, and then only those it asks for', async () => {
    expect(await create('with')).toMatchObject({ spec: { allocateLoadBalancerNodePorts: true, externalTrafficPolicy: 'Cluster', ports: [{ nodePort: expect.any(Number) }] } })
    const without = await create('without', { allocateLoadBalancerNodePorts: false, ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81, nodePort: 30011 }] })
    expect(without.spec.ports.map(({ nodePort }: { nodePort?: number }) => nodePort)).toEqual([undefined, 30011])
    expect(await isFree(30011)).toBe(false)
    // What is there stays when the switch is turned off, until it is taken away; what is lacking comes when it is turned on.
    const { spec } = await patch('with', { allocateLoadBalancerNodePorts: false })
    const { nodePort } = spec.ports[0]
    expect(nodePort).toEqual(expect.any(Number))
    expect((await patch('with', { ports: [{ name: 'http', port: 80 }] })).spec.ports[0]).not.toHaveProperty('nodePort')
    expect(await isFree(nodePort)).toBe(true)
    expect((await patch('without', { allocateLoadBalancerNodePorts: true })).spec.ports.map(({ nodePort }: { nodePort?: number }) => nodePort)).toEqual([expect.any(Number), 30011])
    expect((await patch('without', { type: 'ClusterIP' })).spec).not.toHaveProperty('allocateLoadBalancerNodePorts')
    expect(await isFree(30011)).toBe(true)
    await Promise.all([remove('with'), remove('without')])
  })
})

describe('the health check port', () => {
  test('is allocated for traffic that stays on its node, is for good, and goes with the policy', async () => {
    const { spec } = await create('local', { externalTrafficPolicy: 'Local' })
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30000)
    expect(await isFree(spec.healthCheckNodePort)).toBe(false)
    expect(await patch('local', { healthCheckNodePort: 30050 })).toMatchObject({ code: 422, message: 'Service "local" is invalid: spec.healthCheckNodePort: Forbidden: field is immutable' })
    expect((await patch('local', { ports: [{ name: 'other', port: 81 }] })).spec.healthCheckNodePort).toBe(spec.healthCheckNodePort)
    expect((await patch('local', { externalTrafficPolicy: 'Cluster' })).spec.healthCheckNodePort).toBeUndefined()
    expect(await isFree(spec.healthCheckNodePort)).toBe(true)
    expect((await patch('local', { externalTrafficPolicy: 'Local', healthCheckNodePort: 30051 })).spec.healthCheckNodePort).toBe(30051)
    await remove('local')
    expect(await isFree(30051)).toBe(true)
  })

  test('may be asked for, once', async () => {
    expect((await create('asked', { externalTrafficPolicy: 'Local', healthCheckNodePort: 30052 })).spec.healthCheckNodePort).toBe(30052)
    expect(await create('again', { externalTrafficPolicy: 'Local', healthCheckNodePort: 30052 })).toMatchObject({ code: 500, message: 'Internal error occurred: failed to allocate requested HealthCheck NodePort 30052: provided port is already allocated' })
    expect(await create('again', { externalTrafficPolicy: 'Local', healthCheckNodePort: 90 })).toMatchObject({ code: 500, message: expect.stringContaining('The range of valid ports is 30000-30063') })
    expect(await create('again', { healthCheckNodePort: 30053 })).toMatchObject({ code: 422, message: "Service \"again\" is invalid: spec.healthCheckNodePort: Invalid value: 30053: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'" })
    // Nothing leaked from what was refused.
    expect(await isFree(30053)).toBe(true)
    await remove('asked')
  })
})

describe('who balances', () => {
  test('is named once, when the service becomes a load balancer', async () => {
    await create('plain', { type: 'ClusterIP' })
    expect(await patch('plain', { loadBalancerClass: 'example.com/lb' })).toMatchObject({ code: 422, message: expect.stringContaining("spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'") })
    expect((await patch('plain', { type: 'LoadBalancer', loadBalancerClass: 'example.com/lb' })).spec.loadBalancerClass).toBe('example.com/lb')
    expect(await patch('plain', { loadBalancerClass: 'example.com/other' })).toMatchObject({ code: 422, message: expect.stringContaining('spec.loadBalancerClass: Invalid value: "example.com/other": may not change once set') })
    expect((await patch('plain', { type: 'NodePort' })).spec).not.toHaveProperty('loadBalancerClass')
    await remove('plain')
  })

  test('says where the service is reached, and that stays through changes of the service', async () => {
    await create('web')
    const status = {
      loadBalancer: { ingress: [{ ip: '203.0.113.7', ports: [{ port: 80, protocol: 'TCP', error: 'example.com/Busy' }] }, { ip: '2001:db8::7', ipMode: 'Proxy' }, { hostname: 'lb.example.com' }] },
      conditions: [{ type: 'example.com/Announced', status: 'True', reason: 'L2', message: 'by n1', lastTransitionTime: '2026-11-29T00:00:00Z' }],
    }
    const seen = await report('web', status)
    expect(seen.status).toEqual({ ...status, loadBalancer: { ingress: [{ ...status.loadBalancer.ingress[0], ipMode: 'VIP' }, ...status.loadBalancer.ingress.slice(1)] } })
    expect((await patch('web', { ports: [{ name: 'http', port: 8080 }] })).status).toEqual(seen.status)
    expect((await server.call('PUT', `${path}/web`, { ...seen, metadata: { name: 'web' }, status: {} })).body.status).toEqual(seen.status)
    await remove('web')
  })

  test.each<[string, object, string]>([
    ['an address that is none', { ingress: [{ ip: '300.1.1.1' }] }, 'status.loadBalancer.ingress[0].ip: Invalid value: "300.1.1.1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['a name that is none', { ingress: [{ hostname: 'not a name' }] }, 'status.loadBalancer.ingress[0].hostname: Invalid value: "not a name": a lowercase RFC 1123 subdomain must consist of'],
    ['an address as name', { ingress: [{ hostname: '203.0.113.7' }] }, 'status.loadBalancer.ingress[0].hostname: Invalid value: "203.0.113.7": must be a DNS name, not an IP address'],
    ['an unknown mode', { ingress: [{ ip: '203.0.113.7', ipMode: 'Tunnel' }] }, 'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Tunnel": supported values: "Proxy", "VIP"'],
    ['a mode of a name', { ingress: [{ hostname: 'lb.example.com', ipMode: 'VIP' }] }, 'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set'],
  ])('may not say %s', async (_, loadBalancer, said) => {
    await create('wrong')
    expect(await report('wrong', { loadBalancer })).toMatchObject({ code: 422, message: expect.stringContaining(said) })
    await remove('wrong')
  })

  test('has nothing to say of another type, and holds what is to go by its finalizer', async () => {
    await create('plain', { type: 'ClusterIP' })
    expect(await report('plain', { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } })).toMatchObject({ code: 422, message: expect.stringContaining("status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'") })
    await remove('plain')
    const held = await create('held', { ports: [{ port: 80, nodePort: 30060 }] }, { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] })
    await remove('held')
    expect(await isFree(30060)).toBe(false)
    expect((await server.call('GET', `/apis/networking.k8s.io/v1/ipaddresses/${held.spec.clusterIP}`)).status).toBe(200)
    await server.call('PATCH', `${path}/held`, { metadata: { finalizers: null } }, merge)
    expect(await isFree(30060)).toBe(true)
    expect((await server.call('GET', `/apis/networking.k8s.io/v1/ipaddresses/${held.spec.clusterIP}`)).status).toBe(404)
  })
})

describe('affinity', () => {
  test.each<[object, string | number]>([
    [{}, 10_800], [{ sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } }, 1], [{ sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_400 } } }, 86_400],
    [{ sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }, 'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400'],
    [{ sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } }, 'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400'],
  ])('to a client with %j', async (spec, expected) => {
    const made = await create('sticky', { type: 'ClusterIP', sessionAffinity: 'ClientIP', ...spec })
    if (typeof expected === 'string') expect(made).toMatchObject({ code: 422, message: expect.stringContaining(expected) })
    else expect(made.spec.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: expected } })
    await remove('sticky')
  })
})
