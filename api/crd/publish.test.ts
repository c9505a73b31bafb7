import { expect, test } from 'vitest'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { publishedSchemas } from './publish.ts'

const one = (a: JSONSchemaProps): { v2: any; v3: any } => {
  const { v2, v3 } = publishedSchemas({ type: 'object', properties: { a } }, false) as { v2: any; v3: any }
  return { v2: v2.properties.a, v3: v3.properties.a }
}

test.each<[string, JSONSchemaProps, object, object]>([
  ['plain fields', { type: 'string', description: 'd', pattern: 'x' }, { type: 'string', description: 'd', pattern: 'x' }, { type: 'string', description: 'd', pattern: 'x' }],
  ['what may be null', { type: 'object', nullable: true, properties: { b: { type: 'string' } } }, {}, { type: 'object', nullable: true, properties: { b: { type: 'string' } } }],
  ['unknown fields', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'string' } } }, { 'x-kubernetes-preserve-unknown-fields': true }, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'string' } } }],
  ['alternatives', { type: 'string', anyOf: [{ minLength: 1 }], default: 'd' }, { type: 'string' }, { type: 'string', anyOf: [{ minLength: 1 }], default: 'd' }],
  ['whole numbers or strings', { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }, { 'x-kubernetes-int-or-string': true }, { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }],
  ['required fields that may be null', { type: 'object', required: ['b', 'c'], properties: { b: { type: 'string', nullable: true }, c: { type: 'string' } } }, { type: 'object', required: ['c'], properties: { b: {}, c: { type: 'string' } } }, { type: 'object', required: ['b', 'c'], properties: { b: { type: 'string', nullable: true }, c: { type: 'string' } } }],
])('%s', (_, schema, v2, v3) => expect(one(schema)).toEqual({ v2, v3 }))

test('every object has its kind and metadata, embedded ones too', () => {
  const { v2, v3 } = publishedSchemas({ type: 'object', properties: { e: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'string' } } } } }, false) as { v2: any; v3: any }
  expect(Object.keys(v3.properties)).toEqual(['apiVersion', 'kind', 'metadata', 'e'])
  expect(v2.properties.metadata.$ref).toBe('#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  expect(v3.properties.e).toMatchObject({ required: ['kind', 'apiVersion'], properties: { metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] } } })
  expect(publishedSchemas({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, false).v2).toEqual({ type: 'object' })
})
