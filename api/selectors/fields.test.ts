import { describe, expect, test } from 'vitest'
import { formatFieldSelector, matchesFields, parseFieldSelector, requiredField } from './fields.ts'

const pod: Record<string, string> = { 'metadata.name': 'a', 'spec.nodeName': 'n1', 'status.phase': 'Running', 'x': 'a,b=c\\' }
const lookup = (field: string): string => pod[field] ?? ''

describe('field selectors', () => {
  test.each([
    ['', true], ['spec.nodeName=n1', true], ['spec.nodeName==n1', true], ['spec.nodeName!=n1', false], ['spec.nodeName=n1,status.phase!=Failed', true], ['spec.nodeName=', false],
    ['spec.nodeName!=', true], [',spec.nodeName=n1,', true], ['x=a\\,b\\=c\\\\', true],
  ])('%j matches: %j', (text, matches) => expect(matchesFields(parseFieldSelector(text), lookup)).toBe(matches))

  test.each([
    ['a', "invalid selector: 'a'; can't understand 'a'"], ['a=b=c', 'invalid field selector: unescaped character in value: 61'], ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('%j is refused: %s', (text, message) => expect(() => parseFieldSelector(text)).toThrow(message))

  test('only the fields of the kind', () => {
    expect(() => parseFieldSelector('spec.foo=1', ['spec.nodeName'])).toThrow('field label not supported: spec.foo')
    expect(() => parseFieldSelector('spec.foo=1', [])).toThrow('"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"')
    expect(parseFieldSelector('metadata.name=a,spec.nodeName=b', ['spec.nodeName'])).toHaveLength(2)
  })
  test('the required value and the printed form', () => {
    const selector = parseFieldSelector('x=a\\,b,y!=c')
    expect([requiredField(selector, 'x'), requiredField(selector, 'y'), formatFieldSelector(selector)]).toEqual(['a,b', undefined, 'x=a\\,b,y!=c'])
  })
})
