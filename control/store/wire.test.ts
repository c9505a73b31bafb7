import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../api/object.ts'
import { decodeObject, encodeObject, frameBytes, withRevision } from './wire.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('the stored form', () => {
  it('has no resourceVersion and its head in order', () => {
    const object = { spec: { a: 1 }, metadata: { resourceVersion: '7', name: 'x' }, kind: 'K', apiVersion: 'g/v1' } as unknown as KubeObject
    expect(text(encodeObject(object))).toBe('{"apiVersion":"g/v1","kind":"K","metadata":{"name":"x"},"spec":{"a":1}}')
  })

  it.each([
    ['ours', '{"apiVersion":"v1","kind":"K","metadata":{"name":"x"},"spec":{}}'],
    ['the original\'s', '{"kind":"K","apiVersion":"v1","metadata":{"name":"x"},"data":{"é":"ü"}}'],
    ['empty metadata', '{"apiVersion":"v1","kind":"K","metadata":{}}'],
    ['a field before metadata that looks like it', '{"apiVersion":"v1","data":{"metadata":{"name":"no"}},"kind":"K","metadata":{"name":"x"}}'],
    ['blanks', '{ "apiVersion": "v1", "kind": "K", "metadata": { "name": "x" } }'],
  ])('gets its revision spliced in: %s', (_, stored) => {
    const value = encode(stored)
    const wanted = JSON.parse(stored)
    wanted.metadata.resourceVersion = '42'
    expect(JSON.parse(text(withRevision(value, 42)))).toEqual(wanted)
    expect(decodeObject(value, 42)).toEqual(wanted)
  })

  it('keeps __proto__ as data', () => {
    const value = encode('{"apiVersion":"v1","kind":"K","metadata":{"name":"x"},"data":{"__proto__":"y"}}')
    expect(Object.keys((decodeObject(value, 1) as unknown as { data: object }).data)).toEqual(['__proto__'])
    expect(text(encodeObject(decodeObject(value, 1)))).toContain('"__proto__":"y"')
  })

  it('is framed as one line', () => {
    expect(text(frameBytes('ADDED', encode('{"a":"ü"}')))).toBe('{"type":"ADDED","object":{"a":"ü"}}\n')
  })
})
