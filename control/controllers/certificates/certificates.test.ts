import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { isNotFound } from '../../../api/errors.ts'
import { certificateSigningRequests } from '../../../api/kinds/certificates-v1/certificate-signing-request.ts'
import type { CertificateSigningRequest } from '../../../api/types/certificates-v1.ts'
import { createAuthority, createRequest, generateKey } from '../../pki/certificate.ts'
import { certificateSigner, validityOf } from '../../pki/certificate-signer.ts'
import { subjectOf } from '../../pki/subject-of.ts'
import { startBench } from '../testing/bench.ts'
import { endOfRequest } from './csr-status.ts'
import { refusals } from './recognize.ts'

const nodeClient = ['digital signature', 'client auth']
const start = Date.parse('2026-01-01T00:00:00Z')
const node = { commonName: 'system:node:n1', organizations: ['system:nodes'] }

async function startWith(names: Parameters<typeof startBench>[0]) {
  const clock = { now: () => start } as Parameters<typeof createAuthority>[0]['clock']
  const authority = await createAuthority({ commonName: 'ca', clock })
  const bench = await startBench(names, { certificateSigner: certificateSigner({ authority, clock }) })
  const ask = async (name: string, subject: Parameters<typeof createRequest>[1], spec: object = {}) => {
    const request = Buffer.from(await createRequest((await generateKey()).pem, subject)).toString('base64')
    await bench.client.create(certificateSigningRequests, { metadata: { name }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: nodeClient, ...spec } as CertificateSigningRequest['spec'] })
  }
  const get = (name: string) => bench.client.get(certificateSigningRequests, { name })
  const decide = async (name: string, type: 'Approved' | 'Denied') => {
    const csr = await get(name)
    await bench.client.update(certificateSigningRequests, { ...csr, status: { conditions: [{ type, status: 'True', reason: 'ByHand', message: '', lastUpdateTime: '2026-01-01T00:00:00Z' }] } }, { subresource: 'approval' })
  }
  const issued = (name: string) => bench.eventually(async () => {
    const { status } = await get(name)
    if (!status?.certificate) throw new Error('not issued yet')
    return new X509Certificate(Buffer.from(status.certificate, 'base64'))
  })
  const approve = (name: string) => decide(name, 'Approved')
  return { bench, authority, ask, get, approve, decide, issued }
}

