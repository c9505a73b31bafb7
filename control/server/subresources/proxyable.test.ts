import { describe, expect, test } from 'vitest'
import { isProxyable, proxyableAddress } from './proxyable.ts'

test.each(['10.244.0.7', '192.168.1.1', '2001:db8::7', 'fd00::1', '128.0.0.1', '::ffff:10.0.0.1'])('%s may be proxied to', (address) => expect(isProxyable(address)).toBe(true))

describe('this machine, its links and everybody may not', () => {
  test.each(['127.0.0.1', '127.9.9.9', '0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', 'localhost', '', '0177.0.0.1'])('%s', (address) => {
    expect(isProxyable(address)).toBe(false)
  })
})

test('names are as good as their addresses', async () => {
  await expect(proxyableAddress('localhost')).rejects.toThrow('address not allowed')
  await expect(proxyableAddress('no-such-name.invalid')).rejects.toThrow('address not allowed')
  expect(await proxyableAddress('192.0.2.7')).toBe('192.0.2.7')
})
