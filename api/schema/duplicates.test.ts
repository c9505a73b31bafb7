import { expect, test } from 'vitest'
import { duplicateFields } from './duplicates.ts'

test.each([
  ['{"a":1,"b":2}', []],
  ['{"a":1,"a":2,"a":3}', ['a']],
  ['{"a":{"b":[{"c":1,"c":2}]},"a":1}', ['a.b[0].c', 'a']],
  ['{"a":1,"\\u0061":2}', ['a']],
  ['{"\\"":1,"\\"":2,"x\\\\":3,"x\\\\":4}', ['"', 'x\\']],
])('%s', (text, paths) => expect(duplicateFields(text)).toEqual(paths))

test('what is said stays small: neither many times, nor deep below, nor under long names', () => {
  const deep = `${'{"a":'.repeat(3000)}{${'"a":1,'.repeat(100_000)}"a":1}${'}'.repeat(3000)}`
  expect(duplicateFields(deep).map((path) => path.length)).toEqual([1001])
  const long = `{"${'x'.repeat(100_000)}":{${Array.from({ length: 50_000 }, (_, i) => `"k${i % 25_000}":1`).join(',')}}}`
  expect(duplicateFields(long).join('').length).toBeLessThan(1_002_000)
})
