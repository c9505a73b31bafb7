import { expect, test } from 'vitest'
import { applyDefaults } from './defaulting.ts'

test('defaults are filled in, and copies are each their own', () => {
  const schema = { type: 'object', properties: { a: { type: 'object', default: { x: 1 }, properties: { x: { type: 'integer' }, y: { type: 'string', default: 'z' } } } } }
  const [one, other]: [any, any] = [{}, {}]
  expect([applyDefaults(one, schema), applyDefaults(other, schema)]).toEqual([true, true])
  expect(one).toEqual({ a: { x: 1, y: 'z' } })
  expect(one.a).not.toBe(other.a)
})

test('a short body does not grow without end', () => {
  const item = { type: 'object', properties: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, { type: 'string', default: 'x'.repeat(1000) }])) }
  const value = Array.from({ length: 10_000 }, () => ({}))
  expect(applyDefaults(value, { type: 'array', items: item })).toBe(false)
  expect(JSON.stringify(value).length).toBeLessThan(4 * 1024 * 1024)
})
