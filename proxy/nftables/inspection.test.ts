import { expect, test } from 'vitest'
import type { NftObject } from '../../host/nft.ts'
import { aRoute } from '../testing/objects.ts'
import { FamilyTable } from './family-table.ts'
import { Inspection } from './inspection.ts'
import { dataOf, elementsOf, setNames } from './rows.ts'

const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.0.3', port: 8080 }

/** A kernel that holds what a table says, in its own words, and counts who asks for what. */
function world() {
  const table = new FamilyTable('ipv4', { clusterCIDRs: [], nodePortAddresses: [] })
  const state = { generation: 7, unreadable: false, extra: [] as NftObject[], asked: [] as string[] }
  const rulesOf = (chain: string, expr: unknown): NftObject[] => [{ chain: { table: 'k8ts-proxy', name: chain } }, { rule: { table: 'k8ts-proxy', chain, expr } }]
  const chains = (): NftObject[] => [
    { chain: { table: 'another', name: 'services' } },
    ...rulesOf('services', [{ vmap: '@service-ips' }]),
    ...[...table.chains.values()].flatMap((chain) => rulesOf(chain.name, { kind: chain.kind, mod: Number(/mod (\d+)/.exec(chain.rules.join())![1]), after: 0 })),
  ]
  const sets = (): NftObject[] => setNames.map((name) => ({ set: {
    name, elem: [...table.rows.rowsIn(name)].flatMap(([key, value]) => elementsOf(name, key, value).map((element) => (dataOf(name, value) ? [element, value] : element))),
  } }))
  const inspection = new Inspection({
    family: 'ipv4', table, nft: {
      generation: async () => state.generation,
      async list(what = '') {
        state.asked.push(what)
        if (state.unreadable) throw new Error('nft says no')
        return what.startsWith('ruleset') ? [...chains(), ...state.extra] : [...chains().slice(1), ...sets(), ...state.extra]
      },
    },
  })
  return { table, inspection, state }
}

const written = async () => {
  const made = world()
  made.table.update([aRoute({ internal: [a, b] })])
  made.table.settle()
  made.state.generation = 8
  made.inspection.learnAll(7)
  await made.inspection.learned()
  made.state.asked.length = 0
  return made
}

test('while only we write, a look is one question', async () => {
  const { table, inspection, state } = await written()
  expect(await inspection.intact()).toBe(true)
  table.update([aRoute({ internal: [a] })])
  const [chain] = table.newChains()
  table.settle()
  state.generation += 1
  inspection.wrote()
  inspection.learn([chain!])
  expect(await inspection.intact()).toBe(true)
  // A family's table of its own is a transaction of ours as well.
  state.generation += 1
  inspection.wrote()
  expect(await inspection.intact()).toBe(true)
  expect(state.asked).toEqual([])
})

test('when others wrote, all is read, once', async () => {
  const { inspection, state } = await written()
  state.generation += 1
  expect(await inspection.intact()).toBe(true)
  expect(state.asked).toEqual(['table ip k8ts-proxy'])
  expect(await inspection.intact()).toBe(true)
  expect(state.asked).toHaveLength(1)
})

test('when others wrote just before the whole table was written, or between two of our changes, all is read', async () => {
  const { inspection, state } = await written()
  state.generation += 2
  inspection.wrote()
  expect(await inspection.intact()).toBe(true)
  expect(state.asked).toHaveLength(1)
  state.generation += 2
  inspection.learnAll(state.generation - 2)
  await inspection.learned()
  state.asked.length = 0
  expect(await inspection.intact()).toBe(true)
  expect(state.asked).toHaveLength(1)
})

test.for<{ what: string; extra: NftObject }>([
  { what: 'a rule more', extra: { rule: { table: 'k8ts-proxy', chain: 'services', expr: [{ accept: null }] } } },
  { what: 'a chain more', extra: { chain: { table: 'k8ts-proxy', name: 'stranger' } } },
  { what: 'an element more', extra: { set: { name: 'cluster-ips', elem: ['10.96.0.10', '192.0.2.9'] } } },
  { what: 'an element less', extra: { set: { name: 'hairpins', elem: [] } } },
  { what: 'a rule that counts round otherwise', extra: { rule: { table: 'k8ts-proxy', chain: 'service-of-2-lane-0', expr: [{ drop: null }] } } },
])('is not intact: $what', async ({ extra }) => {
  const { inspection, state } = await written()
  state.generation += 1
  state.extra.push(extra)
  expect(await inspection.intact()).toBe(false)
  expect(await inspection.intact()).toBe(false)
})

test('rules that could not be read when they were written are not taken for right once others wrote', async () => {
  const { inspection, state } = await written()
  state.unreadable = true
  inspection.learnAll(state.generation - 1)
  await inspection.learned()
  state.unreadable = false
  expect(await inspection.intact()).toBe(true)
  state.generation += 1
  expect(await inspection.intact()).toBe(false)
})
