import { expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { FlowTable } from './flow-table.ts'

const start = (limit = 10) => {
  const clock = createManualClock()
  const table = new FlowTable({ clock, idleMs: 30_000, limit })
  const ended: string[] = []
  const flow = (name: string) => ({ end: () => void ended.push(name) })
  return { clock, table, ended, flow }
}

test('a silent flow ends, one in use does not', async () => {
  const { clock, table, ended, flow } = start()
  const [a, b] = [flow('a'), flow('b')]
  table.touch(a)
  await clock.advance('10s')
  table.touch(b)
  await clock.advance('10s')
  table.touch(a)
  await clock.advance('19s')
  expect(ended).toEqual([])
  await clock.advance('1s')
  expect(ended).toEqual(['b'])
  await clock.advance('10s')
  expect(ended).toEqual(['b', 'a'])
  expect([table.size, clock.next]).toEqual([0, undefined])
})

test('the longest silent one makes room', () => {
  const { table, ended, flow } = start(2)
  const [a, b, c] = [flow('a'), flow('b'), flow('c')]
  for (const used of [a, b, a, c]) table.touch(used)
  expect([ended, table.size]).toEqual([['b'], 2])
})

test('no timer is left when all have ended by themselves', () => {
  const { clock, table, ended, flow } = start()
  const a = flow('a')
  table.touch(a)
  table.remove(a)
  expect([ended, clock.next]).toEqual([[], undefined])
})
