import { describe, expect, test } from 'vitest'
import { aRoute } from '../testing/objects.ts'
import { createRandom, createRandomCluster, seed } from '../testing/random.ts'
import { FamilyTable } from './family-table.ts'
import { dataOf, elementsOf, setNames } from './rows.ts'
import { mostLanes, SlotPool } from './slots.ts'

const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.0.3', port: 8080 }

describe('a change is written as the rows that changed', () => {
  const start = aRoute({ internal: [a], external: [a] })
  const settled = () => {
    const table = new FamilyTable('ipv4', { clusterCIDRs: ['10.244.0.0/16'], nodePortAddresses: [] })
    table.update([start])
    table.settle()
    return table
  }

  test('nothing changed: no transaction', () => {
    const table = settled()
    table.update([start])
    expect(table.deltaText()).toBe('')
  })

  test('an endpoint more: a chain for two, the route moves to it, the old chain goes last', () => {
    const table = settled()
    table.update([aRoute({ internal: [a, b], external: [a] })])
    const lines = table.deltaText().trim().split('\n')
    // Rules that nft 1.0.6 spoils, thrown away at once.
    expect(lines.filter((line) => line.includes(' spare')).at(-1)).toBe('flush chain ip k8ts-proxy spare')
    expect(lines.filter((line) => !line.includes(' spare'))).toEqual([
      'add chain ip k8ts-proxy service-of-2-lane-0',
      'add rule ip k8ts-proxy service-of-2-lane-0 dnat ip to ip daddr . meta l4proto . th dport . numgen inc mod 2 map @service-endpoints',
      'delete element ip k8ts-proxy service-ips { 10.96.0.10 . tcp . 80 }',
      'add element ip k8ts-proxy service-ips { 10.96.0.10 . tcp . 80 : goto service-of-2-lane-0 }',
      'add element ip k8ts-proxy service-endpoints { 10.96.0.10 . tcp . 80 . 1 : 10.244.0.3 . 8080 }',
      'add element ip k8ts-proxy hairpins { 10.244.0.3 . 10.244.0.3 }',
      'delete chain ip k8ts-proxy service-of-1-lane-0',
    ])
  })

  test('rows that two routes share go with the last of them', () => {
    const table = settled()
    const second = aRoute({ id: 'default/web:https/tcp', port: 443, internal: [a], external: [a] })
    table.update([start, second])
    expect(table.deltaText()).not.toContain('cluster-ips')
    table.settle()
    table.update([second])
    expect(table.deltaText()).not.toContain('cluster-ips')
    table.settle()
    table.update([])
    expect(table.deltaText()).toContain('delete element ip k8ts-proxy cluster-ips { 10.96.0.10 }')
  })

  test('two Services that claim one node port: the first by name has it until it goes', () => {
    const table = new FamilyTable('ipv4', { clusterCIDRs: [], nodePortAddresses: [] })
    const first = aRoute({ nodePort: 30080, external: [a] })
    const second = aRoute({ id: 'default/api:http/tcp', clusterIP: '10.96.0.11', nodePort: 30080, external: [a, b] })
    table.update([first, second])
    expect(table.fullText()).toContain('tcp . 30080 : goto nodeport-of-2-lane-0')
    table.settle()
    table.update([first])
    expect(table.deltaText()).toContain('add element ip k8ts-proxy service-nodeports { tcp . 30080 : goto nodeport-of-1-lane-0 }')
  })
})

test('each route has a lane of its own until they run out, then the least used is shared', () => {
  const pool = new SlotPool()
  const taken = Array.from({ length: mostLanes }, () => pool.take('service', 3))
  expect(new Set(taken.map((slot) => slot.chain)).size).toBe(mostLanes)
  expect(pool.take('service', 3).lane).toBe(0)
  pool.release(taken[5]!)
  expect(pool.isFree(taken[5]!)).toBe(true)
  expect(pool.take('service', 3).lane).toBe(5)
  expect(pool.take('service', 3).lane).toBe(1)
})

