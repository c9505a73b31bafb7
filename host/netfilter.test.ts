import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConntrack, conntrackArgs } from './conntrack.ts'
import { createIptables, chooseVariant, IptablesError, type IptablesVariant } from './iptables.ts'
import { createFakeExec } from './fake-exec.ts'
import { createNft, NftError, type Nft } from './nft.ts'
import { createTestNamespaces, namespacesUnavailable, type TestNamespace } from './testing/namespaces.ts'

const refusal = <E>(run: Promise<unknown>): Promise<E> => run.then(() => { throw new Error('did not reject') }, error => error as E)

const skip = namespacesUnavailable()
describe.skipIf(skip)(`in a namespace${skip ? ` (${skip})` : ''}`, () => {
  const namespaces = createTestNamespaces('nf')
  let ns: TestNamespace
  beforeAll(async () => { ns = await namespaces.create('a') })
  afterAll(() => namespaces.close())

  describe('nft', () => {
    let nft: Nft
    beforeAll(() => { nft = createNft({ exec: ns.exec }) })
    const table = 'table ip t { chain c { type nat hook prerouting priority -100; tcp dport 80 dnat ip to 10.0.0.1:8080; }; }\n'

    test('applies a transaction and lists it', async () => {
      await nft.apply(table)
      expect(await nft.text('table ip t')).toContain('dnat to 10.0.0.1:8080')
      const objects = await nft.list('table ip t')
      expect(objects.map(object => Object.keys(object)[0])).toEqual(['table', 'chain', 'rule'])
      await nft.deleteTable('ip', 't')
      await nft.deleteTable('ip', 't')
      expect(await nft.text()).toBe('')
      expect(await nft.list('table ip t')).toEqual([])
    })
    test('a bad line changes nothing and says where', async () => {
      const error = await refusal<NftError>(nft.apply(`${table}add rule ip t nowhere accept\n`))
      expect(error).toBeInstanceOf(NftError)
      expect(error.reason).toBe('absent')
      expect(await nft.text()).toBe('')
      expect((await refusal<NftError>(nft.apply('nonsense'))).reason).toBe('refused')
    })
    test('check does not apply', async () => {
      await nft.check(table)
      expect(await nft.text()).toBe('')
    })
    test('tells whether it can be used', async () => {
      expect(await nft.unsupported()).toBeUndefined()
      expect(await createNft({ exec: createFakeExec(() => undefined) }).unsupported()).toContain('command not found')
    })
  })

  describe.each<IptablesVariant>(['nft', 'legacy'])('iptables (%s)', variant => {
    test('restores beside what is there, for both families, and refuses with the line', async () => {
      const iptables = createIptables({ exec: ns.exec, variant })
      for (const family of ['IPv4', 'IPv6'] as const) {
        expect(await iptables.unsupported(family)).toBeUndefined()
        await iptables.restore(family, '*nat\n:OURS - [0:0]\n-A OURS -j RETURN\nCOMMIT\n', { noflush: true })
        await iptables.restore(family, '*nat\n:MORE - [0:0]\nCOMMIT\n', { noflush: true, counters: true })
        const saved = await iptables.save(family, 'nat')
        expect(saved).toContain('-A OURS -j RETURN')
        expect(saved).toContain(':MORE')
        const error = await refusal<IptablesError>(iptables.restore(family, '*nat\n-A OURS -j NOWHERE\nCOMMIT\n', { noflush: true }))
        expect(error).toBeInstanceOf(IptablesError)
        expect(error.reason).toBe('refused')
        expect(error.line).toBeGreaterThan(0)
        await iptables.restore(family, '*nat\nCOMMIT\n')
        expect(await iptables.save(family, 'nat')).not.toContain('OURS')
      }
    })
  })

  test('conntrack deletes UDP entries and counts them', async () => {
    const nft = createNft({ exec: ns.exec })
    const conntrack = createConntrack({ exec: ns.exec })
    await nft.apply('table ip flows { chain c { type filter hook output priority 0; ct state new accept; }; }')
    await ns.sh('echo x | socat -u - udp-sendto:127.0.0.1:5353; echo x | socat -u - udp-sendto:127.0.0.2:5353')
    const seen = { dst: '127.0.0.1', port: 5353, endpoint: '127.0.0.1', endpointPort: 5353, family: 'IPv4' } as const
    expect(await conntrack.listUdp('IPv4')).toContainEqual(seen)
    expect(await conntrack.deleteUdp({ ...seen, endpointPort: 53 })).toBe(0)
    expect(await conntrack.deleteUdp(seen)).toBe(1)
    expect(await conntrack.deleteUdp({ port: 5353 })).toBe(1)
    expect(await conntrack.deleteUdp({ dst: '127.0.0.1' })).toBe(0)
    expect(await conntrack.deleteUdp({ dst: '::1', endpoint: 'fd00::1' })).toBe(0)
    await nft.deleteTable('ip', 'flows')
  })

  test.each([['IPv4', 'ip', '192.0.2.'], ['IPv6', 'ip6', '2001:db8::']] as const)('conntrack deletes the %s flows to one endpoint, and not those to another', async (family, nftFamily, base) => {
    const nft = createNft({ exec: ns.exec })
    const conntrack = createConntrack({ exec: ns.exec })
    const [service, one, other] = [`${base}10`, `${base}11`, `${base}12`] as const
    await ns.sh([service, one, other].map((ip) => `ip address add ${ip}/${family === 'IPv4' ? 32 : 128} dev lo${family === 'IPv4' ? '' : ' nodad'}`).join('; '))
    await nft.apply(`table ${nftFamily} ways { chain c { type nat hook output priority -100; ${nftFamily} daddr ${service} udp sport 1001 dnat to ${one}; ${nftFamily} daddr ${service} udp sport 1002 dnat to ${other}; }; }`)
    const host = family === 'IPv4' ? service : `[${service}]`
    for (const port of [1001, 1002]) await ns.sh(`echo x | socat -u - udp-sendto:${host}:53,sourceport=${port}`)
    const flow = (endpoint: string) => ({ dst: service, port: 53, endpoint, endpointPort: 53, family })
    expect((await conntrack.listUdp(family)).filter(({ dst }) => dst === service)).toEqual(expect.arrayContaining([flow(one), flow(other)]))
    expect(await conntrack.deleteUdp(flow(one))).toBe(1)
    expect((await conntrack.listUdp(family)).filter(({ dst }) => dst === service)).toEqual([flow(other)])
    expect(await conntrack.deleteUdp({ endpoint: one, family })).toBe(0)
    expect(await conntrack.deleteUdp({ endpoint: other, family })).toBe(1)
    await nft.deleteTable(nftFamily, 'ways')
  })
})

