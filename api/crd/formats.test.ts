import { expect, test } from 'vitest'
import { hasFormat, isKnownFormat } from './formats.ts'

test.each<[string, string[], string[]]>([
  ['date-time', ['2026-11-21T02:03:04Z', '2026-11-21t02:03:04.5+01:00'], ['2026-11-21', '2026-13-01T00:00:00Z', 'now', '2026-11-21T25:00:00Z']],
  ['date', ['2024-02-29'], ['2023-02-29', '2024-2-1']],
  ['duration', ['1h30m', '5 seconds', '0'], ['5', 'x', '1y']],
  ['ipv4', ['10.0.0.1'], ['::1', '256.0.0.1']], ['ipv6', ['::1', 'fe80::1'], ['10.0.0.1', 'fe80::1%eth0']], ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']],
  ['hostname', ['example.com', 'a-b'], ['-a', 'a..b', 'a_b']], ['uri', ['https://x/y', '/path'], ['x y', 'no']], ['email', ['a@b.c', 'A B <a@b.c>'], ['a', '@b']], ['mac', ['00:11:22:33:44:55', '0011.2233.4455'], ['00:11:22:33:44', 'x']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'], ['123']], ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['byte', ['aGk=', ''], ['a']], ['hexcolor', ['#fff', '00ff00'], ['#ff']], ['rgbcolor', ['rgb(1,2,255)'], ['rgb(1,2,256)']], ['isbn', ['0321751043', '978-0321751041'], ['0321751044']], ['creditcard', ['4111-1111-1111-1111'], ['4111']],
  ['ssn', ['111-22-3333'], ['1']], ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['5']], ['k8s-short-name', ['a-b'], ['a.b']], ['k8s-long-name', ['a.b'], ['A']], ['password', ['any'], []], ['unheard-of', ['any'], []],
])('%s', (format, good, bad) => {
  for (const text of good) expect([text, hasFormat(format, text)]).toEqual([text, true])
  for (const text of bad) expect([text, hasFormat(format, text)]).toEqual([text, false])
})

test('formats belong to types', () => {
  expect([isKnownFormat('integer', 'int32'), isKnownFormat('integer', 'date'), isKnownFormat('number', 'double'), isKnownFormat('', 'datetime'), isKnownFormat('object', 'date')]).toEqual([true, false, true, true, false])
})
