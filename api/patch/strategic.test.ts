import { describe, expect, test } from 'vitest'
import { ApiError } from '../errors.ts'
import { Deployment } from '../types/apps-v1.ts'
import { Pod } from '../types/core-v1/pod.ts'
import { Service } from '../types/core-v1/service.ts'
import type { StructSchema } from '../schema/schema.ts'
import { strategicMergePatch } from './strategic.ts'

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(Object.freeze(value))) freeze(inner)
  return value
}
const patched = (schema: StructSchema, original: unknown, patch: unknown): any => strategicMergePatch(freeze(original), freeze(patch), schema)
const containers = (...items: unknown[]) => ({ spec: { containers: items } })
const names = (pod: any): string[] => pod.spec.containers.map((container: any) => container.name)

describe('objects and scalars', () => {
  test.each<[string, unknown, unknown, unknown]>([
    ['merge', { metadata: { name: 'a', labels: { x: '1', y: '2' } } }, { metadata: { labels: { x: '3', z: '4' } } }, { metadata: { name: 'a', labels: { x: '3', y: '2', z: '4' } } }],
    ['null deletes', { metadata: { labels: { x: '1', y: '2' } } }, { metadata: { labels: { x: null, q: null } } }, { metadata: { labels: { y: '2' } } }],
    ['a new part comes without its nulls', { metadata: {} }, { metadata: { labels: { a: null, b: '1' } } }, { metadata: { labels: { b: '1' } } }],
    ['$patch: replace', { metadata: { labels: { x: '1' } } }, { metadata: { labels: { $patch: 'replace', y: '2' } } }, { metadata: { labels: { y: '2' } } }],
    ['$patch: delete', { metadata: { labels: { x: '1' } } }, { metadata: { labels: { $patch: 'delete' } } }, { metadata: { labels: {} } }],
    ['a change of type replaces', { spec: 'x' }, { spec: { nodeName: 'n' } }, { spec: { nodeName: 'n' } }],
    ['an atomic list is replaced', containers({ name: 'a', args: ['1', '2'] }), containers({ name: 'a', args: ['3'] }), containers({ name: 'a', args: ['3'] })],
  ])('%s', (_, original, patch, expected) => expect(patched(Pod, original, patch)).toEqual(expected))

  test('what was not touched is shared, inputs stay as they are', () => {
    const original = freeze({ metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a' }] } })
    const result = patched(Pod, original, { metadata: { labels: { a: '2' } } })
    expect(result.spec).toBe(original.spec)
    expect(original.metadata.labels.a).toBe('1')
  })
  test('$retainKeys drops what it does not name', () => {
    const original = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
    expect(patched(Deployment, original, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })).toEqual({ spec: { strategy: { type: 'Recreate' } } })
    expect(() => patched(Deployment, original, { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } })).toThrow('invalid patch format of retainKeys')
  })
  test('__proto__ is a key like any other', () => {
    const result = patched(Pod, { metadata: { labels: {} } }, JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}'))
    expect(Object.keys(result.metadata.labels)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(result.metadata.labels)).toBe(Object.prototype)
  })
})

