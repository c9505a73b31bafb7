import { describe, expect, test } from 'vitest'
import { ApiError } from '../errors.ts'
import { everything, formatLabelSelector, formatSelector, matchesLabels, matchesRequirement, nothing, parseLabelSelector, selectorOf, selectorOfMap } from './labels.ts'

describe('parsing and printing', () => {
  test.each([
    ['', ''], ['a', 'a'], ['!a', '!a'], ['a=b', 'a=b'], ['a==b', 'a==b'], ['a!=b', 'a!=b'], ['b=1,a=2', 'a=2,b=1'], ['a in (y,x,y)', 'a in (x,y)'], ['a notin (x)', 'a notin (x)'],
    ['a in (,x)', 'a in (,x)'], ['a in (x,)', 'a in (,x)'], ['a in ()', 'a in ()'], ['a in (x,,y)', 'a in (,x,y)'], ['a=', 'a='], ['a=,b', 'a=,b'], [' a = b , ! c ', 'a=b,!c'],
    ['in in (notin)', 'in in (notin)'], ['a=in', 'a=in'], ['x.io/a=b', 'x.io/a=b'], ['a>1', 'a>1'], ['a<1', 'a<1'],
  ])('%j prints as %j', (text, printed) => expect(formatSelector(parseLabelSelector(text))).toBe(printed))
})

describe('what is refused', () => {
  test.each([
    ['a,', "found '', expected: identifier after ','"], ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"], ['a=b c', "found 'c', expected: ',' or 'end of string'"], ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"], ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"], ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['a>b', "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"],
    ['-a', "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"], ['a=$', 'unable to parse requirement: values[0][a]: Invalid value: "$": a valid label must be'],
  ])('%j: %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(ApiError)
    expect(() => parseLabelSelector(text)).toThrow(message)
  })
})

describe('matching', () => {
  test.each<[string, Record<string, string> | undefined, boolean]>([
    ['', undefined, true], ['a', { a: '' }, true], ['a', {}, false], ['!a', {}, true], ['!a', { a: 'x' }, false], ['a=b', { a: 'b' }, true], ['a=b', { a: 'c' }, false], ['a=b', undefined, false],
    ['a!=b', {}, true], ['a!=b', { a: 'b' }, false], ['a in (b,c)', { a: 'c' }, true], ['a notin (b)', { a: 'b' }, false], ['a notin (b)', {}, true], ['a>1', { a: '2' }, true], ['a>1', { a: '1' }, false],
    ['a<10', { a: '9' }, true], ['a<10', { a: 'x' }, false], ['a=1,b', { a: '1' }, false], ['constructor', {}, false], ['!toString', {}, true],
  ])('%j over %j is %j', (text, labels, matches) => expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches))
  test('a term of a node selector', () => expect(matchesRequirement({ key: 'a', operator: 'gt', values: ['x'] }, { a: '1' })).toBe(false))
})

describe('a LabelSelector object', () => {
  test('absent selects nothing, empty everything', () => {
    expect([matchesLabels(selectorOf(undefined), { a: 'b' }), matchesLabels(selectorOf({}), undefined), matchesLabels(nothing, { '': '' }), matchesLabels(everything, {})]).toEqual([false, true, false, true])
  })
  test('prints as kubectl shows it', () => {
    expect(formatLabelSelector({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['b', 'a'] }, { key: 'x', operator: 'DoesNotExist' }] })).toBe('app=web,tier in (a,b),!x')
    expect([formatLabelSelector(undefined), formatLabelSelector({}), formatLabelSelector({ matchLabels: { '-': '' } })]).toEqual(['<none>', '<none>', '<error>'])
  })
  test('a map', () => expect(formatSelector(selectorOfMap({ b: '1', a: '2' }))).toBe('a=2,b=1'))
  test('an unknown operator', () => expect(() => selectorOf({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toThrow('"Near" is not a valid label selector operator'))
})
