import { describe, expect, test } from 'vitest'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { ipAddresses } from '../../../api/kinds/networking-v1/ip-address.ts'
import { serviceCIDRs } from '../../../api/kinds/networking-v1/service-cidr.ts'
import type { IPAddress, ServiceCIDR } from '../../../api/types/networking-v1/ip-address.ts'
import { startBench } from '../testing/bench.ts'
import { mayGo } from './may-go.ts'

describe('a range may go', () => {
  const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({ apiVersion: '', kind: '', metadata: { name }, spec: { cidrs } })
  const held = (name: string, managedBy = 'ipallocator.k8s.io'): IPAddress => ({ apiVersion: '', kind: '', metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': managedBy } }, spec: {} })
  const main = range('kubernetes', '10.96.0.0/16', 'fd00:96::/112')
  const going = range('more', '10.97.0.0/24', 'fd00:97::/112')

  test.each<[string, ServiceCIDR[], IPAddress[], boolean]>([
    ['when nobody holds an address', [main], [], true],
    ['when those held are of another', [main], [held('10.96.0.5'), held('fd00:96::5')], true],
    ['not when one of its own is held', [main], [held('10.97.0.5')], false],
    ['not when one of its second family is held', [main], [held('fd00:97::5')], false],
    ['when who holds it was not given it here', [main], [held('10.97.0.5', 'somebody')], true],
    ['when another range has all of it', [main, range('wide', '10.97.0.0/16', 'fd00:97::/64')], [held('10.97.0.5'), held('fd00:97::5')], true],
    ['when others have what is held', [main, range('half', '10.97.0.0/25')], [held('10.97.0.5')], true],
    ['not when others have some of what is held', [main, range('half', '10.97.0.0/25')], [held('10.97.0.5'), held('10.97.0.200')], false],
  ])('%s', (_, others, addresses, may) => expect(mayGo(going, [...others, going], addresses)).toBe(may))
})

test('a ServiceCIDR is ready, is held while its addresses are in use, and goes ten seconds after', async () => {
  const bench = await startBench(['service-cidr-controller'])
  const { client } = bench
  const ready = async (name: string) => (await client.get(serviceCIDRs, { name })).status?.conditions?.map(({ type, status, reason, message }) => `${type}=${status} ${reason} ${message}`)
  await client.create(serviceCIDRs, { metadata: { name: 'more' }, spec: { cidrs: ['10.97.0.0/24'] } })
  await bench.eventually(async () => expect(await ready('more')).toEqual(['Ready=True  Kubernetes Service CIDR is ready']))
  expect((await client.get(serviceCIDRs, { name: 'more' })).metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
  await client.create(services, { metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.97.0.9', ports: [{ port: 80 }] } as never })

  await client.delete(serviceCIDRs, { name: 'more' })
  await bench.eventually(async () => expect(await ready('more')).toEqual(['Ready=False Terminating There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR']))
  await bench.clock.advance('30s')
  expect((await client.get(serviceCIDRs, { name: 'more' })).metadata.deletionTimestamp).toBeDefined()

  await client.delete(services, { namespace: 'default', name: 'web' })
  await bench.eventually(async () => expect((await client.list(serviceCIDRs)).items.map(({ metadata }) => metadata.name)).toEqual(['kubernetes']))

  // One that nobody uses stays as long as servers may not have heard of it.
  await client.create(serviceCIDRs, { metadata: { name: 'idle' }, spec: { cidrs: ['10.98.0.0/24'] } })
  await bench.eventually(async () => expect(await ready('idle')).toHaveLength(1))
  await client.delete(serviceCIDRs, { name: 'idle' })
  await bench.clock.advance('8s')
  expect((await client.get(serviceCIDRs, { name: 'idle' })).metadata.deletionTimestamp).toBeDefined()
  await bench.clock.advance('3s')
  await bench.eventually(async () => expect((await client.list(serviceCIDRs)).items).toHaveLength(1))
  expect((await client.list(ipAddresses)).items.map(({ metadata }) => metadata.name)).toEqual(['10.96.0.1'])
})