describe('lists with a merge key', () => {
  test('items merge by key, new ones are added', () => {
    const original = containers({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: '1' })
    expect(patched(Pod, original, containers({ name: 'a', image: '2', env: [{ name: 'Y', value: '2' }] }, { name: 'c' }))).toEqual(
      containers({ name: 'a', image: '2', env: [{ name: 'Y', value: '2' }, { name: 'X', value: '1' }] }, { name: 'c' }, { name: 'b', image: '1' }))
  })
  test('$patch: delete takes an item out', () => {
    expect(names(patched(Pod, containers({ name: 'a' }, { name: 'b' }), containers({ name: 'a', $patch: 'delete' })))).toEqual(['b'])
  })
  test('$patch: replace replaces the list', () => {
    expect(patched(Pod, containers({ name: 'a', image: 'x' }, { name: 'b' }), containers({ name: 'c' }, { $patch: 'replace' }))).toEqual(containers({ name: 'c' }))
  })
  test('$setElementOrder orders the outcome, and the items only the server has keep their place', () => {
    const original = containers({ name: 'a' }, { name: 'sidecar' }, { name: 'b' })
    const patch = { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: '2' }] } }
    expect(names(patched(Pod, original, patch))).toEqual(['sidecar', 'b', 'a'])
    expect(names(patched(Pod, original, { spec: { '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }] } }))).toEqual(['a', 'sidecar', 'b'])
  })
  test('what kubectl apply sends for a changed port', () => {
    const original = { spec: { ports: [{ port: 80, protocol: 'TCP', nodePort: 30080, name: 'http' }, { port: 443, name: 'https' }] } }
    const patch = { spec: { '$setElementOrder/ports': [{ port: 81 }, { port: 443 }], ports: [{ port: 81, name: 'http' }, { $patch: 'delete', port: 80 }] } }
    expect(patched(Service, original, patch)).toEqual({ spec: { ports: [{ port: 81, name: 'http' }, { port: 443, name: 'https' }] } })
  })
  test('conditions merge by type', () => {
    const original = { status: { conditions: [{ type: 'Ready', status: 'False' }, { type: 'X', status: 'True' }] } }
    const patch = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    expect(patched(Pod, original, patch).status.conditions).toEqual([{ type: 'Ready', status: 'True' }, { type: 'X', status: 'True' }])
  })
})

describe('lists of scalars', () => {
  const pod = (finalizers: string[]) => ({ metadata: { finalizers } })
  test('merge as a set', () => expect(patched(Pod, pod(['a', 'b']), pod(['b', 'c'])).metadata.finalizers.sort()).toEqual(['a', 'b', 'c']))
  test('$deleteFromPrimitiveList', () => expect(patched(Pod, pod(['a', 'b']), { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } })).toEqual(pod(['b'])))
  test('both with an order', () => {
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['c', 'b'], finalizers: ['c'] } }
    expect(patched(Pod, pod(['a', 'b']), patch)).toEqual(pod(['c', 'b']))
  })
})

describe('what is refused', () => {
  test.each<[string, unknown, number, string]>([
    ['no object', [], 400, 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['an item without its key', containers({ image: 'x' }), 500, 'map: map[image:x] does not contain declared merge key: name'],
    ['an unknown directive', { spec: { $patch: 'mix' } }, 500, 'unknown patch type: mix in map: map[$patch:mix]'],
    ['a directive without name', { spec: { $setElementOrder: [] } }, 400, 'invalid patch format of setElementOrder list'],
    ['an order that is none', { spec: { '$setElementOrder/containers': {} } }, 500, 'expected a []interface {}, but received a map[string]interface {}'],
    ['an order of an unknown field', { spec: { '$setElementOrder/foo': [] } }, 500, 'unable to find api field in struct PodSpec for the json field "foo"'],
    ['items out of their own order', { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a' }] } }, 500, 'The order in patch list'],
    ['retainKeys that are no list', { spec: { $retainKeys: 'x' } }, 400, 'invalid patch format of retainKeys'],
  ])('%s', (_, patch, code, message) => {
    const run = () => patched(Pod, containers({ name: 'a' }), patch)
    expect(run).toThrow(message)
    try { run() } catch (error) { expect((error as ApiError).code).toBe(code) }
  })
  test('ten thousand items merge in linear time', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ name: `e${i}`, value: '1' }))
    const result = patched(Pod, containers({ name: 'a', env: many }), { spec: { containers: [{ name: 'a', '$setElementOrder/env': many.map(({ name }) => ({ name })).reverse(), env: many.map(({ name }) => ({ name, value: '2' })).reverse() }] } })
    expect(result.spec.containers[0].env[0]).toEqual({ name: 'e9999', value: '2' })
  })
})
