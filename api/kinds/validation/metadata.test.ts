import { describe, expect, test } from 'vitest'
import type { ObjectMeta } from '../../types/meta-v1/meta.ts'
import { print } from '../testing.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './metadata.ts'

const kind = { namespaced: true }
const check = (meta: Partial<ObjectMeta>): string[] => validateObjectMeta({ name: 'x', namespace: 'default', ...meta }, kind).map(print)
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u1' }

describe('metadata of a new object', () => {
  test('good', () => {
    expect(check({ labels: { 'example.com/a': 'b' }, annotations: { 'Any.Case/Key': '{}' }, finalizers: ['example.com/keep', 'orphan'], ownerReferences: [{ ...owner, controller: true }] })).toEqual([])
  })

  test.each<[string, Partial<ObjectMeta>, string[]]>([
    ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['a name against the rule', { name: 'A' }, [expect.stringMatching(/^metadata\.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of/) as unknown as string]],
    ['a prefix against the rule', { generateName: 'A-' }, [expect.stringContaining('metadata.generateName: Invalid value: "A-"') as unknown as string]],
    ['no namespace', { namespace: '' }, ['metadata.namespace: Required value']],
    ['a label value', { labels: { a: '-' } }, [expect.stringContaining('metadata.labels: Invalid value: "-": a valid label must be') as unknown as string]],
    ['too many annotations', { annotations: { a: 'x'.repeat(256 * 1024) } }, ['metadata.annotations: Too long: may not be more than 262144 bytes']],
    ['an owner without uid', { ownerReferences: [{ ...owner, uid: '' }] }, ['metadata.ownerReferences.uid: Invalid value: "": must not be empty']],
    ['a bare finalizer', { finalizers: ['mine'] }, ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
    ['both propagation finalizers', { finalizers: ['orphan', 'foregroundDeletion'] }, ['metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set']],
  ])('%s', (_, meta, expected) => {
    expect(check(meta)).toEqual(expected)
  })

  test('two controllers', () => {
    const other = { ...owner, name: 'db', uid: 'u2' }
    expect(check({ ownerReferences: [{ ...owner, controller: true }, { ...other, controller: true }] })[0])
      .toMatch(/Only one reference can have Controller set to true\. Found "true" in references for ReplicaSet\/web and ReplicaSet\/db$/)
  })

  test('a namespace where there is none', () => {
    expect(validateObjectMeta({ name: 'n1', namespace: 'default' }, { namespaced: false }).map(print)).toEqual(['metadata.namespace: Forbidden: not allowed on this type'])
  })

  test('a rule of the kind\'s own', () => {
    expect(validateObjectMeta({ name: '0a', namespace: 'default' }, { namespaced: true, nameRule: 'label1035' }).map(print)[0]).toMatch(/a DNS-1035 label must consist of/)
    expect(validateObjectMeta({ name: 'a', namespace: 'default' }, { namespaced: true, nameRule: () => ['no'] }).map(print)).toEqual(['metadata.name: Invalid value: "a": no'])
  })
})

describe('metadata of a changed object', () => {
  const old: ObjectMeta = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '5', generation: 2, creationTimestamp: '2026-01-01T00:00:00Z' }
  const update = (change: Partial<ObjectMeta>, before: Partial<ObjectMeta> = {}): string[] => validateObjectMetaUpdate({ ...old, ...before, ...change }, { ...old, ...before }).map(print)

  test.each<[string, Partial<ObjectMeta>, string[]]>([
    ['nothing', {}, []],
    ['labels', { labels: { a: 'b' } }, []],
    ['the uid', { uid: 'v' }, ['metadata.uid: Invalid value: "v": field is immutable']],
    ['the name', { name: 'y' }, ['metadata.name: Invalid value: "y": field is immutable']],
    ['no resourceVersion', { resourceVersion: '' }, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']],
    ['an older generation', { generation: 1 }, ['metadata.generation: Invalid value: 1: must not be decremented']],
  ])('%s', (_, change, expected) => {
    expect(update(change)).toEqual(expected)
  })

  test('no new finalizers while it goes away', () => {
    const deleted = { deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['a.b/c'] }
    expect(update({ finalizers: [] }, deleted)).toEqual([])
    expect(update({ finalizers: ['a.b/c', 'a.b/d'] }, deleted)).toEqual(['metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}'])
  })
})