test('lanes are shared evenly, whoever comes and goes', () => {
  const { below, chance } = createRandom(seed)
  const pool = new SlotPool()
  const held = Array.from({ length: 5 * mostLanes }, () => pool.take('service', 3))
  for (let turn = 0; turn < 20_000; turn++) {
    if (chance(2) && held.length > 0) pool.release(held.splice(below(held.length), 1)[0]!)
    else {
      const counts = Array.from({ length: mostLanes }, () => 0)
      if (turn % 100 === 0) for (const { lane } of held) counts[lane] = counts[lane]! + 1
      const slot = pool.take('service', 3)
      if (turn % 100 === 0) expect(counts[slot.lane]).toBe(Math.min(...counts))
      held.push(slot)
    }
  }
})

test('late kinds have a few lanes all the same, and one endpoint needs no more than one', () => {
  const pool = new SlotPool()
  for (let number = 0; number < mostLanes; number++) pool.take('service', 3)
  expect(new Set(Array.from({ length: 100 }, () => pool.take('nodeport', 2).chain)).size).toBe(16)
  expect(new Set(Array.from({ length: 100 }, () => pool.take('service', 1).chain))).toEqual(new Set(['service-of-1-lane-0']))
})

describe(`whatever changes (seed ${seed})`, () => {
  const surroundings = { clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/32'], nodePortAddresses: [] }
  /** What a transaction makes of a table, as far as names of lanes, which depend on who came first, do not matter. */
  const contents = (table: FamilyTable): string[] => {
    const rows = setNames.flatMap((set) => [...table.rows.rowsIn(set)].map(([key, value]) => `${set} ${key} ${value.replace(/-lane-\d+/, '')}`))
    const chains = [...table.chains.values()].map(({ rules, name }) => `${name.replace(/-lane-\d+/, '')} ${rules.join('; ')}`)
    return [...rows, ...new Set(chains), ...table.memories().map(({ name, targets }) => `${name} ${JSON.stringify(targets)}`)].sort()
  }

  test.for(['ipv4', 'ipv6'] as const)('%s: changes lead where the whole table leads, and each step is written', (family) => {
    const cluster = createRandomCluster(seed + 1)
    const table = new FamilyTable(family, surroundings)
    table.settle()
    const kernel = new Set<string>()
    for (let step = 0; step < 300; step++) {
      cluster.act()
      const { table: wanted, changes } = cluster.tracker.update()
      if (step % 50 === 49) table.update(wanted.routes)
      else table.change(changes)
      play(table.deltaText(), kernel, step)
      table.settle()
      const whole = new FamilyTable(family, surroundings)
      whole.update(wanted.routes)
      expect(contents(table), `step ${step}`).toEqual(contents(whole))
      const rows = setNames.flatMap((set) => [...table.rows.rowsIn(set)].flatMap(([key, value]) => elementsOf(set, key, value).map((element) => `${set} ${element} : ${dataOf(set, value)}`)))
      expect([...kernel].sort()).toEqual(rows.sort())
    }
  })

  /** Elements as the kernel would have them after a transaction: one that is added twice, or deleted without being there, is refused. */
  function play(text: string, kernel: Set<string>, step: number): void {
    for (const line of text.split('\n')) {
      const [, verb, set, list] = /^(add|delete) element \S+ \S+ (\S+) \{ (.*) \}$/.exec(line) ?? []
      for (const element of list?.split(', ') ?? []) {
        const [key, data = ''] = element.split(' : ')
        const there = [...kernel].find((known) => known.startsWith(`${set} ${key} : `))
        if ((verb === 'add') === (there !== undefined)) throw new Error(`step ${step}: ${line}, where the kernel has ${there}`)
        if (there) kernel.delete(there)
        else kernel.add(`${set} ${key} : ${data}`)
      }
    }
  }
})
