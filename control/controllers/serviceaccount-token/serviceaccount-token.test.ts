import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { isNotFound } from '../../../api/errors.ts'
import { secrets } from '../../../api/kinds/core-v1/secret.ts'
import { serviceAccounts } from '../../../api/kinds/core-v1/service-account.ts'
import type { Secret } from '../../../api/types/core-v1/config.ts'
import { legacyClaims } from '../../pki/account-token.ts'
import { isTokenOf, signToken, tokenKey } from '../../pki/token-key.ts'
import { startBench } from '../testing/bench.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const older = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const at = { namespace: 'default', name: 'bob' }
const text = (secret: Secret, key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()

async function startWith(more: object = {}) {
  const bench = await startBench(['serviceaccount-token'], { serviceAccountKey: privateKey, rootCA: 'PEM', ...more })
  const account = await bench.client.create(serviceAccounts, { metadata: at })
  await bench.clock.settle()
  const listed = async () => ((await bench.client.get(serviceAccounts, at)).secrets ?? []).map(({ name }) => name!)
  const tokens = async () => (await bench.client.list(secrets, { namespace: 'default' })).items.filter(({ type }) => type === 'kubernetes.io/service-account-token')
  const own = (name: string, more: object = {}) => bench.client.create(secrets, {
    metadata: { namespace: 'default', name, annotations: { 'kubernetes.io/service-account.name': 'bob' } }, type: 'kubernetes.io/service-account-token', ...more,
  })
  const secret = (name: string) => bench.client.get(secrets, { namespace: 'default', name })
  return { bench, account, listed, tokens, own, secret }
}

test('an account gets one Secret with a token, and lists it', async () => {
  const { account, listed, tokens } = await startWith()
  const [secret, ...more] = await tokens()
  expect(more).toEqual([])
  expect(secret!.metadata).toMatchObject({ name: expect.stringMatching(/^bob-token-[a-z0-9]{5}$/), annotations: { 'kubernetes.io/service-account.name': 'bob', 'kubernetes.io/service-account.uid': account.metadata.uid } })
  expect(await listed()).toEqual([secret!.metadata.name])
  expect([text(secret!, 'ca.crt'), text(secret!, 'namespace')]).toEqual(['PEM', 'default'])
  expect(isTokenOf(text(secret!, 'token'), legacyClaims('default', secret!.metadata.name!, { name: 'bob', uid: account.metadata.uid! }), [tokenKey(privateKey)])).toBe(true)
})

test('it can be turned off, and those who ask for a token still get one', async () => {
  const { bench, listed, tokens, own, secret } = await startWith({ legacyServiceAccountTokenNoAutoGeneration: true })
  expect([await tokens(), await listed()]).toEqual([[], []])
  await own('mine')
  await bench.clock.settle()
  expect(text(await secret('mine'), 'token')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(await listed()).toEqual([])
})

test('what is lost or damaged is mended, and what is right is left', async () => {
  const { bench, account, own, secret, listed, tokens } = await startWith()
  const good = { token: Buffer.from(signToken(privateKey, legacyClaims('default', 'good', { name: 'bob', uid: account.metadata.uid! }))).toString('base64'), 'ca.crt': Buffer.from('PEM').toString('base64'), extra: 'eA==' }
  await own('good', { data: good })
  await own('bad', { data: { ...good, 'ca.crt': 'eA==', namespace: 'eA==' } })
  await bench.clock.settle()
  expect((await secret('good')).data).toEqual({ ...good, namespace: 'ZGVmYXVsdA==' })
  const bad = await secret('bad')
  expect(bad.data!['token']).not.toBe(good.token)
  expect([text(bad, 'ca.crt'), text(bad, 'namespace')]).toEqual(['PEM', 'x'])
  const [name] = await listed()
  await bench.client.delete(secrets, { namespace: 'default', name: name! })
  await bench.clock.settle()
  const [another, ...more] = await listed()
  expect(more).toEqual([])
  expect(another).not.toBe(name)
  expect(await tokens()).toHaveLength(3)
})

test('a token of a key that counts no more is made anew; one of a key that still counts is kept', async () => {
  for (const [keys, kept] of [[[older], true], [[], false]] as const) {
    const { bench, account, own, secret } = await startWith({ serviceAccountKeys: keys })
    const token = Buffer.from(signToken(older, legacyClaims('default', 'old', { name: 'bob', uid: account.metadata.uid! }))).toString('base64')
    await own('old', { data: { token } })
    await bench.clock.settle()
    expect((await secret('old')).data!['token'] === token).toBe(kept)
  }
})

test('the Secrets go with their account, and are not for the next one of its name', async () => {
  const { bench, own, tokens, secret } = await startWith()
  await own('mine')
  await own('nobodys', { metadata: { namespace: 'default', name: 'nobodys', annotations: { 'kubernetes.io/service-account.name': 'eve' } } })
  await bench.clock.settle()
  await expect(secret('nobodys')).rejects.toSatisfy(isNotFound)
  expect(await tokens()).toHaveLength(2)
  await bench.client.delete(serviceAccounts, at)
  await bench.clock.settle()
  expect(await tokens()).toEqual([])
  await own('late', { metadata: { namespace: 'default', name: 'late', annotations: { 'kubernetes.io/service-account.name': 'bob', 'kubernetes.io/service-account.uid': 'older' } } })
  await bench.client.create(serviceAccounts, { metadata: at })
  await bench.clock.settle()
  await expect(secret('late')).rejects.toSatisfy(isNotFound)
  expect(await tokens()).toHaveLength(1)
  bench.writes.length = 0
  await bench.clock.advance('1h')
  expect(bench.writes).toEqual([])
})