test('a node that may is approved by itself, and gets its certificate', async () => {
  const { ask, get, issued, authority } = await startWith(['csrapproving', 'csrsigning'])
  await ask('n1', node)
  const certificate = await issued('n1')
  expect((await get('n1')).status?.conditions).toEqual([expect.objectContaining({ type: 'Approved', reason: 'AutoApproved', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' })])
  expect(subjectOf(certificate)).toEqual({ commonName: 'system:node:n1', organizations: ['system:nodes'] })
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(certificate.ca).toBe(false)
  expect([certificate.validFromDate.getTime(), certificate.validToDate.getTime()]).toEqual([start - 300_000, start - 300_000 + 365 * 86_400_000])
})

test('anything else waits for a person, who may be obeyed or not', async () => {
  const { bench, ask, get, approve, issued } = await startWith(['csrapproving', 'csrsigning'])
  await ask('person', { commonName: 'jane', organizations: ['devs'] }, { signerName: 'kubernetes.io/kube-apiserver-client', expirationSeconds: 3600 })
  await ask('wrong', { commonName: 'jane' }, { signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] })
  await ask('foreign', { commonName: 'jane' }, { signerName: 'example.com/other' })
  await bench.clock.settle()
  expect((await get('person')).status).toEqual({})
  for (const name of ['person', 'wrong', 'foreign']) await approve(name)
  expect((await issued('person')).validToDate.getTime()).toBe(start + 3_600_000)
  expect((await get('wrong')).status).toMatchObject({ conditions: [{ type: 'Approved' }, { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: 'subject organization is not system:nodes' }] })
  expect((await get('foreign')).status?.certificate).toBeUndefined()
})

test('requests go when they have had their time', async () => {
  const { bench, ask, get, decide } = await startWith(['csrcleaner'])
  for (const name of ['pending', 'denied']) await ask(name, node)
  await decide('denied', 'Denied')
  await bench.clock.advance('59m')
  await get('denied')
  await bench.clock.advance('2m')
  await expect(get('denied')).rejects.toSatisfy(isNotFound)
  await bench.clock.advance('22h')
  await get('pending')
  await bench.clock.advance('1h')
  await expect(get('pending')).rejects.toSatisfy(isNotFound)
})

test('a decision counts from when it was made', () => {
  const csr = (conditions: object[], certificate?: string) => ({ metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }, status: { conditions, ...(certificate && { certificate }) } }) as CertificateSigningRequest
  const approved = { type: 'Approved', status: 'True', lastUpdateTime: '2026-01-01T05:00:00Z' }
  expect(endOfRequest(csr([approved]))).toBe(start + 29 * 3_600_000)
  expect(endOfRequest(csr([approved], 'x'))).toBe(start + 6 * 3_600_000)
  expect(endOfRequest(csr([approved, { type: 'Failed', status: 'True', lastUpdateTime: '2026-01-01T06:00:00Z' }]))).toBe(start + 7 * 3_600_000)
  expect(endOfRequest(csr([]))).toBe(start + 24 * 3_600_000)
  expect(endOfRequest(csr([{ type: 'Denied', status: 'True', lastUpdateTime: '2026-01-01T05:00:00Z' }]))).toBe(start + 6 * 3_600_000)
  expect(endOfRequest(csr([{ type: 'Approved', status: 'True' }]))).toBeUndefined()
})

test.each([
  [undefined, 31_536_000, -300, 31_536_000 - 300],
  [3600, 31_536_000, -300, 3600],
  [10, 31_536_000, -300, 600],
  [86_400 * 999, 86_400, -300, 86_400 - 300],
])('who asks for %s of %s seconds', (asked, most, from, to) => {
  expect(validityOf(asked, most, 0)).toEqual({ notBefore: from * 1000, notAfter: to * 1000 })
})

const request = (more: object) => ({ der: new Uint8Array(), commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [], ...more })
test.each<[string, object, string[], string | undefined]>([
  ['kube-apiserver-client-kubelet', {}, nodeClient, undefined],
  ['kube-apiserver-client-kubelet', {}, [...nodeClient, 'key encipherment'], undefined],
  ['kube-apiserver-client-kubelet', {}, ['client auth'], 'usages did not match [client auth digital signature key encipherment]'],
  ['kube-apiserver-client-kubelet', { commonName: 'n1' }, nodeClient, 'subject common name does not begin with system:node:'],
  ['kube-apiserver-client-kubelet', { dnsNames: ['n1'] }, nodeClient, 'DNS subjectAltNames are not allowed'],
  ['kube-apiserver-client-kubelet', { organizations: ['system:nodes', 'system:masters'] }, nodeClient, 'subject organization is not system:nodes'],
  ['kubelet-serving', {}, ['digital signature', 'server auth'], 'DNS or IP subjectAltName is required'],
  ['kubelet-serving', { dnsNames: ['n1'] }, ['digital signature', 'server auth'], undefined],
  ['kubelet-serving', { dnsNames: ['n1'], uris: ['x:y'] }, ['digital signature', 'server auth'], 'URI subjectAltNames are not allowed'],
  ['kube-apiserver-client', {}, ['server auth'], 'invalid usage for client certificate: server auth'],
  ['kube-apiserver-client', {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
  ['legacy-unknown', {}, ['any'], undefined],
])('%s, asked for %j with %j', (signer, more, usages, refusal) => {
  expect(refusals.get(`kubernetes.io/${signer}`)!(request(more), usages)).toBe(refusal)
})

test('a request is whose the server knows it to be, and says when it was decided', async () => {
  const { bench, ask, get } = await startWith([])
  await ask('liar', node, { username: 'system:node:n1', uid: '1', groups: ['system:nodes'], extra: { a: ['b'] } })
  const { spec } = await get('liar')
  expect([spec.username, spec.uid, spec.groups, spec.extra]).toEqual(['system:apiserver', undefined, ['system:masters', 'system:authenticated'], undefined])
  await bench.clock.advance('1m')
  const csr = await get('liar')
  await bench.client.update(certificateSigningRequests, { ...csr, spec: { ...spec, username: 'eve' }, status: { conditions: [{ type: 'Denied', status: 'True', reason: 'No', message: '' }] } }, { subresource: 'approval' })
  const time = '2026-01-01T00:01:00Z'
  expect(await get('liar')).toMatchObject({ spec: { username: 'system:apiserver' }, status: { conditions: [{ type: 'Denied', lastUpdateTime: time, lastTransitionTime: time }] } })
})
