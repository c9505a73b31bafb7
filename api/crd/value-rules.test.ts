import { expect, test } from 'vitest'
import { print } from '../kinds/testing.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { Correlation } from './correlation.ts'
import { validateValue } from './value-rules.ts'

const one = (schema: JSONSchemaProps): JSONSchemaProps => ({ type: 'object', properties: { a: schema } })
const wrong = (schema: JSONSchemaProps, a: unknown): string[] => validateValue({ a }, one(schema)).map(print)
const told = (text: string): string => `a: Invalid value: ${text}`

test.each<[JSONSchemaProps, unknown, unknown, string]>([
  [{ type: 'integer' }, 3, 'x', told('"string": a in body must be of type integer: "string"')],
  [{ type: 'integer' }, 3, 1.5, told('"number": a in body must be of type integer: "number"')],
  [{ type: 'number' }, 3, true, told('"boolean": a in body must be of type number: "boolean"')],
  [{ type: 'string' }, '', null, told('"null": a in body must be of type string: "null"')],
  [{ type: 'string', nullable: true }, null, 1, told('"integer": a in body must be of type string: "integer"')],
  [{ 'x-kubernetes-int-or-string': true }, '1', 1.5, told('"number": a in body must be of type integer,string: "number"')],
  [{ type: 'integer', format: 'int32' }, 2147483647, 2147483648, '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
  [{ type: 'integer', maximum: 5 }, 5, 6, told('6: a in body should be less than or equal to 5')],
  [{ type: 'integer', maximum: 5, exclusiveMaximum: true }, 4, 5, told('5: a in body should be less than 5')],
  [{ type: 'number', minimum: 1.5 }, 1.5, 1.4, told('1.4: a in body should be greater than or equal to 1.5')],
  [{ type: 'number', multipleOf: 0.1 }, 0.3, 0.35, told('0.35: a in body should be a multiple of 0.1')],
  [{ type: 'string', minLength: 2 }, 'ää', '💥', told('"💥": a in body should be at least 2 chars long')],
  [{ type: 'string', maxLength: 2 }, '💥💥', 'abc', 'a: Too long: may not be more than 2 bytes'],
  [{ type: 'string', pattern: '^a+$' }, 'aa', 'b', told(`"b": a in body should match '^a+$'`)],
  [{ type: 'string', enum: ['x', 'y'] }, 'x', 'z', 'a: Unsupported value: "z": supported values: "x", "y"'],
  [{ type: 'integer', enum: [1, 2] }, 1, 3, 'a: Unsupported value: 3: supported values: "1", "2"'],
  [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, ['a'], ['a', 'b'], 'a: Too many: 2: must have at most 1 items'],
  [{ type: 'array', items: { type: 'string' }, minItems: 1 }, ['a'], [], told('0: a in body should have at least 1 items')],
  [{ type: 'array', items: { type: 'string' } }, ['a'], ['a', 1], 'a[1]: Invalid value: "integer": a[1] in body must be of type string: "integer"'],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, { b: 1 }, { b: 'c' }, 'a.b: Invalid value: "string": a.b in body must be of type integer: "string"'],
  [{ type: 'object', maxProperties: 1 }, { b: 1 }, { b: 1, c: 1 }, 'a: Too many: 2: must have at most 1 items'],
  [{ type: 'object', required: ['b'], properties: { b: { type: 'string' } } }, { b: '' }, {}, 'a.b: Required value'],
  [{ type: 'string', format: 'ipv4' }, '10.0.0.1', '10.0.0', told('"10.0.0": a in body must be of type ipv4: "10.0.0"')],
  [{ type: 'string', format: 'unheard-of' }, 'x', 1, told('"integer": a in body must be of type string: "integer"')],
  [{ type: 'string', not: { enum: ['no'] } }, 'yes', 'no', '<nil>: Invalid value: "": "a" must not validate the schema (not)'],
])('%j takes %j and refuses %j', (schema, good, bad, message) => {
  expect(wrong(schema, good)).toEqual([])
  expect(wrong(schema, bad)).toEqual([message])
})

test('a long list is held against a long enumeration at once', () => {
  const values = Array.from({ length: 50_000 }, (_, i) => `v${i}`)
  const schema: JSONSchemaProps = { type: 'array', items: { type: 'string', enum: values } }
  expect(wrong(schema, values.toReversed())).toEqual([])
  expect(wrong({ type: 'array', items: { type: 'object', enum: [null, { a: 1 }] } }, [{ a: 1 }])).toEqual([])
  expect(wrong(schema, ['v0', 'w'])).toEqual([expect.stringMatching(/^a\[1\]: Unsupported value: "w": supported values: "v0", "v1", /)])
})

test('what is wrong below a very long key is told once and not a hundred thousand times', () => {
  const schema: JSONSchemaProps = { type: 'object', additionalProperties: { type: 'object', additionalProperties: { type: 'string' } } }
  const told = wrong(schema, { ['x'.repeat(500_000)]: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i])) })
  expect(told.length).toBe(2)
})

test('of alternatives that all fail, the one that came closest is told', () => {
  const schema: JSONSchemaProps = { type: 'object', properties: { b: { type: 'string' }, c: { type: 'integer' } }, anyOf: [{ required: ['b'] }, { required: ['c'], properties: { c: { minimum: 5 } } }] }
  expect(wrong(schema, { c: 5 })).toEqual([])
  expect(wrong(schema, { c: 1 })).toEqual(['<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)', 'a.c: Invalid value: 1: a.c in body should be greater than or equal to 5'])
  const either: JSONSchemaProps = { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] }
  expect(wrong(either, { b: 1, c: 1 })).toEqual(['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives'])
  const all: JSONSchemaProps = { type: 'integer', allOf: [{ minimum: 2 }, { maximum: 1 }] }
  expect(wrong(all, 2)).toEqual(['a: Invalid value: 2: a in body should be less than or equal to 1', '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)'])
})

test('what is wrong and did not change is let pass, item by item where items are known', () => {
  const items: JSONSchemaProps = { type: 'object', required: ['k'], properties: { k: { type: 'string' }, n: { type: 'integer', maximum: 1 } } }
  const schema = one({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items })
  const old = { a: [{ k: 'x', n: 5 }, { k: 'y', n: 6 }] }
  const update = (a: unknown) => validateValue({ a }, schema, '', new Correlation({ a }, old, schema)).map(({ field }) => field)
  expect(update([{ k: 'y', n: 6 }, { k: 'z', n: 1 }, { k: 'x', n: 5 }])).toEqual([])
  expect(update([{ k: 'x', n: 7 }, { k: 'y', n: 6 }])).toEqual(['a[0].n'])
})