describe('chooseVariant', () => {
  const hint = ':KUBE-IPTABLES-HINT - [0:0]\n'
  const rule = '-A INPUT -j ACCEPT\n'
  test.each([
    ['nothing installed but legacy', { nft: undefined, legacy: '', preferred: 'nft' }, 'legacy'],
    ['nothing installed but nft', { nft: '', legacy: undefined, preferred: 'legacy' }, 'nft'],
    ['no rules: the distribution decides', { nft: '', legacy: '', preferred: 'legacy' }, 'legacy'],
    ['the one with rules', { nft: '', legacy: rule, preferred: 'nft' }, 'legacy'],
    ['a hint beats rules', { nft: hint, legacy: rule + rule, preferred: 'legacy' }, 'nft'],
  ] as const)('%s', (_, evidence, want) => expect(chooseVariant(evidence)).toBe(want))
})

test('conntrack never deletes everything', () => {
  expect(() => conntrackArgs('udp', {})).toThrow('refusing')
  expect(conntrackArgs('udp', { dst: 'fd00::1', port: 53, endpoint: 'fd00::2' }))
    .toEqual(['-D', '-p', 'udp', '-f', 'ipv6', '--orig-dst', 'fd00::1', '--orig-port-dst', '53', '--reply-src', 'fd00::2'])
  expect(conntrackArgs('udp', { endpoint: '10.0.0.1', endpointPort: 53 })).toEqual(['-D', '-p', 'udp', '--reply-src', '10.0.0.1', '--reply-port-src', '53'])
})
