import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../object.ts'
import { print } from '../kinds/testing.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { resourceSchema } from './resource-schema.ts'
import type { ResourceSchema } from './resource-schema.ts'

const shaped = (properties: Record<string, JSONSchemaProps>, keepUnknown = false): ResourceSchema => {
  const version: any = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }
  return resourceSchema(version, 'Widget', keepUnknown)
}
const object = (more: object): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'x' }, ...more })
const decoded = (properties: Record<string, JSONSchemaProps>, value: object) => shaped(properties).decode(object(value), 'Warn')

describe('decoding', () => {
  const free: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  test.each<[string, Record<string, JSONSchemaProps>, object, object, string[]]>([
    ['unknown fields', { a: { type: 'object', properties: { b: { type: 'string' } } } }, { a: { b: 'x', c: 1 }, d: 2 }, { a: { b: 'x' } }, ['a.c', 'd']],
    ['those in lists', { a: { type: 'array', items: { type: 'object', properties: { b: { type: 'string' } } } } }, { a: [{ b: 'x', c: 1 }] }, { a: [{ b: 'x' }] }, ['a[0].c']],
    ['none where they may be', { a: { ...free, properties: { b: { type: 'object' } } } }, { a: { b: { no: 1 }, c: { yes: 1 } } }, { a: { b: {}, c: { yes: 1 } } }, ['a.b.no']],
    ['none of a map', { a: { type: 'object', additionalProperties: { type: 'object', properties: { b: { type: 'string' } } } } }, { a: { k: { b: 'x', c: 1 } } }, { a: { k: { b: 'x' } } }, ['a.k.c']],
    ['nulls where there may be none', { a: { type: 'string' }, b: { type: 'string', nullable: true }, c: { type: 'string', default: 'd' } }, { a: null, b: null, c: null }, { b: null, c: null }, []],
    ['metadata that nobody knows', {}, { metadata: { name: 'x', colour: 'red' } }, {}, ['metadata.colour']],
    ['metadata within metadata', { a: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } }, { a: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', colour: 1 }, spec: 1 } }, { a: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: 1 } }, ['a.metadata.colour']],
  ])('drops %s', (_, properties, value, left, unknown) => {
    const { object: made, warnings } = decoded(properties, value)
    expect(made).toEqual(object(left))
    expect(warnings).toEqual(unknown.map((path) => `unknown field "${path}"`))
  })

  test('sorts keys, so that equal objects have equal text', () => {
    const properties = { a: free, b: free }
    expect(JSON.stringify(decoded(properties, { b: { y: 1, x: 2 }, a: {} }).object)).toBe(JSON.stringify(decoded(properties, { a: {}, b: { x: 2, y: 1 } }).object))
  })

  test('refuses metadata of a wrong type, strict readers unknown and doubled fields too', () => {
    const { decode } = shaped({ a: { type: 'string' } })
    expect(() => decode(object({ metadata: { name: 'x', labels: { a: 1 } } }), 'Ignore')).toThrow('Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string')
    expect(() => decode(object({ b: 1 }), 'Strict', '{"a":"x","a":"y","b":1}')).toThrow('strict decoding error: duplicate field "a", unknown field "b"')
    expect(decode(object({ b: 1 }), 'Ignore').warnings).toEqual([])
    let deep: unknown = 1
    for (let i = 0; i < 2000; i++) deep = { a: deep }
    expect(() => decode(object({ a: deep }), 'Ignore')).toThrow('exceeded max depth')
  })

  test('keeps all of it where the definition says so', () => {
    expect(shaped({}, true).decode(object({ any: { thing: 1 } }), 'Strict').object).toEqual(object({ any: { thing: 1 } }))
  })
})

describe('defaults', () => {
  const properties: Record<string, JSONSchemaProps> = {
    a: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 1 } } },
    l: { type: 'array', items: { type: 'object', properties: { c: { type: 'string', default: 'c' } } } },
    m: { type: 'object', additionalProperties: { type: 'object', properties: { d: { type: 'boolean', default: true } } } },
  }
  const { default: fill, settle } = shaped(properties)

  test('fill what is absent, and what they filled in', () => {
    const made = object({ l: [{}, { c: 'x' }], m: { k: {} } })
    fill(made)
    expect(made).toEqual(object({ a: { b: 1 }, l: [{ c: 'c' }, { c: 'x' }], m: { k: { d: true } } }))
    const again = structuredClone(made)
    fill(again)
    expect(again).toEqual(made)
  })

  test('an object that has its form already stays the same one', () => {
    const whole = object({ a: { b: 2 }, l: [{ c: 'x' }] })
    expect(settle(whole, true)).toBe(whole)
    expect(settle(object({ old: 1 }), true)).toEqual(object({ a: { b: 1 } }))
    expect(settle(object({ old: 1 }), false)).toEqual(object({}))
  })
})

describe('validation', () => {
  test('looks into resources within resources', () => {
    const { validate } = shaped({ a: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } })
    expect(validate(object({ a: { kind: '1', metadata: { labels: { 'a b': 'c' } } } })).map(print).map((text) => text.slice(0, 60))).toEqual([
      'a.apiVersion: Required value', 'a.kind: Invalid value: "1": may have mixed case, but should ', 'a.metadata.labels: Invalid value: "a b": name part must cons',
    ])
  })

  test('finds doubles in sets and maps', () => {
    const { validate, validateUpdate } = shaped({
      s: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      m: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' } } } },
    })
    const doubled = object({ s: ['a', 'b', 'a', 'a'], m: [{ k: 'x' }, { k: 'x', n: 1 }] })
    expect(validate(doubled).map(print)).toEqual(['s[2]: Duplicate value: "a"', 'm[1]: Duplicate value: {"k":"x"}'])
    expect(validateUpdate(doubled, doubled)).toEqual([])
  })

  test('asks no rules about what has the wrong form', () => {
    const { validate } = shaped({ a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.size() > 3', message: 'too short' }] } })
    expect(validate(object({ a: 'ab' })).map(print)).toEqual(['a: Invalid value: "ab": too short'])
    expect(validate(object({ a: 1 })).map(print)).toEqual([
      'a: Invalid value: "integer": a in body must be of type string: "integer"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ])
  })

  test('judges the status alone through its view', () => {
    const { validateStatus } = shaped({ spec: { type: 'string' }, status: { type: 'object', properties: { n: { type: 'integer', maximum: 1 } } } })
    expect(validateStatus(object({ spec: 5, status: { n: 2 } }), object({})).map(print)).toEqual(['status.n: Invalid value: 2: n in body should be less than or equal to 1'])
    expect(validateStatus(object({ status: { n: 2 } }), object({ status: { n: 2 } }))).toEqual([])
  })
})
