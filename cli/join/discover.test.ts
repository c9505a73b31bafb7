import { beforeAll, describe, expect, test } from 'vitest'
import { detachedSignature } from '../../control/controllers/bootstrap/bootstrap-signer.ts'
import { createAuthority } from '../../control/pki/certificate.ts'
import { systemClock as clock } from '../../host/clock.ts'
import { parseToken, parseTtl } from './bootstrap-token.ts'
import { caHash, clusterInfo } from './cluster-settings.ts'
import { discover, parseServer, trusted } from './discover.ts'

const token = { id: 'abcdef', secret: '0123456789abcdef' }
const asked = 'https://192.0.2.1:6443'

describe('what a cluster says of itself', () => {
  let ca: string
  let other: string
  beforeAll(async () => {
    ca = (await createAuthority({ commonName: 'kubernetes', clock })).certificate
    other = (await createAuthority({ commonName: 'kubernetes', clock })).certificate
  })
  const signed = (kubeconfig: string, by = token) => ({ kubeconfig, [`jws-kubeconfig-${by.id}`]: detachedSignature(kubeconfig, by) })
  const judge = (data: Record<string, string>, caHashes = [caHash(ca)]) => trusted(data, { asked, token, caHashes })

  test('is believed when the token has signed it and the authority is the right one', () => {
    expect(judge(signed(clusterInfo('https://10.0.0.1:6443', ca)))).toEqual({ serverURL: 'https://10.0.0.1:6443', ca })
  })

  test('of its authorities only the one with the right key counts', () => {
    expect(judge(signed(clusterInfo(asked, other + ca))).ca).toBe(ca)
  })

  test.each<[string, () => Record<string, string>, RegExp]>([
    ['there is no signature of this token', () => ({ kubeconfig: clusterInfo(asked, ca) }), /does not know the token abcdef: it has expired, was deleted, or is another cluster's/],
    ['the signature is empty', () => ({ kubeconfig: clusterInfo(asked, ca), 'jws-kubeconfig-abcdef': '' }), /not signed with this token/],
    ['it is signed with another secret', () => signed(clusterInfo(asked, ca), { id: 'abcdef', secret: 'fedcba9876543210' }), /not signed with this token: the token's second half is wrong, or somebody else answers there/],
    ['it was changed after it was signed', () => ({ ...signed(clusterInfo(asked, ca)), kubeconfig: clusterInfo('https://192.0.2.66:6443', ca) }), /not signed with this token/],
    ['the authority is another one', () => signed(clusterInfo(asked, other)), /The authority of the cluster at https:\/\/192.0.2.1:6443 is not the one with sha256:/],
    ['it names no authority', () => signed(clusterInfo(asked, '')), /is not the one with sha256:/],
    ['it is no YAML', () => signed('{'), /its cluster-info is not a kubeconfig/],
    ['it is another thing', () => signed('[1, 2]'), /its cluster-info is not a kubeconfig/],
    ['its server is no URL', () => signed(clusterInfo('https://[', ca)), /its cluster-info is not a kubeconfig/],
    ['its server is without TLS', () => signed(clusterInfo('http://192.0.2.1', ca)), /its cluster-info is not a kubeconfig/],
    ['its authority is rubbish', () => signed(clusterInfo(asked, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')), /Cannot read the authority's certificate/],
  ])('is not believed when %s', (_, data, sentence) => { expect(() => judge(data())).toThrow(sentence) })

  test('no error shows the token’s secret', () => {
    for (const data of [{}, { kubeconfig: 'x' }, signed('{'), signed(clusterInfo(asked, other))]) {
      expect(() => judge(data as Record<string, string>)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(token.secret) }))
    }
  })

  test('a server that is not there is named', async () => {
    await expect(discover({ asked: 'https://127.0.0.1:1', token, caHashes: [], clock })).rejects.toThrow('Cannot reach https://127.0.0.1:1: connection refused')
  })
})

test.each([
  ['192.0.2.1', 'https://192.0.2.1:6443'], ['Server.local:443', 'https://server.local:443'.replace(':443', '')], ['2001:db8::1', 'https://[2001:db8::1]:6443'], ['[2001:db8::1]:7443', 'https://[2001:db8::1]:7443'],
  ['https://10.0.0.1:6443/', 'https://10.0.0.1:6443'], ['', undefined], ['a b', undefined], ['http://x', undefined], ['x:99999', undefined], ['x/path', undefined], ['-x', undefined],
])('the server %j is %s', (text, url) => { expect(parseServer(text)).toBe(url) })

test.each([['abcdef.0123456789abcdef', true], ['ABCDEF.0123456789abcdef', false], ['abcdef0123456789abcdef', false], ['abcdef.0123456789abcde', false], ['', false]])('token %j', (text, good) => {
  expect(parseToken(text) !== undefined).toBe(good)
})

test.each([['24h', 86_400], ['90m', 5400], ['1h30m', 5400], ['7d', 604_800], ['0', 0], ['', undefined], ['12', undefined], ['-1h', undefined], ['0h', undefined]])('a time to live of %j', (text, seconds) => {
  expect(parseTtl(text)).toBe(seconds)
})
