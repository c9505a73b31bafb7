import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { StructSchema } from '../../api/schema/schema.ts'
import { declaredTypes, fieldText } from './declared.ts'
import { leftOutTypes, leftOutVersions } from './left-out.ts'

/*
 * Every type and field of Kubernetes 1.36 is declared, or named as left out with its reason. The list beside this file has a line a type:
 * its name (`!` when one writer owns the whole), the types it embeds (`<…`), its fields as `name=number:type` with `?` where it is optional,
 * `@` how server-side apply and `%` how strategic merge treats a list or map. Lists of objects follow from their kind and are not in it.
 */

interface Fact { readonly name: string; readonly version: string; readonly atomic: boolean; readonly embedded: readonly string[]; readonly fields: readonly string[] }

const facts = readFileSync(join(import.meta.dirname, 'kubernetes-1.36.txt'), 'utf8').trim().split('\n').map(factOf)

function factOf(line: string): Fact {
  const [head, ...rest] = line.split(' ') as [string, ...string[]]
  const name = head.replace(/!$/, '')
  const version = name.slice(0, name.indexOf('.'))
  return {
    name, version, atomic: head.endsWith('!'), fields: rest.filter((part) => !part.startsWith('<')),
    embedded: rest.filter((part) => part.startsWith('<')).map((part) => part.slice(1)).map((part) => (part.startsWith('.') ? version + part : part)),
  }
}

const isLeftOut = ({ name, version }: Fact): boolean => Object.hasOwn(leftOutVersions, version) || Object.hasOwn(leftOutTypes, name)
const wanted = facts.filter((fact) => !isLeftOut(fact))
const byName = new Map(facts.map((fact) => [fact.name, fact]))
let declared: ReadonlyMap<string, StructSchema>

beforeAll(async () => { declared = await declaredTypes() })

test('the list is whole', () => expect([facts.length, facts.reduce((sum, { fields }) => sum + fields.length, 0)]).toEqual([1042, 3807]))

describe('what is left out', () => {
  test('is not declared after all', () => {
    expect([...declared.keys()].filter((name) => Object.hasOwn(leftOutTypes, name) || Object.hasOwn(leftOutVersions, name.slice(0, name.indexOf('.'))))).toEqual([])
  })
  test('is there to be left out', () => {
    expect(Object.keys(leftOutTypes).filter((name) => !byName.has(name))).toEqual([])
    expect(Object.keys(leftOutVersions).filter((version) => !facts.some((fact) => fact.version === version))).toEqual([])
  })
})

test('every type is declared', () => expect(wanted.filter(({ name }) => !declared.has(name)).map(({ name }) => name)).toEqual([]))

test('every field is declared: its number, its type, whether it may be absent, how it is merged', () => {
  const wrong = wanted.flatMap(({ name, fields }) => fields.flatMap((expected) => {
    const found = expected.slice(0, expected.indexOf('='))
    const field = declared.get(name)?.fields[found]
    const text = field ? fieldText(found, field) : 'not declared'
    // The server fills in what a client may always leave out; the original's types say nothing of that.
    const same = text === expected || (field?.presence === 'always' && text.replace('?', '') === expected.replace('?', ''))
    return same ? [] : [`${name}: ${expected}, declared ${text}`]
  }))
  expect(wrong).toEqual([])
})

test('whole values with one owner are', () => {
  expect(wanted.filter(({ name, atomic }) => Boolean(declared.get(name)?.atomic) !== atomic).map(({ name }) => name)).toEqual([])
})

test('embedded types are spread into those that embed them', () => {
  const missing = wanted.flatMap(({ name, embedded }) => embedded.flatMap(allFields).filter((field) => !declared.get(name)?.fields[field]).map((field) => `${name}.${field}`))
  expect(missing).toEqual([])
})

/** Names of the fields of a type and of those it embeds. */
function allFields(name: string): string[] {
  const fact = byName.get(name)
  return fact ? [...fact.fields.map((field) => field.slice(0, field.indexOf('='))), ...fact.embedded.flatMap(allFields)] : []
}

test('nothing is declared that the facts do not know', () => {
  const own = wanted.flatMap(({ name, fields, embedded }) => {
    const known = new Set([...fields.map((field) => field.slice(0, field.indexOf('='))), ...embedded.flatMap(allFields)])
    return Object.keys(declared.get(name)!.fields).filter((field) => !known.has(field)).map((field) => `${name}.${field}`)
  })
  expect(own).toEqual([])
})
