import { expect, test } from 'vitest'
import type { LinkAddress } from '../../host/dummy-link.ts'
import { createManualClock } from '../../host/manual-clock.ts'
import type { Route } from '../table.ts'
import { aRoute } from '../testing/objects.ts'
import { createIpvsBackend, ipvsLink } from './backend.ts'

const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.1.2', port: 8080 }
const table = (...routes: Route[]) => ({ routes, healthChecks: [] })

/** As much of the kernel as the backend looks at, with all that was asked of it. Rules are kept as they are written. */
function fakeKernel() {
  const asked: string[] = []
  /** How often each is refused from now on. */
  const failing = new Map<string, number>()
  const servers = new Map<string, Map<string, string>>()
  const sets = new Map<string, Set<string>>()
  const rules: string[] = []
  const addresses: LinkAddress[] = [{ link: 'eth0', ip: '192.0.2.1' }]
  let connections = ''
  const ask = (what: string) => {
    asked.push(what)
    const times = failing.get(what) ?? 0
    failing.set(what, times - 1)
    if (times > 0) throw new Error(`${what} was refused`)
  }
  const lines = (text: string) => text.split('\n').filter(Boolean)
  const clock = createManualClock()
  const backend = createIpvsBackend({
    clock, clusterCIDRs: ['10.244.0.0/16'], nodePortAddresses: [],
    ipvs: {
      unsupported: async () => undefined,
      async save() {
        ask('servers?')
        return [...servers].flatMap(([server, reals]) => [`-A ${server} -s rr`, ...[...reals].map(([real, weight]) => `-a ${server} -r ${real} -m -w ${weight}`)]).join('\n')
      },
      async remove(gone) { for (const server of gone) servers.delete(server) },
      async connections() { ask('connections?'); return connections },
      async restore(text) {
        if (text) ask('servers')
        for (const line of lines(text)) {
          const [, verb, server = '', , real = '', weight = ''] = /^(-\w) (-\w \S+)( -r (\S+))?(?: -m -w (\d+))?/.exec(line) ?? []
          if (verb === '-A') servers.set(server, new Map())
          else if (verb === '-D') servers.delete(server)
          else if (verb === '-d') servers.get(server)!.delete(real)
          else if (verb !== '-E') servers.get(server)!.set(real, weight)
        }
      },
    },
    ipset: {
      unsupported: async () => undefined,
      async save() { ask('sets?'); return [...sets].flatMap(([name, members]) => [`create ${name} x`, ...[...members].map((text) => `add ${name} ${text}`)]).join('\n') },
      async restore(text) {
        if (text) ask('sets')
        for (const line of lines(text)) {
          const [verb, name = '', ...rest] = line.split(' ')
          if (verb === 'create') sets.set(name, new Set())
          else if (verb === 'add') sets.get(name)!.add(rest.join(' '))
          else if (verb === 'del') sets.get(name)!.delete(rest.join(' '))
          else sets.delete(name)
        }
      },
    },
    iptables: {
      unsupported: async () => undefined,
      async save(family) { ask(`${family} rules?`); return rules.join('\n') },
      async restore(family, text) { ask(`${family} rules`); rules.splice(0, rules.length, ...lines(text).filter((line) => !/^-[DX]|COMMIT/.test(line) && !text.includes('\n-X')).map((line) => line.replace('-I', '-A'))) },
    },
    link: {
      async addresses() { ask('addresses?'); return [...addresses] },
      async change(add, remove) {
        ask('addresses')
        addresses.push(...add.map((ip) => ({ link: ipvsLink, ip })))
        addresses.splice(0, addresses.length, ...addresses.filter(({ link, ip }) => link !== ipvsLink || !remove.includes(ip)))
      },
      async remove() { addresses.splice(0, addresses.length, ...addresses.filter(({ link }) => link !== ipvsLink)) },
    },
    sysctl: { get: async () => undefined, set: async () => true },
    conntrack: { async deleteUdp({ dst, port }) { ask(`forget ${dst}:${port}`); return 1 }, listUdp: async () => [] },
  })
  return {
    backend, clock, servers, sets, addresses, failing,
    talk(active: number) { connections = `TCP  0A60000A:0050 rr \n  -> 0AF40102:1F90 Masq 0 ${active} 0\n` },
    /** Since it was called last. */
    asked: () => asked.splice(0),
  }
}

