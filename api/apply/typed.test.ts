import { describe, expect, test } from 'vitest'
import { int32, list, map, opt, raw, string, struct } from '../schema/schema.ts'
import { mistakesOf } from './apply-config.ts'
import { compare } from './compare.ts'
import { merge } from './merge.ts'
import { reconcileSet } from './reconcile.ts'
import { removeFields, withNamedFields } from './remove.ts'
import { shapeOf } from './shape.ts'
import { toFieldSet } from './to-set.ts'

const Port = struct('t/v1.Port', { port: opt(1, int32), protocol: opt(2, string, { default: 'TCP' }), name: opt(3, string) })
const Inner = struct('t/v1.Inner', { a: opt(1, string), b: opt(2, string) })
const Thing = struct('t/v1.Thing', {
  size: opt(1, int32), labels: opt(2, map(string)), ports: opt(3, list(Port), { listType: 'map', listMapKeys: ['port', 'protocol'] }), names: opt(4, list(string), { listType: 'set' }),
  args: opt(5, list(string)), inner: opt(6, Inner), whole: opt(7, Inner, { mapType: 'atomic' }), free: opt(8, raw), pick: opt(9, map(string), { mapType: 'atomic' }),
})
const shape = shapeOf(Thing)

describe('the set of a value', () => {
  test.each([
    [{ size: 1, inner: { a: 'x' } }, { 'f:size': {}, 'f:inner': { 'f:a': {} } }],
    [{ inner: {}, labels: {} }, { 'f:inner': {}, 'f:labels': {} }],
    [{ labels: { app: 'x' } }, { 'f:labels': { 'f:app': {} } }],
    [{ ports: [{ port: 80 }] }, { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } }],
    [{ names: ['b', 'a'] }, { 'f:names': { 'v:"b"': {}, 'v:"a"': {} } }],
    [{ args: ['a'], whole: { a: '1' }, pick: { x: 'y' } }, { 'f:args': {}, 'f:whole': {}, 'f:pick': {} }],
    [{ free: { a: { b: 1 }, c: [1] } }, { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} } }],
    [{ size: null }, { 'f:size': {} }],
    [{ ports: [{ port: 1, name: 'a' }, { port: 1, name: 'b' }] }, { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } }],
  ])('%j', (value, set) => { expect(toFieldSet(shape, value)).toEqual(set) })
})

describe('comparing', () => {
  test.each([
    ['nothing', { size: 1 }, { size: 1 }, {}],
    ['a leaf', { size: 1 }, { size: 2 }, { modified: { 'f:size': {} } }],
    ['a new map with its keys', {}, { labels: { a: '1' } }, { added: { 'f:labels': { '.': {}, 'f:a': {} } } }],
    ['a key of a map', { labels: { a: '1' } }, { labels: { a: '1', b: '2' } }, { added: { 'f:labels': { 'f:b': {} } } }],
    ['a map that is gone', { labels: { a: '1' } }, {}, { removed: { 'f:labels': { '.': {}, 'f:a': {} } } }],
    ['an item', { ports: [{ port: 80 }] }, { ports: [{ port: 80, name: 'x' }, { port: 81 }] }, { added: { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:name': {} }, 'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } } }],
    ['the order of items: nothing', { names: ['a', 'b'] }, { names: ['b', 'a'] }, {}],
    ['an atomic list', { args: ['a', 'b'] }, { args: ['b', 'a'] }, { modified: { 'f:args': {} } }],
    ['an atomic struct', { whole: { a: '1' } }, { whole: { a: '1', b: '2' } }, { modified: { 'f:whole': {} } }],
    ['a struct that becomes empty and one that was not there', { inner: {} }, { whole: {} }, { added: { 'f:whole': {} }, removed: { 'f:inner': {} } }],
    ['items that occur twice', { names: ['a', 'a'] }, { names: ['a', 'a', 'b'] }, { added: { 'f:names': { 'v:"b"': {} } } }],
    ['an item that comes to occur twice', { names: ['a'] }, { names: ['a', 'a'] }, { removed: { 'f:names': { 'v:"a"': {} } }, added: { 'f:names': { 'v:"a"': {} } } }],
    ['a null in place of a map: its keys are gone', { labels: { a: '1' } }, { labels: null }, { removed: { 'f:labels': { 'f:a': {} } } }],
    ['free values', { free: { a: 1, b: [1] } }, { free: { a: { x: 1 }, b: [2] } }, { modified: { 'f:free': { 'f:a': {}, 'f:b': {} } }, added: { 'f:free': { 'f:a': { 'f:x': {} } } } }],
  ])('%s', (_, before, after, found) => { expect(compare(shape, before, after)).toEqual({ added: {}, modified: {}, removed: {}, ...found }) })
})

