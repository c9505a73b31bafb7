import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { AddressSpace } from './address-space.ts'
import { Bitmap } from './bitmap.ts'
import { IpPool } from './ip-pool.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer({ serviceCIDRs: ['10.96.0.0/28'], nodePortRange: [30000, 30005], advertise: { address: '192.0.2.1', port: 6443 } }) })
afterAll(() => server.close())

const path = '/api/v1/namespaces/default/services'
const service = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
const create = async (name: string, spec: object = {}, query = '') => (await server.call('POST', path + query, service(name, spec))).body
const remove = (name: string) => server.call('DELETE', `${path}/${name}`)
const patch = async (name: string, body: unknown) => (await server.call('PATCH', `${path}/${name}`, body, { headers: { 'content-type': 'application/merge-patch+json' } })).body

describe('cluster IPs', () => {
  test('the service kubernetes has the first, and the endpoints of the server', async () => {
    expect((await server.call('GET', `${path}/kubernetes`)).body.spec).toMatchObject({ clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ name: 'https', port: 443, targetPort: 6443 }] })
    expect((await server.call('GET', '/api/v1/namespaces/default/endpoints/kubernetes')).body.subsets).toEqual([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }])
    expect((await server.call('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes')).body).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 6443 }] })
  })

  test('are allocated, in both spellings, with their family', async () => {
    const { spec } = await create('a')
    expect(spec).toMatchObject({ clusterIP: expect.stringMatching(/^10\.96\.0\.\d+$/), clusterIPs: [spec.clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
    await remove('a')
  })

  test('a certain one is given once, and again when it is free', async () => {
    await create('b', { clusterIP: '10.96.0.10' })
    expect(await create('c', { clusterIP: '10.96.0.10' })).toMatchObject({ code: 422, message: 'Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated' })
    await remove('b')
    expect((await create('c', { clusterIP: '10.96.0.10' })).spec.clusterIP).toBe('10.96.0.10')
    await remove('c')
  })

  test.each(['10.97.0.1', '10.96.0.0', '10.96.0.15', '192.168.1.1'])('%s is out of range', async (clusterIP) => {
    expect(await create('d', { clusterIP })).toMatchObject({ code: 422, message: `Service "d" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: the provided network does not match the current range` })
  })

  test('headless services and external names have none', async () => {
    expect((await create('h', { clusterIP: 'None', selector: { a: 'b' } })).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
    expect((await create('e', { type: 'ExternalName', externalName: 'example.com', ports: undefined })).spec.clusterIP).toBeUndefined()
    await Promise.all([remove('h'), remove('e')])
  })

  test('two families are more than this cluster has', async () => {
    expect(await create('d', { ipFamilyPolicy: 'RequireDualStack' })).toMatchObject({ code: 422, message: expect.stringContaining('this cluster is not configured for dual-stack services') })
    expect(await create('d', { ipFamilies: ['IPv6'] })).toMatchObject({ code: 422, message: expect.stringContaining('spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster') })
  })

  test('the range can be used up, and nothing leaks on failure, dry run or deletion', async () => {
    for (let i = 0; i < 30; i++) {
      await create('dry', {}, '?dryRun=All')
      await create('kubernetes')
      await create('leak')
      await remove('leak')
    }
    const made = await Promise.all(Array.from({ length: 14 }, (_, i) => create(`all-${i}`)))
    expect(made.filter((object) => object.kind === 'Service')).toHaveLength(13)
    expect(made.find((object) => object.kind === 'Status')).toMatchObject({ code: 500, message: expect.stringContaining('range is full') })
    await Promise.all(made.map((_, i) => remove(`all-${i}`)))
  })

  test('stay through updates, and go with a change to ExternalName', async () => {
    const before = await create('keep', { clusterIP: '10.96.0.12' })
    const { metadata, spec } = structuredClone(before)
    const replaced = await server.call('PUT', `${path}/keep`, { metadata: { name: 'keep', resourceVersion: metadata.resourceVersion }, spec: { ports: [{ port: 81 }] } })
    expect(replaced.body.spec).toMatchObject({ clusterIP: spec.clusterIP, clusterIPs: spec.clusterIPs, ipFamilies: ['IPv4'], ports: [{ port: 81 }] })
    expect(await patch('keep', { spec: { clusterIP: '10.96.0.13', clusterIPs: ['10.96.0.13'] } })).toMatchObject({ code: 422, message: expect.stringMatching(/spec.clusterIPs?(\[0\])?: Invalid value: .*(field is immutable|may not change once set)/) })
    expect((await patch('keep', { spec: { type: 'ExternalName', externalName: 'example.com' } })).spec.clusterIP).toBeUndefined()
    expect((await create('other', { clusterIP: '10.96.0.12' })).spec.clusterIP).toBe('10.96.0.12')
    await Promise.all([remove('keep'), remove('other')])
  })
})

describe('node ports', () => {
  test('are allocated, kept by an update and given back', async () => {
    const { spec } = await create('n1', { type: 'NodePort' })
    expect(spec.ports[0].nodePort).toBeGreaterThanOrEqual(30000)
    expect((await patch('n1', { spec: { ports: [{ port: 80, protocol: 'TCP' }] } })).spec.ports[0].nodePort).toBe(spec.ports[0].nodePort)
    expect((await patch('n1', { spec: { type: 'ClusterIP' } })).spec.ports[0].nodePort).toBeUndefined()
    expect((await create('n2', { type: 'NodePort', ports: [{ port: 80, nodePort: spec.ports[0].nodePort }] })).kind).toBe('Service')
    await Promise.all([remove('n1'), remove('n2')])
  })

  test('conflicts and strangers are refused', async () => {
    await create('n3', { type: 'NodePort', ports: [{ port: 80, nodePort: 30003 }] })
    expect(await create('n4', { type: 'NodePort', ports: [{ port: 80, nodePort: 30003 }] })).toMatchObject({ code: 422, message: 'Service "n4" is invalid: spec.ports[0].nodePort: Invalid value: 30003: provided port is already allocated' })
    expect(await create('n4', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).toMatchObject({ code: 422, message: 'Service "n4" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30005' })
    await remove('n3')
  })

  test('TCP and UDP of one port share their number', async () => {
    const { spec } = await create('n5', { type: 'NodePort', ports: [{ name: 't', port: 53, protocol: 'TCP' }, { name: 'u', port: 53, protocol: 'UDP' }] })
    expect(spec.ports[0].nodePort).toBe(spec.ports[1].nodePort)
    await remove('n5')
  })

  test('can be used up, and nothing leaks', async () => {
    for (let i = 0; i < 10; i++) {
      await create('half', { type: 'NodePort', ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2, nodePort: 99 }] })
      await create('n6', { type: 'NodePort' })
      await patch('n6', { spec: { ports: [{ port: 80, nodePort: 7 }] } })
      await remove('n6')
    }
    const made = await Promise.all(Array.from({ length: 7 }, (_, i) => create(`n-${i}`, { type: 'NodePort' })))
    expect(new Set(made.filter((object) => object.kind === 'Service').map((object) => object.spec.ports[0].nodePort)).size).toBe(6)
    expect(made.find((object) => object.kind === 'Status')).toMatchObject({ code: 500, message: expect.stringContaining('range is full') })
    await Promise.all(made.map((_, i) => remove(`n-${i}`)))
  })
})

describe('the pools', () => {
  test('a bitmap hands out every number once', () => {
    const bitmap = new Bitmap(70)
    const taken = Array.from({ length: 70 }, (_, i) => bitmap.takeAny(0, 70, (i * 0.37) % 1))
    expect(new Set(taken).size).toBe(70)
    expect([bitmap.takeAny(0, 70, 0.5), bitmap.free]).toEqual([undefined, 0])
    bitmap.release(33)
    expect(bitmap.takeAny(0, 70, 0.9)).toBe(33)
  })

  test('the lower end of a range is left to those who ask for it', () => {
    const pool = new IpPool('10.96.0.0/16')
    expect(pool.first).toBe('10.96.0.1')
    expect(pool.takeAny(0)).toBe('10.96.1.1')
    expect(pool.takeAny(0.999999)).toBe('10.96.255.254')
    expect(pool.takeAny(0.999999)).toBe('10.96.1.2')
    expect(pool.take('10.96.0.10')).toBeUndefined()
    expect(pool.take('10.96.0.10')).toBe('taken')
  })

  test('a range of IPv6 is as large as it likes, and has no broadcast address', () => {
    const huge = new IpPool('fd00:96::/64'), small = new IpPool('fd00:96::/124')
    expect([huge.first, huge.takeAny(0), huge.takeAny(0)]).toEqual(['fd00:96::1', 'fd00:96::101', 'fd00:96::102'])
    expect([huge.take('fd00:96::ffff:ffff:ffff:fffe'), huge.take('fd00:96::ffff:ffff:ffff:ffff'), huge.take('fd00:96::ffff:ffff:ffff:ffff'), huge.take('fd00:96::'), huge.take('10.0.0.1')])
      .toEqual([undefined, undefined, 'taken', 'not in range', 'not in range'])
    expect(Array.from({ length: 16 }, () => small.takeAny(0.5)).filter(Boolean)).toHaveLength(15)
    small.release('fd00:96::7')
    expect(small.takeAny(0)).toBe('fd00:96::7')
  })

  test('ranges overlap, come and go; what is held stays held', () => {
    const space = new AddressSpace()
    space.add('10.96.0.0/28')
    expect([space.take('10.96.0.3'), space.take('10.96.0.3'), space.take('10.96.0.20')]).toEqual([undefined, 'taken', 'not in range'])
    space.occupy('10.97.0.5')
    space.add('10.96.0.0/27')
    space.add('10.97.0.0/29')
    expect([space.take('10.96.0.3'), space.take('10.96.0.20'), space.take('10.97.0.5')]).toEqual(['taken', undefined, 'taken'])
    space.remove('10.96.0.0/28')
    space.remove('10.97.0.0/29')
    space.release('10.96.0.3')
    expect([space.take('10.96.0.3'), space.take('10.97.0.4'), space.takeAny('IPv6', 0)]).toEqual([undefined, 'not in range', undefined])
  })

  test.each(['10.96.0.0', '10.0.0.0/31', 'fd00::/63', 'fd00::/127', '300.1.1.1/16'])('%s is no range', (cidr) => { expect(() => new IpPool(cidr)).toThrow(/Cannot use/) })
})
