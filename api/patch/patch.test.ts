import { describe, expect, test } from 'vitest'
import { ApiError } from '../errors.ts'
import { ConfigMap } from '../types/core-v1/config.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { parsePatch, patchObject } from './patch.ts'

const failure = (run: () => unknown): ApiError => {
  try { run() } catch (error) { return error as ApiError }
  throw new Error('did not fail')
}

describe('JSON patch', () => {
  const original = Object.freeze({ a: Object.freeze({ b: Object.freeze([1, 2, 3]), 'x/y~z': 1 }), c: 'd' })
  test.each<[string, unknown[], unknown]>([
    ['add a member', [{ op: 'add', path: '/e', value: 1 }], { ...original, e: 1 }],
    ['insert', [{ op: 'add', path: '/a/b/1', value: 9 }], { a: { b: [1, 9, 2, 3], 'x/y~z': 1 }, c: 'd' }],
    ['append', [{ op: 'add', path: '/a/b/-', value: 9 }], { a: { b: [1, 2, 3, 9], 'x/y~z': 1 }, c: 'd' }],
    ['remove by negative index', [{ op: 'remove', path: '/a/b/-1' }], { a: { b: [1, 2], 'x/y~z': 1 }, c: 'd' }],
    ['replace, escaped', [{ op: 'replace', path: '/a/x~1y~0z', value: 2 }], { a: { b: [1, 2, 3], 'x/y~z': 2 }, c: 'd' }],
    ['replace what is not there', [{ op: 'replace', path: '/q', value: 2 }], { ...original, q: 2 }],
    ['move', [{ op: 'move', from: '/c', path: '/a/c' }], { a: { b: [1, 2, 3], 'x/y~z': 1, c: 'd' } }],
    ['copy', [{ op: 'copy', from: '/a/b', path: '/f' }, { op: 'add', path: '/f/0', value: 0 }], { ...original, f: [0, 1, 2, 3] }],
    ['test, then the whole', [{ op: 'test', path: '/a/b', value: [1, 2, 3] }, { op: 'replace', path: '', value: {} }], {}],
    ['a test of what is absent', [{ op: 'test', path: '/none', value: null }], original],
  ])('%s', (_, patch, expected) => expect(jsonPatch(original, patch)).toEqual(expected))

  test.each<[unknown, number, string]>([
    [{}, 400, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'], [[1], 400, 'json: cannot unmarshal number into Go value of type jsonpatch.Operation'],
    [Array(10_001).fill({}), 413, 'Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001'],
  ])('no patch: %#', (patch, code, message) => expect(failure(() => jsonPatch({}, patch))).toMatchObject({ code, message }))

  test.each<[object, string]>([
    [{ op: 'remove', path: '/q' }, "error in remove for path: '/q': Unable to remove nonexistent key: q: missing value"], [{ op: 'add', path: '/q/r', value: 1 }, 'add operation does not apply: doc is missing path: "/q/r": missing value'],
    [{ op: 'test', path: '/c', value: 1 }, 'testing value /c failed: test failed'], [{ op: 'add', path: '/a/b/9', value: 1 }, "error in add for path: '/a/b/9': Unable to access invalid index: 9: invalid index referenced"],
    [{ op: 'add', path: '/a/b/x', value: 1 }, "error in add for path: '/a/b/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax"],
    [{ op: 'copy', from: '/a/z/y', path: '/q' }, 'copy operation does not apply: doc is missing from path: /a/z/y: missing value'], [{ op: 'merge' }, 'Unexpected kind: merge'], [{ op: 'add' }, 'add operation failed to decode path: missing value'],
  ])('%j does not apply', (operation, why) => {
    const error = failure(() => jsonPatch(original, [operation]))
    expect([error.code, error.reason, error.message, (error.cause as Error).message]).toEqual([422, 'Invalid', 'the server rejected our request due to an error in our request', why])
  })
  test('growth by copying is bounded', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/${i}` })).map((op) => ({ ...op, from: '/a', path: '/a/-' }))
    expect(failure(() => jsonPatch({ a: ['x'] }, doubling)).code).toBe(422)
  })
  test('__proto__ is data', () => {
    const result = jsonPatch({ data: {} }, JSON.parse('[{"op":"add","path":"/data/__proto__","value":{"polluted":1}}]')) as any
    expect(Object.keys(result.data)).toEqual(['__proto__'])
    expect(({} as any).polluted).toBeUndefined()
    expect(failure(() => jsonPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }])).code).toBe(422)
  })
})

describe('merge patch (the examples of RFC 7386)', () => {
  test.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }], [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }], [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }], [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'b' }, ['c'], ['c']], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: 'b', c: null }, { a: 'b' }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j + %j', (original, patch, expected) => expect(mergePatch(original, patch)).toEqual(expected))
  test('__proto__ is data', () => {
    const result = mergePatch({ data: {} }, JSON.parse('{"data":{"__proto__":{"x":1}}}')) as any
    expect([Object.keys(result.data), result.data.x]).toEqual([['__proto__'], undefined])
  })
})

describe('patching an object', () => {
  const original = Object.freeze({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: '1' } })
  test('comes out decoded', () => {
    for (const input of [{ type: 'merge', patch: { data: { k: '2' } } }, { type: 'strategic', patch: { data: { k: '2' } } }, { type: 'json', patch: [{ op: 'replace', path: '/data/k', value: '2' }] }] as const) {
      expect(patchObject(ConfigMap, original, input, 'Strict').object).toEqual({ ...original, data: { k: '2' } })
    }
  })
  test('a wrong type is a 422 that shows the document', () => {
    const error = failure(() => patchObject(ConfigMap, original, { type: 'merge', patch: { data: 1 } }, 'Ignore'))
    expect(error.message).toBe(' "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\":\\"a\\"},\\"data\\":1}": json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string')
    expect(error.code).toBe(422)
  })
  test('unknown and duplicate fields', () => {
    const text = '{"data":{"k":"1","k":"2"},"foo":1}'
    expect(patchObject(ConfigMap, original, { type: 'merge', patch: JSON.parse(text), text }, 'Warn').warnings).toEqual(['duplicate field "data.k"', 'unknown field "foo"'])
    expect(failure(() => patchObject(ConfigMap, original, { type: 'strategic', patch: { foo: 1 } }, 'Strict')).message).toBe(' "" is invalid: patch: Invalid value: "map[foo:1]": strict decoding error: unknown field "foo"')
    expect(patchObject(ConfigMap, original, { type: 'json', patch: [{ op: 'test', path: '/kind', value: 'ConfigMap', comment: 'x' }] }, 'Warn').warnings).toEqual(['json patch unknown field "[0].comment"'])
  })
  test('what is no patch', () => {
    expect(failure(() => parsePatch('{')).message).toBe('invalid JSON patch')
    expect(failure(() => patchObject(ConfigMap, original, { type: 'merge', patch: null }, 'Ignore')).message).toBe('Invalid JSON Patch')
    expect(failure(() => patchObject(ConfigMap, original, { type: 'merge', patch: [] }, 'Strict')).message).toBe('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}')
  })
})