describe('merging', () => {
  test.each([
    ['adds and replaces, removes nothing', { size: 1, labels: { a: '1' } }, { labels: { b: '2' }, inner: { a: 'x' } }, { size: 1, labels: { a: '1', b: '2' }, inner: { a: 'x' } }],
    ['replaces what is atomic', { args: ['a'], whole: { a: '1' }, pick: { a: 'b' } }, { args: ['b'], whole: { b: '2' }, pick: { c: 'd' } }, { args: ['b'], whole: { b: '2' }, pick: { c: 'd' } }],
    ['merges items by key, with the default of the key', { ports: [{ port: 80, protocol: 'TCP', name: 'x' }] }, { ports: [{ port: 80 }, { port: 81 }] }, { ports: [{ port: 80, protocol: 'TCP', name: 'x' }, { port: 81 }] }],
    ['keeps the live order', { names: ['a', 'b', 'c'] }, { names: ['b'] }, { names: ['a', 'b', 'c'] }],
    ['takes the order that is asked for', { names: ['a', 'b', 'c'] }, { names: ['c', 'a'] }, { names: ['b', 'c', 'a'] }],
    ['puts new items where they are said', { names: ['a', 'b'] }, { names: ['x', 'a', 'y', 'b', 'z'] }, { names: ['x', 'a', 'y', 'b', 'z'] }],
    ['keeps foreign items between', { names: ['a', 'f', 'b'] }, { names: ['a', 'b', 'n'] }, { names: ['a', 'f', 'b', 'n'] }],
    ['does not take a null for a map or a list', { labels: { a: '1' }, names: ['a'] }, { labels: null, names: null }, { labels: { a: '1' }, names: ['a'] }],
    ['takes a null', { size: 1 }, { size: null }, { size: null }],
    ['is not led astray by __proto__', {}, { labels: JSON.parse('{"__proto__":"x"}') }, { labels: JSON.parse('{"__proto__":"x"}') }],
  ])('%s', (_, live, config, merged) => { expect(JSON.stringify(merge(shape, live, config))).toBe(JSON.stringify(merged)) })
})

describe('removing', () => {
  test('takes fields and items', () => {
    const value = { size: 1, labels: { a: '1', b: '2' }, ports: [{ port: 80 }, { port: 81, name: 'x' }], names: ['a', 'b'] }
    const set = { 'f:size': {}, 'f:labels': { 'f:a': {} }, 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} }, 'k:{"port":81,"protocol":"TCP"}': { 'f:name': {} } }, 'f:names': { 'v:"a"': {} } }
    expect(removeFields(shape, value, set)).toEqual({ labels: { b: '2' }, ports: [{ port: 81 }], names: ['b'] })
  })

  test('names the structs on the way, not the maps', () => {
    expect(withNamedFields(shape, { 'f:inner': { 'f:a': {} }, 'f:labels': { 'f:x': {} } })).toEqual({ 'f:inner': { '.': {}, 'f:a': {} }, 'f:labels': { '.': {}, 'f:x': {} } })
  })
})

describe('what does not fit', () => {
  test.each([
    [{ nope: 1 }, '.nope: field not declared in schema'],
    [{ size: 'x' }, '.size: expected numeric (int or float), got string'],
    [{ labels: { a: 1 } }, '.labels.a: expected string, got &value.valueUnstructured{Value:1}'],
    [{ ports: { a: 1 } }, '.ports: expected list, got &{map[a:1]}'],
    [{ ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }, '.ports: duplicate entries for key [port=80,protocol="TCP"]'],
    [{ names: [null] }, ".names: element 0: associative list without keys has an element that's an explicit null"],
    [{ inner: { x: 1 }, size: true }, 'errors:\n  .inner.x: field not declared in schema\n  .size: expected numeric (int or float), got bool'],
    [{ free: [1, { a: 2 }], size: null }, undefined],
  ])('%j', (config, message) => { expect(mistakesOf(shape, config)).toBe(message) })
})

test('a set follows a type that has become atomic', () => {
  expect(reconcileSet(shape, { 'f:whole': { 'f:a': {} }, 'f:inner': { 'f:a': {} } })).toEqual({ 'f:whole': {}, 'f:inner': { 'f:a': {} } })
  const fine = { 'f:whole': {}, 'f:size': {} }
  expect(reconcileSet(shape, fine)).toBe(fine)
})
