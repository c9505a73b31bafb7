import { describe, expect, test } from 'vitest'
import { below, difference, has, intersection, inOrder, isEmpty, pathsOf, recursiveDifference, sameSet, setOf, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { keyElement, printPath, valueElement } from './path-element.ts'
import { readFields } from './read-fields.ts'

const set = (...paths: string[]): FieldSet => setOf(...paths.map((path) => path.split('.').map((name) => `f:${name}`)))

describe('a set of fields', () => {
  test('has the form of FieldsV1', () => {
    expect(set('spec.replicas', 'metadata.labels', 'metadata.labels.app')).toEqual({ 'f:spec': { 'f:replicas': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } })
    expect(set('a.b', 'a')).toEqual({ 'f:a': { '.': {}, 'f:b': {} } })
  })

  test.each([
    ['union', union, ['a', 'b.c'], ['a.x', 'b'], { 'f:a': { '.': {}, 'f:x': {} }, 'f:b': { '.': {}, 'f:c': {} } }],
    ['union with itself', union, ['a.b'], ['a.b'], { 'f:a': { 'f:b': {} } }],
    ['intersection', intersection, ['a', 'a.b', 'c'], ['a.b', 'c.d', 'c'], { 'f:a': { 'f:b': {} }, 'f:c': {} }],
    ['intersection of parent and child', intersection, ['a'], ['a.b'], {}],
    ['difference', difference, ['a', 'a.b', 'c.d'], ['a', 'c.d'], { 'f:a': { 'f:b': {} } }],
    ['difference of a child and its parent: the child stays', difference, ['a.b'], ['a'], { 'f:a': { 'f:b': {} } }],
    ['difference of a parent and its child: the parent stays', difference, ['a'], ['a.b'], { 'f:a': {} }],
    ['recursive difference', recursiveDifference, ['a.b.c', 'a.d', 'e'], ['a.b', 'e'], { 'f:a': { 'f:d': {} } }],
    ['recursive difference leaves the parent', recursiveDifference, ['a', 'a.b'], ['a.b'], { 'f:a': {} }],
  ] as const)('%s', (_, operation, a, b, result) => {
    const left = set(...a), right = set(...b)
    const before = JSON.stringify([left, right])
    expect(operation(left, right)).toEqual(result)
    expect(JSON.stringify([left, right])).toBe(before)
  })

  test('that is not changed by an operation is the same value', () => {
    const a = set('a', 'a.b', 'c')
    expect(union(a, set('a'))).toBe(a)
    expect(union(a, set('a.b'))).toBe(a)
    expect(difference(a, set('x'))).toBe(a)
    expect(difference(a, set('a.z'))).toBe(a)
  })

  test('knows its members', () => {
    const a = set('a', 'a.b', 'c.d')
    expect([has(a, ['f:a']), has(a, ['f:a', 'f:b']), has(a, ['f:c']), has(a, ['f:c', 'f:d']), has(a, []), has(a, ['f:z', 'f:y'])]).toEqual([true, true, false, true, false, false])
    expect(isEmpty(below(a, 'f:z'))).toBe(true)
    expect(below(a, 'f:a')).toEqual({ 'f:b': {} })
    expect(pathsOf(a)).toEqual([['f:a'], ['f:a', 'f:b'], ['f:c', 'f:d']])
    expect(sameSet(a, set('c.d', 'a.b', 'a'))).toBe(true)
    expect(sameSet(a, set('c.d', 'a.b'))).toBe(false)
  })
})

describe('the order of writing', () => {
  test('is that of the original: itself, fields, keys, values, positions', () => {
    const mixed: FieldSet = { 'i:10': {}, 'i:9': {}, 'v:"b"': {}, 'v:2': {}, 'v:true': {}, 'v:10': {}, 'k:{"port":80,"protocol":"TCP"}': {}, 'k:{"port":8,"protocol":"UDP"}': {}, 'f:b': {}, 'f:a': { 'f:z': {}, '.': {} }, '.': {} }
    expect(JSON.stringify(inOrder(mixed))).toBe(JSON.stringify({
      '.': {}, 'f:a': { '.': {}, 'f:z': {} }, 'f:b': {}, 'k:{"port":8,"protocol":"UDP"}': {}, 'k:{"port":80,"protocol":"TCP"}': {}, 'v:2': {}, 'v:10': {}, 'v:"b"': {}, 'v:true': {}, 'i:9': {}, 'i:10': {},
    }))
  })

  test('escapes as Go does', () => {
    expect(keyElement([['name', 'a<b>&']])).toBe('k:{"name":"a\\u003cb\\u003e\\u0026"}')
    expect(valueElement(1)).toBe('v:1')
  })
})

describe('reading', () => {
  test('makes the form canonical', () => {
    expect(readFields({ 'f:b': null, 'f:a': { 'k:{"b":1, "a":"x"}': { '.': {}, 'f:c': {} } }, 'x:unknown': {} }))
      .toEqual({ 'f:a': { 'k:{"a":"x","b":1}': { '.': {}, 'f:c': {} } }, 'f:b': {} })
    expect(readFields({ 'f:__proto__': {} })).toEqual({ 'f:__proto__': {} })
    expect(readFields(null)).toEqual({})
  })

  test.each([[[]], ['x'], [{ a: {} }], [{ fx: {} }], [{ 'k:[]': {} }], [{ 'k:{': {} }], [{ 'i:x': {} }], [{ 'f:a': 1 }]])('refuses %j', (value) => {
    expect(() => readFields(value)).toThrow()
  })
})

test('a path as people read it', () => {
  expect(printPath(['f:spec', 'f:containers', 'k:{"name":"web"}', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'v:"x"', 'i:1'])).toBe('.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"][="x"][1]')
})
