import { describe, expect, test } from 'vitest'
import { addQuantities, canonicalQuantity, compareQuantities, milliQuantityOf, parseQuantity, quantityMilliValue, quantityOf, quantityValue, subQuantities } from './quantity.ts'

describe('the canonical form', () => {
  test.each([
    ['0', '0'], ['0.0', '0'], ['-0', '0'], ['1', '1'], ['100m', '100m'], ['1000m', '1'], ['1500m', '1500m'], ['0.5', '500m'], ['.5', '500m'], ['1.', '1.'],
    ['1.5', '1500m'], ['0.1', '100m'], ['1000', '1k'], ['1000k', '1M'], ['10000000', '10M'], ['1024', '1024'], ['1Ki', '1Ki'], ['1024Ki', '1Mi'],
    ['1024Mi', '1Gi'], ['2048Mi', '2Gi'], ['100Mi', '100Mi'], ['128974848', '128974848'], ['129e6', '129e6'], ['129M', '129M'], ['1e3', '1e3'], ['1000e0', '1e3'],
    ['1E3', '1E3'], ['12e-3', '12e-3'], ['1.5Gi', '1536Mi'], ['0.5Mi', '512Ki'], ['0.5Ki', '512'], ['0.1Mi', '104857600m'], ['1n', '1n'], ['0.1n', '1n'], ['1u', '1u'],
    ['1E', '1E'], ['1Ei', '1Ei'], ['9Ei', '9223372036854775807'], ['-1', '-1'], ['-1500m', '-1500m'], ['-1024Mi', '-1Gi'], [' 1 ', '1'],
  ])('of %j is %j', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical))

  test('a JSON number is taken as its text', () => expect(canonicalQuantity(0.5)).toBe('500m'))
})

describe('what is refused', () => {
  test.each([
    ['', 'quantities must match'], ['abc', 'quantities must match'], ['1 Gi', 'quantities must match'], ['1,5', 'quantities must match'], ['1.2.3', 'quantities must match'],
    ['1ki', "unable to parse quantity's suffix"], ['1Kim', "unable to parse quantity's suffix"], ['1MiB', 'quantities must match'], ['1e', "unable to parse quantity's suffix"],
    ['1e999999999', "unable to parse quantity's suffix"], ['.', 'quantities must match'], ['-', 'quantities must match'],
  ])('%j: %s', (text, message) => expect(() => parseQuantity(text)).toThrow(message))
})

describe('arithmetic is exact', () => {
  test.each([['100m', '0.1', 0], ['1Gi', '1G', 1], ['999m', '1', -1], ['9007199254740993', '9007199254740992', 1], ['-1', '0', -1]])('compare %s and %s', (a, b, order) =>
    expect(compareQuantities(a, b)).toBe(order))
  test.each([['100m', '900m', '1'], ['1Gi', '512Mi', '1536Mi'], ['0', '1Ki', '1Ki'], ['1Gi', '1', '1073741825']])('%s + %s = %s', (a, b, sum) => expect(addQuantities(a, b)).toBe(sum))
  test.each([['1', '100m', '900m'], ['1Gi', '1Gi', '0'], ['0', '100m', '-100m']])('%s - %s = %s', (a, b, difference) => expect(subQuantities(a, b)).toBe(difference))
  test('whole units and thousandths round away from zero', () => {
    expect([quantityValue('1Gi'), quantityValue('100m'), quantityValue('-100m'), quantityMilliValue('1.5'), quantityMilliValue('1u')]).toEqual([1073741824, 1, -1, 1500, 1])
  })
  test('and back to text', () => expect([quantityOf(2 ** 30, 'BinarySI'), milliQuantityOf(1500), milliQuantityOf(2000)]).toEqual(['1Gi', '1500m', '2']))
})
