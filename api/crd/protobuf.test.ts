import { expect, test } from 'vitest'
import { decodeMessage } from '../protobuf/decode.ts'
import { encodeMessage } from '../protobuf/encode.ts'
import { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'

test('a schema goes through protobuf whole, its unions in messages of their own', () => {
  const schema = {
    type: 'object', default: { a: [1, null] }, enum: ['x', 1],
    properties: {
      list: { type: 'array', items: { type: 'string' } }, lists: { items: [{ type: 'string' }, { type: 'integer' }] }, map: { type: 'object', additionalProperties: { type: 'array', items: { type: 'number', maximum: 1.5 } } },
      open: { additionalProperties: true }, shut: { additionalProperties: false }, depends: { dependencies: { a: ['b', 'c'], d: { type: 'string' } } },
    },
  }
  expect(decodeMessage(JSONSchemaProps, encodeMessage(JSONSchemaProps, schema))).toEqual(schema)
  // JSONSchemaPropsOrArray { schema = 1 { type = 5 } }, in field 24.
  expect([...encodeMessage(JSONSchemaProps, { items: { type: 'x' } })]).toEqual([0xc2, 0x01, 5, 0x0a, 3, 0x2a, 1, 0x78])
})
