import { describe, expect, test } from 'vitest'
import type { Column, Kind } from '../kinds/kind.ts'
import { ConfigMap } from '../types/core-v1/config.ts'
import { ageOf, humanDuration } from './duration.ts'
import { columnsOf, parseIncludeObject, tableOf } from './table.ts'

const s = 1000, m = 60 * s, h = 60 * m, d = 24 * h, y = 365 * d
describe('humanDuration', () => {
  test.each([
    [-3 * s, '<invalid>'], [-1.5 * s, '0s'], [-500, '0s'], [0, '0s'], [999, '0s'], [119 * s, '119s'], [2 * m, '2m'], [2 * m + 1 * s, '2m1s'], [9 * m + 59 * s, '9m59s'], [10 * m + 5 * s, '10m'], [179 * m, '179m'],
    [3 * h, '3h'], [3 * h + 1 * m, '3h1m'], [7 * h + 59 * m, '7h59m'], [8 * h + 5 * m, '8h'], [47 * h, '47h'], [48 * h, '2d'], [49 * h, '2d1h'], [8 * d, '8d'], [8 * d + 5 * h, '8d'], [729 * d, '729d'],
    [2 * y, '2y'], [2 * y + d, '2y1d'], [8 * y - d, '7y364d'], [8 * y, '8y'], [9.5 * y, '9y'],
  ])('%d ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text))
  test('without a timestamp it is unknown', () => expect([ageOf(undefined, 0), ageOf('soon', 0), ageOf('1970-01-01T00:00:00Z', 5 * s)]).toEqual(['<unknown>', '<unknown>', '5s']))
})

const column = (name: string, more: Partial<Column> = {}): Column => ({ name, type: 'string', value: () => name, ...more })
const kind = (columns?: Column[]): Kind => ({
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', singular: 'configmap', namespaced: true, verbs: [], schema: ConfigMap, storage: 'configmaps', doc: '', validate: () => [],
  ...(columns && { columns }),
})
const names = (of: Kind): string[] => columnsOf(of).map(({ name }) => name)

describe('the columns of a kind', () => {
  test('Age stands behind what is always shown', () => expect(names(kind([column('Data'), column('IP', { priority: 1 })]))).toEqual(['Name', 'Data', 'Age', 'IP']))
  test('or where the kind puts it', () => expect(names(kind([column('Age'), column('Data')]))).toEqual(['Name', 'Age', 'Data']))
  test('or nowhere', () => expect(names({ ...kind([column('Data')]), ageless: true })).toEqual(['Name', 'Data']))
  test('a kind may name its objects itself', () => expect(names(kind([column('Last Seen'), column('Name', { format: 'name' })]))).toEqual(['Last Seen', 'Name']))
  test('a kind without columns shows its creation', () => expect(names(kind())).toEqual(['Name', 'Created At']))
})

describe('a table', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', creationTimestamp: '1970-01-01T00:00:00Z' }, data: {} }
  const of = (options = {}) => tableOf(kind([column('Data', { type: 'integer', value: () => 2 })]), [object], { now: 65 * s, ...options })
  test('has headers, cells and the metadata of each object', () => {
    const table = of({ listMeta: { resourceVersion: '7' } })
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '7' } })
    expect(table.columnDefinitions!.map(({ name, type, format, priority }) => [name, type, format, priority])).toEqual([['Name', 'string', 'name', 0], ['Data', 'integer', '', 0], ['Age', 'string', '', 0]])
    expect(table.rows).toEqual([{ cells: ['a', 2, '65s'], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } }])
  })
  test('with the whole object, or none', () => expect([of({ includeObject: 'Object' }).rows[0]!.object, of({ includeObject: 'None' }).rows[0]!.object]).toEqual([object, null]))
  test('without headers, in the older version', () => expect(of({ noHeaders: true, version: 'v1beta1' })).toMatchObject({ apiVersion: 'meta.k8s.io/v1beta1', columnDefinitions: null }))
  test('the parameter', () => {
    expect([parseIncludeObject(null), parseIncludeObject('None')]).toEqual(['Metadata', 'None'])
    expect(() => parseIncludeObject('All')).toThrow('unrecognized includeObject value: "All"')
  })
})
