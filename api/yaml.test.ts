import { describe, expect, test } from 'vitest'
import { duplicateYamlKey, parseYaml, parseYamlAll, stringifyYaml } from './yaml.ts'

describe('reading', () => {
  test.each<[string, unknown]>([
    ['a: yes', { a: true }], ['a: off', { a: false }], ['a: y', { a: true }], ['a: "yes"', { a: 'yes' }], ['mode: 0644', { mode: 420 }], ['mode: 0o644', { mode: 420 }], ['a: 0x1F', { a: 31 }], ['a: -12', { a: -12 }],
    ['a: 1_000', { a: 1000 }], ['a: 1.5', { a: 1.5 }], ['a: 1e3', { a: 1000 }], ['port: 80:80', { port: '80:80' }], ['a: 2020-01-01', { a: '2020-01-01' }], ['a: 2020-01-01T00:00:00Z', { a: '2020-01-01T00:00:00Z' }],
    ['a: 100m', { a: '100m' }], ['a: 1.2.3', { a: '1.2.3' }], ['a: 089', { a: 89 }], ['a: ~', { a: null }], ['a:', { a: null }], ['- 1\n- two', [1, 'two']], ['', null], ['# nothing\n', null], ['{"a": [1, "b"]}', { a: [1, 'b'] }],
    ['a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2', { a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } }], ['a: 1\na: 2', { a: 2 }], ['a: |\n  x\n  y\n', { a: 'x\ny\n' }], ['1: a\ntrue: b', { 1: 'a', true: 'b' }],
  ])('%j', (text, value) => expect(parseYaml(text)).toEqual(value))

  test('a stream of documents, the empty ones left out', () => expect(parseYamlAll('---\na: 1\n---\n# none\n---\nb: 2\n---\n')).toEqual([{ a: 1 }, { b: 2 }]))
  test('__proto__ is data', () => {
    const value = parseYaml('__proto__:\n  x: 1\n') as any
    expect([Object.keys(value), value.x, ({} as any).x]).toEqual([['__proto__'], undefined, undefined])
  })
})

describe('refusing', () => {
  test.each(['a: [1', 'a: b: c', '\ta: 1', 'a: "x', '- a\nb: 1', 'a: *none', 'a: !!js/function x'])('%j', (text) => expect(() => parseYaml(text)).toThrow(/^error converting YAML to JSON: yaml: /))
  test('the line is named', () => expect(() => parseYaml('a: 1\nb: [')).toThrow(/yaml: line [23]: /))
  test('a bomb of aliases', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)].join('\n')
    expect(() => parseYaml(bomb)).toThrow('excessive aliasing')
  })
  test('an alias of itself', () => expect(() => parseYaml('a: &a\n  b: *a')).toThrow(/excessive aliasing|recursive/))
  test('nesting without end', () => expect(() => parseYaml('['.repeat(50_000))).toThrow(/^error converting YAML to JSON/))
  test('a text that is nearly blank, and one with too many parts, at once', () => {
    expect(parseYaml(`${'---\n\n'.repeat(60)}# nothing\n`)).toBe(null)
    expect(() => parseYaml(`${'---\n\n'.repeat(60)}x: 1`)).toThrow('single document')
    expect(() => parseYaml(`[${'a,'.repeat(200_000)}]`)).toThrow('more than 100000 lines and items')
  })
  test.each([
    ['a: 1\nb: 2', undefined], ['a: 1\na: 2', 'line 2: key "a"'], ['b:\n  "c d": 2\n  "c d": 3\n', 'line 3: key "c d"'], ["'x': 1\n'x': 1", 'line 2: key "x"'],
    ['x: {a: 1, a: 2}', 'line 1: key "a"'], ['x: {a: {}, a: {}}', 'line 1: key "a"'], ['a:\n  x: 1\na:\n  y: 2', 'line 3: key "a"'], ['- a: 1\n  app.io/x: 1\n  app.io/x: http://y', 'line 3: key "app.io/x"'],
  ])('a key twice in %j is told to those who ask', (text, why) => expect(duplicateYamlKey(text)).toBe(why && `yaml: unmarshal errors:\n  ${why} already set in map`))
})

test('writing, and reading back', () => {
  const shared = { x: 1 }
  const value = { b: 'yes', a: ['1', 1, null, true, '0644', 'a: b', '2020-01-01', 'on', '1e3', '', '~'], c: shared, d: shared, e: {}, f: [], g: 'x\ny\n', h: undefined }
  const text = stringifyYaml(value)
  expect(text).not.toContain('&')
  expect(parseYaml(text)).toEqual(JSON.parse(JSON.stringify(value)))
})
