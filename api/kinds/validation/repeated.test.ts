import { expect, test } from 'vitest'
import { isRepeated } from './repeated.ts'

test.each([3, 64, 65, 200_000])('of %i items the second of two is told', (length) => {
  const values = Array.from({ length }, (_, i) => `v${i}`)
  values[length - 1] = 'v0'
  expect(values.flatMap((value, i) => (isRepeated(values, value, i) ? [i] : []))).toEqual([length - 1])
})
