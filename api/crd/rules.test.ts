import { expect, test } from 'vitest'
import { print } from '../kinds/testing.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { rulesOf } from './rules.ts'

const spec = (rules: JSONSchemaProps['x-kubernetes-validations'], properties: Record<string, JSONSchemaProps> = {}): JSONSchemaProps => ({
  type: 'object',
  properties: { spec: { type: 'object', 'x-kubernetes-validations': rules, properties: { n: { type: 'integer' }, s: { type: 'string' }, 'a-b': { type: 'string' }, when: { type: 'string', format: 'date-time' }, q: { 'x-kubernetes-int-or-string': true }, l: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, ...properties } } },
})
const told = (schema: JSONSchemaProps, value: object, old?: object): string[] => rulesOf(schema)!.check({ metadata: { name: 'x' }, spec: value }, old && { metadata: { name: 'x' }, spec: old }).map(print)

test('without rules there is nothing to ask', () => expect(rulesOf({ type: 'object' })).toBeUndefined())

test.each<[string, object, object]>([
  ['self.n > 3', { n: 4 }, { n: 3 }],
  ["self.a__dash__b == 'x'", { 'a-b': 'x' }, { 'a-b': 'y' }],
  ["self.when > timestamp('2020-01-01T00:00:00Z')", { when: '2021-01-01T00:00:00Z' }, { when: '2019-01-01T00:00:00Z' }],
  ["type(self.q) == int ? self.q > 1 : self.q == 'x'", { q: 2 }, { q: 'y' }],
  ["self.l == ['b', 'a']", { l: ['a', 'b'] }, { l: ['a'] }],
  ["has(self.s) && self.s.matches('^a+$')", { s: 'aa' }, {}],
  ['self.l.all(x, x.size() < 3)', { l: ['a'] }, { l: ['abcd'] }],
])('%s', (rule, good, bad) => {
  expect(told(spec([{ rule }]), good)).toEqual([])
  expect(told(spec([{ rule }]), bad)).toEqual([`spec: Invalid value: failed rule: ${rule}`])
})

test('the message, the place and the reason are as the rule says', () => {
  expect(told(spec([{ rule: 'self.n > 3', message: ' n is small ', fieldPath: '.n', reason: 'FieldValueForbidden' }]), { n: 1 })).toEqual(['spec.n: Forbidden: n is small'])
  expect(told(spec([{ rule: 'self.n > 3', reason: 'FieldValueRequired', message: 'm' }]), { n: 1 })).toEqual(['spec: Required value: m'])
  expect(told(spec([{ rule: 'self.n > 3', messageExpression: "'n is ' + string(self.n)" }]), { n: 1 })).toEqual(['spec: Invalid value: n is 1'])
  expect(told(spec([{ rule: 'self.n > 3', messageExpression: "self.l[7]", message: 'fallback' }]), { n: 1, l: [] })).toEqual(['spec: Invalid value: fallback'])
})

test('transition rules are asked of changes only, unless they say otherwise', () => {
  const schema = spec([{ rule: 'self.n >= oldSelf.n', message: 'n only grows' }])
  expect(told(schema, { n: 1 })).toEqual([])
  expect(told(schema, { n: 1 }, { n: 2 })).toEqual(['spec: Invalid value: n only grows'])
  const optional = spec([{ rule: 'oldSelf.hasValue() || self.n == 0', optionalOldSelf: true, message: 'begins at 0' }])
  expect(told(optional, { n: 1 })).toEqual(['spec: Invalid value: begins at 0'])
  expect(told(optional, { n: 1 }, { n: 0 })).toEqual([])
})

test('a broken rule is let pass while its value stays as it was', () => {
  const schema = spec([{ rule: 'self.n > 3' }])
  expect(told(schema, { n: 1 }, { n: 1 })).toEqual([])
  expect(told(schema, { n: 2 }, { n: 1 })).toHaveLength(1)
})

test('a rule that never compiled is told with every object', () => {
  expect(told(spec([{ rule: 'self.none == 1' }]), { n: 1 })[0]).toMatch(/^spec: Invalid value: "object": rule compile error: compilation failed/)
})

test('what fails while it runs is told, and what costs too much stops all', () => {
  expect(told(spec([{ rule: 'self.l[5] == "a"' }]), { l: [] })[0]).toMatch(/^spec: Invalid value: "object": .* evaluating rule: self.l\[5\] == "a"$/)
  const l = Array.from({ length: 400 }, (_, i) => `v${i}`)
  const dear = told(spec([{ rule: 'self.l.all(x, self.l.all(y, self.l.all(z, x != y || y != z || x == z)))' }, { rule: 'false' }]), { l })
  expect(dear).toHaveLength(1)
  expect(dear[0]).toContain('no further validation rules will be run due to call cost exceeds limit for rule')
})