test('what is known is not looked at again: one program for each thing that changes', async () => {
  const { backend, asked } = fakeKernel()
  await backend.apply(table(aRoute({ internal: [a] })))
  expect(asked()).toEqual(['servers?', 'sets?', 'addresses?', 'sets', 'IPv4 rules?', 'IPv4 rules', 'IPv4 rules?', 'servers', 'addresses'])
  await backend.apply(table(aRoute({ internal: [a, b] })))
  expect(asked()).toEqual(['sets', 'servers'])
  await backend.apply(table(aRoute({ internal: [a, b] })))
  expect(asked()).toEqual([])
  await backend.apply(table(aRoute({ internal: [a, b] }), aRoute({ id: 'default/dns:udp', protocol: 'UDP', port: 53, clusterIP: '10.96.0.11', internal: [a] })))
  expect(asked()).toEqual(['sets', 'servers', 'addresses', 'forget 10.96.0.11:53'])
})

test('flows of UDP that began before there was a proxy are forgotten, too', async () => {
  const { backend, asked } = fakeKernel()
  await backend.apply(table(aRoute({ protocol: 'UDP', port: 53, internal: [a] })))
  expect(asked()).toContain('forget 10.96.0.10:53')
})

test('nothing is intact before the first table, after one that failed, and where the node has other addresses', async () => {
  const { backend, failing, asked, addresses } = fakeKernel()
  expect(await backend.intact()).toBe(false)
  await backend.apply(table(aRoute()))
  expect(await backend.intact()).toBe(true)
  failing.set('servers', 1)
  await expect(backend.apply(table(aRoute({ internal: [] })))).rejects.toThrow('refused')
  asked()
  expect(await backend.intact()).toBe(false)
  expect(asked()).toEqual([])
  await backend.apply(table(aRoute({ internal: [] })))
  // The rules are as they were written.
  expect(asked()).toEqual(['servers?', 'sets?', 'addresses?', 'IPv4 rules?', 'servers', 'addresses'])
  expect(await backend.intact()).toBe(true)
  addresses.push({ link: 'eth1', ip: '192.0.2.7' })
  expect(await backend.intact()).toBe(false)
  await backend.apply(table(aRoute({ internal: [] })))
  expect(await backend.intact()).toBe(true)
})

test('what cannot be written after a look is written after another, as a look may miss something', async () => {
  const { backend, failing, asked } = fakeKernel()
  failing.set('servers', 1)
  await backend.apply(table(aRoute()))
  expect(asked().filter((what) => what === 'servers?')).toHaveLength(2)
  expect(await backend.intact()).toBe(true)
  const next = fakeKernel()
  next.failing.set('addresses', 2)
  await expect(next.backend.apply(table(aRoute()))).rejects.toThrow('refused')
})

test('a real server that is given up goes with its last connection, which is looked for ever less often', async () => {
  const { backend, clock, servers, asked, talk } = fakeKernel()
  const reals = () => Object.fromEntries(servers.get('-t 10.96.0.10:80')!)
  await backend.apply(table(aRoute({ internal: [a, b] })))
  talk(1)
  await backend.apply(table(aRoute({ internal: [a] })))
  expect(reals()).toEqual({ '10.244.0.2:8080': '1', '10.244.1.2:8080': '0' })
  asked()
  await clock.advance(60_000)
  // After 1, 3, 7, 15 seconds, and then every 15.
  expect(asked()).toEqual(Array.from({ length: 7 }, () => 'connections?'))
  expect(await backend.intact()).toBe(true)
  talk(0)
  await clock.advance(15_000)
  expect(reals()).toEqual({ '10.244.0.2:8080': '1' })
  expect(await backend.intact()).toBe(true)
})

test('… or after a quarter of an hour', async () => {
  const { backend, clock, servers, talk } = fakeKernel()
  await backend.apply(table(aRoute({ internal: [a, b] })))
  talk(3)
  await backend.apply(table(aRoute({ internal: [a] })))
  await clock.advance('14m')
  expect(servers.get('-t 10.96.0.10:80')!.size).toBe(2)
  await clock.advance('2m')
  expect(servers.get('-t 10.96.0.10:80')!.size).toBe(1)
})

test('one that is stopped touches nothing any more: another may have taken over', async () => {
  const { backend, clock, asked } = fakeKernel()
  await backend.apply(table(aRoute({ internal: [a, b] })))
  await backend.apply(table(aRoute({ internal: [a] })))
  await backend.stop!()
  asked()
  await clock.advance('20m')
  expect(asked()).toEqual([])
})

test('clean-up takes all that is ours, and leaves what is not', async () => {
  const { backend, servers, sets, addresses } = fakeKernel()
  servers.set('-t 192.0.2.77:80', new Map())
  await backend.apply(table(aRoute({ internal: [a] })))
  expect([...servers.keys()]).toEqual(['-t 192.0.2.77:80', '-t 10.96.0.10:80'])
  await backend.cleanup()
  expect([[...servers.keys()], [...sets.keys()], addresses]).toEqual([['-t 192.0.2.77:80'], [], [{ link: 'eth0', ip: '192.0.2.1' }]])
  expect(await backend.intact()).toBe(false)
})
