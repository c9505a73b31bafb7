import { expect, test } from 'vitest'
import { chosenAddresses } from './chosen-addresses.ts'

test('networks choose among the addresses of the machine; none choose all', () => {
  const addresses = ['127.0.0.1', '192.0.2.1', '192.0.2.11', '::1', '2001:db8::1']
  expect(chosenAddresses([], addresses)).toBeUndefined()
  expect(chosenAddresses(['192.0.2.0/28', '2001:db8::/32'], addresses)).toEqual(['192.0.2.1', '192.0.2.11', '2001:db8::1'])
  expect(chosenAddresses(['192.0.2.1/32'], addresses)).toEqual(['192.0.2.1'])
  expect(chosenAddresses(['::/0'], addresses)).toEqual(['::1', '2001:db8::1'])
  expect(chosenAddresses(['203.0.113.0/24'], addresses)).toEqual([])
})
