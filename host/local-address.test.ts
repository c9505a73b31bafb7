import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalAddresses } from './local-address.ts'
import { createTestNamespaces, namespacesUnavailable, type TestNamespace } from './testing/namespaces.ts'

const skip = namespacesUnavailable()
describe.skipIf(skip)(`addresses on lo${skip ? ` (${skip})` : ''}`, () => {
  const namespaces = createTestNamespaces('lo')
  let ns: TestNamespace
  beforeAll(async () => { ns = await namespaces.create('a') })
  afterAll(() => namespaces.close())

  test.for(['169.254.1.1', 'fd00:1::1'])('%s comes and goes, any number of times, and nothing else changes', async (ip) => {
    const addresses = createLocalAddresses({ exec: ns.exec })
    const before = await ns.sh('ip address')
    expect(await addresses.has(ip)).toBe(false)
    await addresses.remove(ip)
    await addresses.add(ip)
    await addresses.add(ip)
    expect(await addresses.has(ip)).toBe(true)
    await addresses.remove(ip)
    await addresses.remove(ip)
    expect(await addresses.has(ip)).toBe(false)
    expect(await ns.sh('ip address')).toBe(before)
  })

  test('is never chosen as a source', async () => {
    const addresses = createLocalAddresses({ exec: ns.exec })
    // A link without an address of its own borrows one from another link: it must not be this one.
    await ns.sh('ip link add d0 type bridge; ip address add 10.1.0.1/24 dev d0; ip address add fd00:2::1/64 dev d0 nodad; ip link set d0 up; ip link add d1 type bridge; ip link set d1 up')
    await ns.sh('ip route add 10.9.0.0/16 dev d1; ip -6 route add fd00:9::/64 dev d1')
    for (const ip of ['169.254.1.1', 'fd00:9:1::1']) await addresses.add(ip)
    expect(await ns.sh('ip route get 10.9.0.1')).toContain('src 10.1.0.1')
    expect(await ns.sh('ip -6 route get fd00:9::5')).toContain('src fd00:2::1')
  })
})
