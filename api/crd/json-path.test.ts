import { expect, test } from 'vitest'
import { columnsOf } from './printer-columns.ts'
import { parseJsonPath } from './json-path.ts'

const object = {
  metadata: { name: 'x', labels: { 'a.b/c': 'd' }, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { tags: ['a', 'b', 'c'], n: 3, yes: true, deep: { name: 'inner' } },
  status: { conditions: [{ type: 'Ready', status: 'True', n: 1 }, { type: 'Other', status: 'False', n: 5 }] },
}

test.each<[string, unknown[]]>([
  ['.spec.n', [3]], ['.spec.none', []], ['.', [object]], ['.spec.tags[0]', ['a']], ['.spec.tags[-1]', ['c']], ['.spec.tags[*]', ['a', 'b', 'c']], ['.spec.tags[0:2]', ['a', 'b']], ['.spec.tags[::2]', ['a', 'c']],
  ['.spec.tags[0,2]', ['a', 'c']], [".metadata.labels['a.b/c']", ['d']], ['.metadata.labels.a\\.b/c', ['d']], ["['spec'].n", [3]], ['.spec.*', [['a', 'b', 'c'], 3, true, { name: 'inner' }]], ['..name', ['x', 'inner']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']], [".status.conditions[?(@.type == 'None')].status", []], ['.status.conditions[?(@.n > 2)].type', ['Other']], ['.status.conditions[?(@.none)].type', []],
  ['.status.conditions[?(@.type!="Ready")].n', [5]], ['.spec.n.more', []], ['.spec.__proto__', []],
])('%s', (path, found) => expect(parseJsonPath(path)(object)).toEqual(found))

test.each(['x', '.a[', '.a[b]', '.a[?(@.b==)]', '.a[?(@.b=="c"]', '.a[0:1:0]'])('%s is no path', (path) => expect(() => parseJsonPath(path)).toThrow())

test('columns show the first result, in the declared type or not at all', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  const cells = (type: string, jsonPath: string): unknown => columnsOf([{ name: 'C', type, jsonPath }])[1]!.value(object as any, now)
  expect([
    cells('string', '.spec.tags'), cells('string', '.spec.n'), cells('string', '.spec.tags[*]'), cells('integer', '.spec.n'), cells('integer', '.metadata.name'), cells('boolean', '.spec.yes'),
    cells('date', '.metadata.creationTimestamp'), cells('date', '.metadata.name'), cells('string', '.none'), cells('number', '.spec.n'),
  ]).toEqual(['["a","b","c"]', '3', 'a', 3, null, true, '24h', '<invalid>', null, 3])
  expect(columnsOf(undefined).map(({ name }) => name)).toEqual(['Name', 'Age'])
  expect(columnsOf([{ name: 'C', type: 'string', jsonPath: '.a[' }]).map(({ name }) => name)).toEqual(['Name', 'Age'])
})
